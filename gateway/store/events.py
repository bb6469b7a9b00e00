"""Events: stored before they are answered, read once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, RowMapping, select, update

from gateway.model import Event, EventState
from gateway.store import rows
from gateway.store.tables import NEW, events, refusals


def add(connection: Connection, event: Event) -> int:
    """Store one event; its id."""
    values = {
        "source": event.source,
        "form": event.form,
        "received_at": event.received,
        "content_type": event.content_type,
        "query": event.query,
        "body": event.body,
        "state": event.state,
        "reason": event.reason,
    }
    return rows.insert(connection, events, values)


def new(connection: Connection, limit: int) -> list[int]:
    """The ids of events not yet read, oldest first."""
    found = select(events.c.id).where(NEW).order_by(events.c.id).limit(limit)
    return list(connection.scalars(found))


def load(connection: Connection, ids: Sequence[int]) -> list[Event]:
    found = connection.execute(select(events).where(events.c.id.in_(ids)).order_by(events.c.id))
    return [_event(row) for row in found]


def settle(connection: Connection, event_id: int, state: EventState, reason: str) -> bool:
    """Give a new event its state; False when another worker was first."""
    mine = update(events).where(events.c.id == event_id, events.c.state == EventState.NEW)
    return connection.execute(mine.values(state=state, reason=reason)).rowcount == 1


def renew(connection: Connection, event_id: int) -> None:
    """Let an event be read again, unless its leads are here meanwhile."""
    unread = update(events).where(events.c.id == event_id, events.c.state != EventState.READ)
    connection.execute(unread.values(state=EventState.NEW, reason=""))


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
