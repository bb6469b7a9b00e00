"""The leads of each piece of time are counted once in a while, for all who look.

What is over changes rarely, but it may: a held message leaves, somebody replays. So every piece is counted again, the
more rarely the longer that takes: with few leads every three seconds, with a hundred thousand about twice a minute.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway import clock
from gateway.console.shared import FRESH, PATIENCE
from gateway.console.today.spans import Piece
from gateway.store.daily import counts
from gateway.store.daily.counts import Group

#: Seconds that one look may count again what is over; the rest is left to the next looks.
_PATIENCE = 0.05

#: What was counted so many times longer ago than it is fresh is counted again by whoever comes.
_STALE = 6.0

#: Seconds after which what nobody looked at is let go.
_KEPT = 600.0


@dataclass(frozen=True, slots=True)
class _Counted:
    groups: Sequence[Group]
    at: float  #: By the monotonic clock.
    cost: float  #: Seconds it took.

    def age(self) -> float:
        return clock.monotonic() - self.at


class Counting:
    """What is known of each piece, whichever span it belongs to. One thread counts at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.known: dict[Piece, _Counted] = {}

    def look(self, connection: Connection, pieces: Sequence[Piece]) -> Sequence[Sequence[Group]]:
        """The groups of each piece, as fresh as their number lets them be. The last one is never over."""
        with self.lock:
            self._forget(pieces)
            for piece in self._worth_counting(pieces):
                self._count(connection, piece)
            return [self.known[piece].groups for piece in pieces]

    def _worth_counting(self, pieces: Sequence[Piece]) -> Iterator[Piece]:
        """What nobody knows or is stale, and of what is no longer fresh as much as there is time for."""
        fresh = _fresh(self.known[piece].cost for piece in pieces if piece in self.known)
        deadline = clock.monotonic() + _PATIENCE
        yield from [piece for piece in pieces if piece not in self.known or self._is_stale(piece, fresh)]
        yield from [piece for piece in pieces[-1:] if self.known[piece].age() > _fresh([self.known[piece].cost])]
        old = [piece for piece in pieces if self.known[piece].age() > fresh]
        for piece in sorted(old, key=lambda one: self.known[one].at):
            if clock.monotonic() < deadline:
                yield piece

    def _is_stale(self, piece: Piece, fresh: float) -> bool:
        return self.known[piece].age() > _STALE * fresh

    def _count(self, connection: Connection, piece: Piece) -> None:
        start = clock.monotonic()
        groups = counts.between(connection, piece.start, piece.end)
        now = clock.monotonic()
        self.known[piece] = _Counted(groups, now, now - start)

    def _forget(self, pieces: Sequence[Piece]) -> None:
        """What nobody has looked at for long."""
        self.known = {piece: one for piece, one in self.known.items() if one.age() < _KEPT or piece in pieces}


def _fresh(costs: Iterable[float]) -> float:
    """Seconds for which what took so long to count stays fresh."""
    return max(FRESH, PATIENCE * sum(costs))
