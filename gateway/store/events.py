"""Events: stored before they are answered, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, TextClause, bindparam, insert, select, update

from gateway.model import Event, EventState
from gateway.store import jobs, rows
from gateway.store.jobs import Kind
from gateway.store.tables import NEW, UNREADABLE, events, refusals

#: States by which an index finds events: in its very words.
_BY_INDEX: Mapping[str, TextClause] = {EventState.NEW: NEW, EventState.UNREADABLE: UNREADABLE}

_ADD = insert(events).returning(events.c.id, sort_by_parameter_order=True)

_SETTLE = (
    update(events)
    .where(events.c.id.in_(bindparam("ids", expanding=True)), NEW)
    .values(state=bindparam("became"), reason=bindparam("why"))
    .returning(events.c.id)
)


def add(connection: Connection, found: Sequence[Event]) -> list[int]:
    """Store events; their ids, in the same order."""
    ids = list(connection.scalars(_ADD, [_values(event) for event in found]))
    jobs.announce(connection, Kind.EVENT, ids)
    return ids


def _values(event: Event) -> dict[str, Any]:
    return {
        "source": event.source,
        "form": event.form,
        "received_at": event.received,
        "content_type": event.content_type,
        "query": event.query,
        "body": event.body,
        "state": event.state,
        "reason": event.reason,
    }


def new(connection: Connection, limit: int) -> list[int]:
    """The ids of events not yet read, oldest first."""
    found = select(events.c.id).where(NEW).order_by(events.c.id).limit(limit)
    return list(connection.scalars(found))


def load(connection: Connection, ids: Sequence[int]) -> list[Event]:
    found = connection.execute(select(events).where(events.c.id.in_(ids)).order_by(events.c.id))
    return [_event(row) for row in found]


def settle(connection: Connection, fates: Mapping[int, tuple[EventState, str]]) -> set[int]:
    """Give new events, by their ids, their states and reasons; the ids of those that no other worker was first with."""
    alike: dict[tuple[EventState, str], list[int]] = {}
    for event_id, event_fate in fates.items():
        alike.setdefault(event_fate, []).append(event_id)
    mine: set[int] = set()
    for (state, reason), ids in alike.items():
        for batch in rows.batches(ids):
            mine |= set(connection.scalars(_SETTLE, {"ids": batch, "became": state, "why": reason}))
    return mine


def renew(connection: Connection, event_id: int) -> None:
    """Let an event be read again, unless its leads are here meanwhile."""
    unread = update(events).where(events.c.id == event_id, events.c.state != EventState.READ)
    connection.execute(unread.values(state=EventState.NEW, reason=""))
    jobs.announce(connection, Kind.EVENT, [event_id])


def refuse(
    connection: Connection, source: str, cause: str, status: int, *, times: int, now: datetime, address: str
) -> None:
    """Count requests that were not stored."""
    row = {"source": source, "cause": cause, "status": status, "times": times, "last_at": now, "address": address}
    changes = {"times": refusals.c.times + times, "last_at": now, "status": status, "address": address}
    statement = rows.upsert(connection, refusals, row)
    connection.execute(statement.on_conflict_do_update(index_elements=["source", "cause"], set_=changes))


def refused(connection: Connection) -> Sequence[RowMapping]:
    """Source, cause, status, times, last_at, address; the latest first."""
    return connection.execute(select(refusals).order_by(refusals.c.last_at.desc())).mappings().all()


def heads(connection: Connection, *, state: str = "", before: int = 0, limit: int = 50) -> Sequence[RowMapping]:
    """The latest events without what was posted, newest first: id, source, form, received_at, state, reason.

    `before`: only those with a smaller id.
    """
    head = (events.c.id, events.c.source, events.c.form, events.c.received_at, events.c.state, events.c.reason)
    found = select(*head).order_by(events.c.id.desc()).limit(limit)
    if state:
        found = found.where(_BY_INDEX.get(state, events.c.state == state))
    if before:
        found = found.where(events.c.id < before)
    return connection.execute(found).mappings().all()


def listing(connection: Connection, *, state: str = "", source: str = "", limit: int | None = 50) -> list[Event]:
    """The latest events, newest first."""
    found = select(events).order_by(events.c.id.desc()).limit(limit)
    if state:
        found = found.where(events.c.state == state)
    if source:
        found = found.where(events.c.source == source)
    return [_event(row) for row in connection.execute(found)]


def _event(row: Row[Any]) -> Event:
    return Event(
        id=row.id,
        source=row.source,
        form=row.form,
        received=row.received_at,
        content_type=row.content_type,
        query=row.query,
        body=row.body,
        state=EventState(row.state),
        reason=row.reason,
    )
