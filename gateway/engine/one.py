"""One worker process on a SQLite ledger: it looks for itself what is due."""

from __future__ import annotations

import fcntl
import math
import time
from collections.abc import Sequence
from typing import IO

from sqlalchemy import Connection

from gateway import clock
from gateway.engine.work import Work
from gateway.errors import GatewayError
from gateway.store import deliveries, due, events, holds, leads, receipts
from gateway.store.bell import Listener
from gateway.store.ledger import Ledger

#: Events and leads taken in one turn: enough to share a commit, few enough to let other writers in soon.
BATCH = 100

#: Receipts taken in one turn: they come in crowds, and each is little work.
RECEIPTS = 20

#: Others' commits a second from which on webhooks are in a rush: what comes in is stored before anything else.
RUSH = 100.0

#: In a rush the worker rests so many times as long as its turn took, and so many seconds at most.
REST, LONGEST_REST = 5.0, 0.5

#: Seconds after which what is due and has not left is looked at again: what kept it may be over.
AGAIN = 0.2

#: Seconds between two looks at a clock that somebody may move.
MOVED = 0.1


class OneMachine:
    """One worker process beside the ledger: it looks for itself, and is rung for by those who commit.

    The ledger that it is given is the worker's own: what is committed through it wakes nobody.
    """

    def __init__(self, ledger: Ledger) -> None:
        """Raises GatewayError when another worker is at this ledger."""
        self.ledger = ledger
        self.alone = ledger.on_sqlite
        self._lock = only_worker(ledger) if ledger.on_sqlite else None
        ledger.hush()
        self._bell = Listener(ledger.bell_file if ledger.on_sqlite else None)
        self._left = False  # the last look found something due, which may not have left
        self._looked = clock.monotonic()

    def work(self, idle: int, lookups: int) -> Work:
        self._let_in()
        now = clock.now()
        with self.ledger.read() as connection:
            found = Work(
                events=events.new(connection, BATCH),
                plans=leads.due(connection, ("plan", "mapping"), now, BATCH),
                lookups=leads.due(connection, ("lookup",), now, lookups) if lookups else [],
                deliveries=deliveries.due(connection, now, idle) if idle else [],
                receipts=receipts.new(connection, RECEIPTS),
                probes=bool(idle) and holds.probe_due(connection, now),
            )
        self._left = bool(found.plans or found.lookups or found.deliveries or found.probes)
        return found

    def announce(self, connection: Connection, ids: Sequence[int]) -> None:
        """There are no others: the next look finds them."""

    def done(self, work: Work) -> None:
        """Nothing was handed out that anybody waits for."""

    def turned(self, *, well: bool) -> None:
        """There is nobody who could do better."""

    def wait(self, seconds: float) -> None:
        self._bell.wait(min(seconds, self._until_due()))

    def wake(self) -> None:
        self._bell.wake()

    def stop(self) -> None:
        """There are no others to give anything to."""

    def close(self) -> None:
        self._bell.close()
        if self._lock:
            self._lock.close()

    def _let_in(self) -> None:
        """In a rush, leave the write lock and the CPU to what comes in, without ever ceasing to send."""
        took = clock.monotonic() - self._looked
        if self._bell.count() >= max(RUSH * took, 2.0):
            time.sleep(min(REST * took, LONGEST_REST))
            self._bell.count()
        self._looked = clock.monotonic()

    def _until_due(self) -> float:
        """Seconds until a look is worth while, if nobody rings before."""
        if self._left or not self._bell.hears_others:
            return AGAIN
        longest = MOVED if clock.is_moved() else math.inf
        now = clock.now()
        with self.ledger.read() as connection:
            moment = due.next_moment(connection, now)
        return longest if moment is None else min(longest, (moment - now).total_seconds())


def only_worker(ledger: Ledger) -> IO[str]:
    """A lock that lives as long as this process, however it ends. Raises GatewayError when a worker has it."""
    lock = ledger.file.with_suffix(".worker").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise GatewayError(f"Another worker is running on {ledger.file}; one is all that SQLite takes.") from None
    return lock
