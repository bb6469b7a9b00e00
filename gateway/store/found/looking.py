"""Looking through the leads in their order, window after window, and never longer than a page may take."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from gateway.store.found.arms import arms_of, together
from gateway.store.found.wanted import Wanted
from gateway.store.tables import leads

#: Seconds after which no further window is looked through.
PATIENCE = 0.1

#: Leads of the first window, and of the widest: it grows while a wider one still fits into the time that is left.
WINDOWS = (1_200, 20_000)

#: By how much it grows.
_WIDER = 4

#: By an index, ids are named one by one: so many at a time.
_NAMED = 1_200

#: So many leads of a time are looked at for their ids.
_IN_TIME = 100_000

#: No id is higher.
_HIGHEST = 2**31 - 1

#: While it looks at answers it looks at the clock this often, in leads.
_OFTEN = 200


@dataclass(frozen=True, slots=True)
class Reach:
    """From where, and which way."""

    before: int = 0  #: Only leads of lower ids, the highest first; 0: all.
    after: int = 0  #: Instead: only leads of higher ids, the lowest first.

    @property
    def up(self) -> bool:
        return bool(self.after)


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found."""

    ids: tuple[int, ...]  #: Of leads, in the order in which they were met.
    further: int = 0  #: Where to go on: the lowest id (or highest) that was looked at; 0: nothing is left to look at.


def look(connection: Connection, wanted: Wanted, reach: Reach, most: int, patience: float = PATIENCE) -> Looked:
    """The next leads that are wanted, `most` at most; after so many seconds, those that were found until then."""
    return _Look(connection, wanted, reach, most, patience).done()


class _Look:
    """One look."""

    def __init__(self, connection: Connection, wanted: Wanted, reach: Reach, most: int, patience: float) -> None:
        self.connection = connection
        self.wanted = wanted
        self.up = reach.up
        self.most = most
        self.ends = time.monotonic() + patience
        self.arms = arms_of(wanted)
        self.low, self.high = self._bounds(reach)
        self.found: list[int] = []

    def done(self) -> Looked:
        size, widest = WINDOWS
        while self.low <= self.high:
            began = time.monotonic()
            edge, which = self._window(size)
            stopped = self._take(which)
            self._go_on(stopped or edge)
            now = time.monotonic()
            if stopped or now > self.ends:
                break
            if (now - began) * _WIDER * 2 < self.ends - now:
                size = min(size * _WIDER, widest)
        over = self.low > self.high
        return Looked(tuple(self.found), 0 if over else self.low - 1 if self.up else self.high + 1)

    def _bounds(self, reach: Reach) -> tuple[int, int]:
        """The lowest and the highest id that may be wanted."""
        high = reach.before - 1 if reach.before else self.connection.scalar(select(func.max(leads.c.id))) or 0
        low = reach.after + 1
        if self.wanted.since or self.wanted.until:
            first, last = self._bounds_of_time()
            low, high = max(low, first), min(high, last)
        return low, high

    def _bounds_of_time(self) -> tuple[int, int]:
        """The lowest and the highest id of the leads that came in the time that is wanted; those that came then may
        have any ids between. Where very many did, every lead is looked at: nearly any window holds some."""
        came = select(leads.c.id).where(*self.wanted.came()).limit(_IN_TIME + 1).subquery()
        count, first, last = self.connection.execute(
            select(func.count(), func.min(came.c.id), func.max(came.c.id)).select_from(came)
        ).one()
        if not count:
            return 1, 0
        return (first, last) if count <= _IN_TIME else (1, _HIGHEST)

    def _window(self, size: int) -> tuple[int, ColumnElement[bool]]:
        """How far the next window reaches, and the leads in it."""
        if self.arms:
            edge, ids = together(self.connection, self.arms, self.low, self.high, min(size, _NAMED), up=self.up)
            return edge, leads.c.id.in_(ids)
        low = self.low if self.up else max(self.low, self.high - size + 1)
        high = min(self.high, self.low + size - 1) if self.up else self.high
        return high if self.up else low, leads.c.id.between(low, high)

    def _take(self, which: ColumnElement[bool]) -> int:
        """Note what is wanted of a window: the id at which enough was found, or it took too long; 0: all was seen."""
        columns = (leads.c.id, leads.c.answers) if self.wanted.text else (leads.c.id,)
        found: Select[Any] = select(*columns).where(which, *self.wanted.conditions())
        found = found.order_by(leads.c.id if self.up else leads.c.id.desc())
        if not self.wanted.text:
            found = found.limit(self.most - len(self.found))
        for number, row in enumerate(self.connection.execute(found), start=1):
            if not self.wanted.text or self.wanted.says(row.answers):
                self.found.append(row.id)
            late = number % _OFTEN == 0 and time.monotonic() > self.ends
            if late or len(self.found) == self.most:
                return int(row.id)
        return 0

    def _go_on(self, edge: int) -> None:
        if self.up:
            self.low = edge + 1
        else:
            self.high = edge - 1
