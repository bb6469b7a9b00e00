"""Any number of workers on one PostgreSQL ledger: Procrastinate hands out ids, and gives a dead worker's to others."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy import Connection

from gateway import clock
from gateway.engine.inbox import About, Inbox
from gateway.engine.line import Line
from gateway.engine.one import AGAIN, MOVED
from gateway.engine.work import Work
from gateway.store import holds, jobs
from gateway.store.bell import Listener
from gateway.store.deliveries import still_due
from gateway.store.jobs import Kind, Queue
from gateway.store.ledger import Ledger

#: Events, leads and receipts that a worker has at one time: enough to share a commit, few enough to leave others some.
READING = 50

#: So many more calls than threads wait in a worker: the next one is there when a thread is idle.
AHEAD = 4

#: Turns that fail one after the other until others get what this worker has.
PATIENCE = 3

#: One more than works: a sweep that hangs holds no other up.
SWEEPING = 2


class Many:
    """One worker of any number: it has what jobs brought, until it was dealt with."""

    alone = False

    def __init__(self, ledger: Ledger, threads: int) -> None:
        """`threads`: how many calls the worker makes at one time."""
        self.ledger = ledger
        self._inbox = Inbox()
        self._bell = Listener(None)
        self._kept: set[About] = set()
        self._most = threads + AHEAD
        self._failed = 0  # turns, one after the other
        self._resting = False
        at_once = {
            Queue.READING: READING,
            Queue.LOOKING_UP: (threads + 1) // 2 + AHEAD,
            Queue.SENDING: self._most,
            Queue.SWEEPING: SWEEPING,
        }
        self._line = Line(ledger, at_once, self._hand_over)

    def work(self, idle: int, lookups: int) -> Work:
        self._kept.clear()
        return Work(
            events=self._inbox.look(Kind.EVENT, READING),
            plans=self._inbox.look(Kind.PLAN, READING),
            lookups=self._inbox.look(Kind.LOOKUP, lookups),
            deliveries=self._inbox.look(Kind.DELIVERY, idle),
            receipts=self._inbox.look(Kind.RECEIPT, READING),
            probes=bool(idle) and self._probe_due(),
        )

    def announce(self, connection: Connection, ids: Sequence[int]) -> None:
        """What a job has brought stays here (for want of a thread, or of the rate), and so does what comes next; the
        rest becomes jobs. What stays without a job, and never leaves as this worker dies, the ledger announces."""
        waiting = still_due(connection, ids, clock.now()) if ids else []
        self._kept = {(Kind.DELIVERY, one) for one in waiting if self._inbox.has((Kind.DELIVERY, one))}
        others = [one for one in waiting if (Kind.DELIVERY, one) not in self._kept]
        jobs.announce(connection, Kind.DELIVERY, self._inbox.keep(Kind.DELIVERY, others, self._most))

    def done(self, work: Work) -> None:
        self._end(self._inbox.take_out(about for about in _about(work) if about not in self._kept))

    def wait(self, seconds: float) -> None:
        shortest = AGAIN if self._kept else MOVED if clock.is_moved() else seconds
        self._bell.wait(min(seconds, shortest))

    def wake(self) -> None:
        self._bell.wake()

    def turned(self, *, well: bool) -> None:
        """What a worker holds that cannot work would wait beside others that can, as it is alive."""
        self._failed = 0 if well else self._failed + 1
        if self._failed == PATIENCE:
            self._resting = True
            self._end(self._inbox.close())
            self._line.rest()
        elif well and self._resting:
            self._resting = False
            self._inbox.open()
            self._line.go_on()

    def stop(self) -> None:
        """What is still here goes back: it is announced again within a second or two."""
        self._resting = False
        self._end(self._inbox.close())
        self._line.stop()

    def close(self) -> None:
        self.stop()
        self._line.join()
        self._bell.close()

    async def _hand_over(self, kind: Kind, one: int, priority: int) -> None:
        """On the loop's thread: give the worker something to do, and wait until it was done."""
        over = asyncio.Event()
        if self._inbox.put((kind, one), priority, over):
            self.wake()
            await over.wait()

    def _end(self, over: Sequence[asyncio.Event]) -> None:
        def end() -> None:
            for job in over:
                job.set()

        if over:
            self._line.call(end)

    def _probe_due(self) -> bool:
        with self.ledger.read() as connection:
            return holds.probe_due(connection, clock.now())


def _about(work: Work) -> list[About]:
    handed = {
        Kind.EVENT: work.events,
        Kind.PLAN: work.plans,
        Kind.LOOKUP: work.lookups,
        Kind.DELIVERY: work.deliveries,
        Kind.RECEIPT: work.receipts,
    }
    return [(kind, one) for kind, ids in handed.items() for one in ids]
