"""Who is alive: each long-running process says so every second or two. And what time it is, for all of them."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, select

from gateway import clock
from gateway.store import rows
from gateway.store.tables import heartbeats

#: What a process may be.
WORKER, WEB = "worker", "web"

#: A worker that has not spoken for this long is not well.
SILENT_SECONDS = 15

#: Of a process that has not spoken for this long nothing is known any more.
FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pulse:
    """What a process said last."""

    at: datetime
    state: str  #: "running", "failing", "stopping" or "stopped".
    name: str = ""  #: Of the machine and the process: "host:123".


def beat(connection: Connection, kind: str, state: str, now: datetime) -> None:
    """This process lives, and is well or not."""
    row = {"process": f"{kind} {socket.gethostname()}:{os.getpid()}", "at": now, "state": state}
    statement = rows.upsert(connection, heartbeats, row)
    connection.execute(statement.on_conflict_do_update(index_elements=["process"], set_={"at": now, "state": state}))


def of(connection: Connection, kind: str) -> list[Pulse]:
    """What each process of a kind said last, the latest first."""
    found = select(heartbeats).where(heartbeats.c.process.startswith(f"{kind} ")).order_by(heartbeats.c.at.desc())
    return [Pulse(row.at, row.state, row.process.partition(" ")[2]) for row in connection.execute(found)]


def fault(worker: Pulse, now: datetime) -> str:
    """What is wrong with a worker; "" while it is well."""
    if worker.state != "running":
        return "the worker has stopped" if worker.state == "stopped" else f"the worker is {worker.state}"
    silent = (now - worker.at).total_seconds()
    return f"the worker has been silent for {silent:.0f} seconds" if silent > SILENT_SECONDS else ""


def prune(connection: Connection, now: datetime) -> None:
    """Forget processes that have been silent for long."""
    connection.execute(delete(heartbeats).where(heartbeats.c.at < now - FORGOTTEN))


def align(connection: Connection) -> None:
    """On PostgreSQL the database's clock decides for all machines: go by it."""
    if connection.dialect.name != "postgresql":
        return
    before = datetime.now(UTC)
    theirs = connection.execute(select(func.clock_timestamp())).scalar_one()
    clock.align(theirs - before - (datetime.now(UTC) - before) / 2)
