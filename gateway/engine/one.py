"""One worker process on a SQLite ledger: it looks for itself what is due."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Sequence
from typing import IO, Any

from sqlalchemy import Connection

from gateway import clock
from gateway.engine.work import Work
from gateway.errors import GatewayError
from gateway.store import deliveries, events, holds, leads, receipts
from gateway.store.ledger import Ledger

#: Events and leads taken in one turn: enough to share a commit, few enough to let other writers in soon.
BATCH = 10

#: Receipts taken in one turn: they come in crowds, and each is little work.
RECEIPTS = 20


class OneMachine:
    """One worker process beside the ledger: it looks for itself, and hears of other processes' commits."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.alone = ledger.on_sqlite
        self._lock = _only_worker(ledger) if ledger.on_sqlite else None
        self._woken = threading.Event()
        self._watch = ledger.engine.raw_connection() if ledger.on_sqlite else None
        self._version = self._data_version()

    def work(self, idle: int) -> Work:
        now = clock.now()
        with self.ledger.read() as connection:
            return Work(
                events=events.new(connection, BATCH),
                plans=leads.due(connection, ("plan", "mapping"), now, BATCH),
                lookups=leads.due(connection, ("lookup",), now, idle) if idle else [],
                deliveries=deliveries.due(connection, now, idle) if idle else [],
                receipts=receipts.new(connection, RECEIPTS),
                probes=bool(idle) and holds.probe_due(connection, now),
            )

    def announce(self, connection: Connection, deliveries: Sequence[int]) -> None:
        """There are no others: the next look finds them."""

    def done(self, work: Work) -> None:
        """Nothing was handed out that anybody waits for."""

    def wait(self, seconds: float) -> None:
        deadline = clock.monotonic() + seconds
        pause = min(0.01 if self._watch else 0.1, seconds)
        while not self._woken.wait(pause) and clock.monotonic() < deadline:
            if self._changed():
                break
        self._woken.clear()

    def wake(self) -> None:
        self._woken.set()

    def close(self) -> None:
        if self._watch:
            self._watch.close()
        if self._lock:
            self._lock.close()

    def _changed(self) -> bool:
        before, self._version = self._version, self._data_version()
        return bool(before != self._version)

    def _data_version(self) -> Any:
        """A number that moves when another connection commits; costs microseconds."""
        return self._watch.cursor().execute("PRAGMA data_version").fetchone()[0] if self._watch else 0


def _only_worker(ledger: Ledger) -> IO[str]:
    """A lock that lives as long as this process, however it ends."""
    lock = ledger.file.with_suffix(".worker").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise GatewayError(f"Another worker is running on {ledger.file}; one is all that SQLite takes.") from None
    return lock
