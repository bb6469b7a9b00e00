"""Alerts: what was wrong with sending, from when until when, and how many messages it kept back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from gateway.store import rows
from gateway.store.tables import GOES_ON, alerts


@dataclass(frozen=True, slots=True)
class Alert:
    """One thing that was wrong, once."""

    id: int
    key: str  #: What it is about: the key of a hold, TROUBLE or DAY.
    cause: str
    started: datetime
    ended: datetime | None  #: None: it goes on.
    messages: int  #: How many it kept back.


#: Counts what would leave now.
Waiting = Callable[[Connection, datetime], int]

#: AiSensy does not answer, or only says "not now".
TROUBLE = "aisensy"

#: The calls of the day are used up.
DAY = "day"

#: What keeps messages back without holding each: those that are due just wait.
WITHOUT_A_HOLD = (TROUBLE, DAY)


def begin(connection: Connection, key: str, cause: str, now: datetime) -> bool:
    """Something is wrong from now on; False when that is known."""
    row = {"key": key, "cause": cause, "started_at": now}
    statement = rows.upsert(connection, alerts, row)
    once = statement.on_conflict_do_nothing(index_elements=["key"], index_where=GOES_ON)
    return connection.execute(once.returning(alerts.c.id)).first() is not None


def count(connection: Connection, key: str, messages: int) -> None:
    """So many more are kept back by what goes on."""
    mine = update(alerts).where(alerts.c.key == key, GOES_ON)
    connection.execute(mine.values(messages=alerts.c.messages + messages))


def end(connection: Connection, key: str, now: datetime, waiting: Waiting | None = None) -> Alert | None:
    """It is over; None when nothing was wrong. `waiting` counts what it kept back, where it held nothing."""
    mine = and_(alerts.c.key == key, GOES_ON)
    if connection.execute(select(alerts.c.id).where(mine)).first() is None:
        return None
    values = {"ended_at": now} | ({"messages": waiting(connection, now)} if waiting else {})
    row = connection.execute(update(alerts).where(mine).values(values).returning(alerts)).one_or_none()
    return _alert(row) if row else None


def listing(connection: Connection, limit: int | None = 50) -> list[Alert]:
    """What goes on, then what is over; of each the newest first."""
    order = (alerts.c.ended_at.is_not(None), alerts.c.id.desc())
    return [_alert(row) for row in connection.execute(select(alerts).order_by(*order).limit(limit))]


def _alert(row: Row[Any]) -> Alert:
    return Alert(row.id, row.key, row.cause, row.started_at, row.ended_at, row.messages)
