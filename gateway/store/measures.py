"""Figures for those who watch from outside. Each costs the same however long the ledger has grown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, TextClause, func, literal_column, select

from gateway.model import DeliveryState, LeadState
from gateway.store import alerts, pulse
from gateway.store.deliveries import Rank
from gateway.store.pulse import Pulse
from gateway.store.tables import (
    GOES_ON,
    HELD,
    NEW,
    OPEN,
    SENDING,
    TROUBLED,
    WAITING,
    attempts,
    deliveries,
    events,
    leads,
    mapping_versions,
    receipts,
    refusals,
)
from gateway.store.tables import alerts as alert_rows

#: What a row must be; as text where it stands in the words of an index.
Condition = ColumnElement[bool] | TextClause

#: Counts stop here: who watches needs to know "too many", not how many more.
MOST = 1_000

#: Failures older than this are history.
RECENT = timedelta(hours=1)

#: Lead states in which somebody ought to look, or something is to come.
LOOKED_AT = (LeadState.WAITING, LeadState.UNMAPPED, LeadState.SUSPECTED)

#: Tables whose rows are never deleted: the highest id says how many there were.
LASTING = {"events": events, "leads": leads, "deliveries": deliveries, "attempts": attempts, "receipts": receipts}


@dataclass(frozen=True, slots=True)
class Measures:
    """One look at the ledger. Ages are in seconds, 0 when nothing waits; counts stop at MOST."""

    oldest_due: float  #: Of the delivery that should have left first.
    oldest_event: float  #: Of the event that should have been read first.
    oldest_lead: float  #: Of the lead whose look-up or plan should have come first.
    slowed: bool  #: AiSensy is in trouble, or the calls of the day are used up: no further worker would help.
    due: Mapping[str, int]  #: What may leave now, by rank.
    later: int  #: Scheduled or retrying, not due yet.
    sending: int
    held: Mapping[str, int]  #: By the kind of what holds it.
    uncertain: int
    failed: int  #: Within RECENT.
    leads: Mapping[str, int]  #: Of LOOKED_AT.
    new_events: int
    new_receipts: int
    open_alerts: Mapping[str, int]  #: By the kind of what is wrong.
    refused: Mapping[tuple[str, str], int]  #: By source and cause, since the ledger was made.
    highest: Mapping[str, int]  #: The highest id of each LASTING table.
    version: int  #: Of the live mappings; 0: none yet.
    workers: Sequence[Pulse]  #: What each worker said last.


def take(connection: Connection, now: datetime) -> Measures:
    """Look once, all of it at the same moment if `connection` is a consistent read."""
    asked = _ages(now) | _counts(now) | _highest()
    row = connection.execute(select(*(one.scalar_subquery().label(name) for name, one in asked.items()))).one()
    found = row._asdict()
    late = {name: _seconds(found[name], now) for name in _ages(now)}
    open_alerts = list(connection.scalars(select(alert_rows.c.key).where(GOES_ON)))
    return Measures(
        oldest_due=max(late[f"oldest {rank.name}"] for rank in Rank),
        oldest_event=late["oldest event"],
        oldest_lead=late["oldest lead"],
        slowed=any(key in alerts.WITHOUT_A_HOLD for key in open_alerts),
        due={rank.name.lower(): found[f"due {rank.name}"] for rank in Rank},
        later=min(MOST, sum(found[f"later {rank.name}"] for rank in Rank)),
        sending=found["sending"],
        held=_held(connection),
        uncertain=found["uncertain"],
        failed=found["failed"],
        leads={str(state): found[f"leads {state}"] for state in LOOKED_AT},
        new_events=found["new events"],
        new_receipts=found["new receipts"],
        open_alerts=Counter(map(_kind, open_alerts)),
        refused={(row.source, row.cause): row.times for row in connection.execute(select(refusals))},
        highest={name: found[f"highest {name}"] or 0 for name in LASTING},
        version=found["highest version"] or 0,
        workers=pulse.of(connection, pulse.WORKER),
    )


def _ages(now: datetime) -> dict[str, Select[Any]]:
    """The moment since which the first of each kind waits."""
    first: dict[str, Select[Any]] = {
        "oldest event": select(events.c.received_at).where(NEW).order_by(events.c.id),
        "oldest lead": select(leads.c.due_at).where(WAITING, leads.c.due_at <= now).order_by(leads.c.due_at),
    }
    for rank in Rank:
        due = select(deliveries.c.due_at).where(*_of(rank), deliveries.c.due_at <= now)
        first[f"oldest {rank.name}"] = due.order_by(deliveries.c.due_at)
    return {name: one.limit(1) for name, one in first.items()}


def _counts(now: datetime) -> dict[str, Select[Any]]:
    counts = {
        "sending": _count(deliveries, SENDING),
        "uncertain": _count(deliveries, TROUBLED, deliveries.c.state == DeliveryState.UNCERTAIN),
        "failed": _count(
            deliveries, TROUBLED, deliveries.c.state == DeliveryState.FAILED, deliveries.c.changed_at > now - RECENT
        ),
        "new events": _count(events, NEW),
        "new receipts": _count(receipts, NEW),
    }
    counts |= {f"leads {state}": _count(leads, leads.c.state == state) for state in LOOKED_AT}
    for rank in Rank:
        counts[f"due {rank.name}"] = _count(deliveries, *_of(rank), deliveries.c.due_at <= now)
        counts[f"later {rank.name}"] = _count(deliveries, *_of(rank), deliveries.c.due_at > now)
    return counts


def _highest() -> dict[str, Select[Any]]:
    tables = LASTING | {"version": mapping_versions}
    return {f"highest {name}": select(func.max(table.c.id)) for name, table in tables.items()}


def _of(rank: Rank) -> tuple[Condition, ...]:
    return OPEN, deliveries.c.rank == rank


def _count(table: Table, *which: Condition) -> Select[Any]:
    some: Select[Any] = select(literal_column("1").label("one")).select_from(table).where(*which).limit(MOST)
    return select(func.count()).select_from(some.subquery())


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _held(connection: Connection) -> dict[str, int]:
    some = select(deliveries.c.hold).where(HELD).limit(MOST).subquery()
    found: Counter[str] = Counter()
    for hold, count in connection.execute(select(some.c.hold, func.count()).group_by(some.c.hold)):
        found[_kind(hold)] += count
    return found


def _kind(key: str) -> str:
    """The first word of a key: the rest is the name of a campaign or of an account."""
    return key.partition(" ")[0]
