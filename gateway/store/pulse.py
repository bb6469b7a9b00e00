"""Who is alive: each long-running process says so every second or two."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from gateway.store import rows
from gateway.store.tables import heartbeats


def beat(connection: Connection, process: str, state: str, now: datetime) -> None:
    row = {"process": process, "at": now, "state": state}
    statement = rows.upsert(connection, heartbeats, row)
    connection.execute(statement.on_conflict_do_update(index_elements=["process"], set_={"at": now, "state": state}))


def last(connection: Connection, process: str) -> tuple[datetime, str] | None:
    """When a process last spoke, and what it said ("running", "stopping")."""
    row = connection.execute(select(heartbeats).where(heartbeats.c.process == process)).one_or_none()
    return (row.at, row.state) if row else None
