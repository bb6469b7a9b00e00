"""What AiSensy told about each campaign, and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select

from gateway.model import Contract, Media, Seen
from gateway.store import rows
from gateway.store.tables import contracts


@dataclass(frozen=True, slots=True)
class Told:
    """AiSensy's newest word on a campaign."""

    seen: Seen
    at: datetime  #: When it was asked last.
    since: datetime  #: Since when it says so.


def all_of(connection: Connection) -> dict[str, Told]:
    """Campaign → what is known of it."""
    return {row.campaign: _told(row) for row in connection.execute(select(contracts))}


def note(connection: Connection, campaign: str, seen: Seen, now: datetime) -> bool:
    """Write down what AiSensy told; whether it says something else than before (the first word counts as such)."""
    before = all_of(connection).get(campaign)
    changed = before is None or before.seen != seen
    values: dict[str, Any] = {
        "params": seen.contract.params if seen.contract else None,
        "media": seen.contract.media if seen.contract else "",
        "missing": int(seen.missing),
        "status": seen.status,
        "says": seen.says,
        "seen_at": now,
        "changed_at": now if before is None or changed else before.since,
    }
    statement = rows.upsert(connection, contracts, {"campaign": campaign} | values)
    connection.execute(statement.on_conflict_do_update(index_elements=["campaign"], set_=values))
    return changed


def forget(connection: Connection, campaigns: Collection[str]) -> None:
    """Let what was told about some campaigns go: a person knows better, until AiSensy is asked again."""
    connection.execute(delete(contracts).where(contracts.c.campaign.in_(campaigns)))


def _told(row: Row[Any]) -> Told:
    contract = Contract(row.params, Media(row.media)) if row.params is not None else None
    return Told(Seen(contract, bool(row.missing), row.status, row.says), row.seen_at, row.changed_at)
