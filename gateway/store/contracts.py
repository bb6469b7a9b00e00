"""What AiSensy told about each campaign, and when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from gateway.model import Contract, Media, Seen
from gateway.store import rows
from gateway.store.tables import contracts


@dataclass(frozen=True, slots=True)
class Told:
    """AiSensy's newest word on a campaign."""

    seen: Seen
    at: datetime  #: When it was asked last.
    since: datetime  #: Since when it says so, of the contract or that there is none.


def all_of(connection: Connection) -> dict[str, Told]:
    """Campaign → what is known of it."""
    return {row.campaign: of_row(row, row.changed_at) for row in connection.execute(select(contracts))}


def of(connection: Connection, campaign: str) -> Told | None:
    """What is known of one campaign; None when nothing was ever asked about it."""
    row = connection.execute(select(contracts).where(contracts.c.campaign == campaign)).one_or_none()
    return of_row(row, row.changed_at) if row else None


def take(connection: Connection, campaign: str, before: Told | None, now: datetime) -> bool:
    """Win the right to ask about a campaign; False when another worker has asked since `before` was read."""
    if before is None:
        row = {"campaign": campaign, "seen_at": now, "changed_at": now}
        statement = rows.upsert(connection, contracts, row).on_conflict_do_nothing(index_elements=["campaign"])
        return connection.execute(statement.returning(contracts.c.campaign)).first() is not None
    mine = update(contracts).where(contracts.c.campaign == campaign, contracts.c.seen_at == before.at)
    return connection.execute(mine.values(seen_at=now)).rowcount == 1


def note(connection: Connection, campaign: str, seen: Seen, now: datetime) -> Told:
    """Write down what AiSensy told; what is known then. An answer that tells no contract takes none away."""
    before = of(connection, campaign)
    known = _known(before.seen, seen) if before else seen
    same = before is not None and _proof(before.seen) == _proof(known)
    since = before.since if before and same else now
    values: dict[str, Any] = {
        "params": known.contract.params if known.contract else None,
        "media": known.contract.media if known.contract else "",
        "missing": int(known.missing),
        "status": known.status,
        "says": known.says,
        "seen_at": now,
        "changed_at": since,
    }
    statement = rows.upsert(connection, contracts, {"campaign": campaign} | values)
    connection.execute(statement.on_conflict_do_update(index_elements=["campaign"], set_=values))
    return Told(known, now, since)


def _known(before: Seen, seen: Seen) -> Seen:
    """The newest word; where that proves nothing, what was proven before stays beside its sentence."""
    if seen.contract or seen.missing:
        return seen
    missing = before.missing and not seen.status  # an answer that shows its state shows that it is there
    return replace(seen, contract=before.contract, missing=missing, status=seen.status or before.status)


def _proof(seen: Seen) -> tuple[Contract | None, bool]:
    return seen.contract, seen.missing


def forget(connection: Connection, campaigns: Collection[str]) -> None:
    """Let what was told about some campaigns go: a person knows better, until AiSensy is asked again."""
    connection.execute(delete(contracts).where(contracts.c.campaign.in_(campaigns)))


def of_row(row: Row[Any], since: datetime) -> Told:
    """A row of the table, or one that is joined to it, as a noun."""
    contract = Contract(row.params, Media(row.media)) if row.params is not None else None
    return Told(Seen(contract, bool(row.missing), row.status, row.says), row.seen_at, since)
