"""Group commit: requests that arrive together share one transaction, so that a slow disk serves many by one sync."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeAlias, TypeVar

from gateway.store import rows

Item = TypeVar("Item")
Stored = TypeVar("Stored")

#: Gives what is to be written; asked once, as late as can be, so that all that came meanwhile is among it.
Take: TypeAlias = Callable[[], Sequence[Item]]


class _Ticket(Generic[Item, Stored]):
    """One thread's item, and what came of it."""

    __slots__ = ("error", "item", "leads", "stored", "turn")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.leads = False  # whether its thread is to write what waits
        self.stored: Stored | None = None
        self.error: BaseException | None = None
        self.turn = threading.Lock()  # cheaper than an Event: held until its thread shall go on
        self.turn.acquire()


class Together(Generic[Item, Stored]):
    """Stores the items of many threads, each when it is there, as many as wait by one commit.

    The first of those that wait writes for all of them; who comes meanwhile waits for the next commit. No thread of
    its own, and one that is alone waits for nobody.
    """

    def __init__(self, write: Callable[[Take[Item]], Sequence[Stored]]) -> None:
        """`write`: one transaction, which takes the items once it may write; durable once it returns what was stored,
        in the order of the items."""
        self._write = write
        self._lock = threading.Lock()
        self._waiting: list[_Ticket[Item, Stored]] = []
        self._writing = False

    def store(self, item: Item) -> Stored | None:
        """What `write` gave for this item, once it is durable; raises what kept it from being so."""
        ticket = _Ticket[Item, Stored](item)
        with self._lock:
            self._waiting.append(ticket)
            ticket.leads = not self._writing
            self._writing = True
        if not ticket.leads:
            ticket.turn.acquire()
        if ticket.leads:
            self._lead()
        if ticket.error is not None:
            raise ticket.error
        return ticket.stored

    def _lead(self) -> None:
        """Write all that waits, this thread's own among it, then let the next one lead."""
        batch: list[_Ticket[Item, Stored]] = []
        try:
            self._settle(batch, lambda: self._take(batch))
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._writing = following is not None
            if following:
                following.leads = True
                following.turn.release()
            for ticket in batch:
                if not ticket.leads:
                    ticket.turn.release()

    def _take(self, batch: list[_Ticket[Item, Stored]]) -> list[Item]:
        """Put all that waits into `batch`."""
        with self._lock:
            batch += self._waiting
            self._waiting = []
        return [ticket.item for ticket in batch]

    def _settle(self, batch: list[_Ticket[Item, Stored]], take: Take[Item]) -> None:
        """One commit for all; an odd item that the database refuses hurts nobody else."""
        try:
            found = self._write(take)
        except BaseException as error:  # noqa: BLE001 - whatever it is, each of those that wait must hear of it
            if not batch:
                self._take(batch)  # it failed before it could begin
            if len(batch) > 1 and rows.is_refusal(error):
                for ticket in batch:
                    self._settle([ticket], lambda ticket=ticket: [ticket.item])  # type: ignore[misc]  # a default, bound now
                return
            for ticket in batch:
                ticket.error = error
        else:
            for ticket, stored in zip(batch, found, strict=True):
                ticket.stored = stored
