"""What needs a person now, the most pressing first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import chain

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.shared import Shared
from gateway.console.today.needs import around, people, stops
from gateway.console.today.needs.folder import Folder
from gateway.console.today.needs.look import Look
from gateway.console.today.needs.need import BAD, CALM, WARN, Need

_ORDER = (BAD, WARN, CALM)

#: What looks for needs.
_LOOKERS: tuple[Callable[[Look], Iterator[Need]], ...] = (around.needs, stops.needs, people.needs)


class Needs:
    """What needs a person, worked out once for all who look."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.folder = Folder(desk)
        self.shared = Shared(self._find)

    def now(self) -> tuple[Need, ...]:
        return self.shared.get()

    def _find(self) -> tuple[Need, ...]:
        with self.desk.ledger.read() as connection:
            look = Look(connection, self.desk, self.desk.live(connection), clock.now())
            found = [*chain.from_iterable(looker(look) for looker in _LOOKERS), *self.folder.needs(connection)]
        return tuple(sorted(found, key=lambda need: _ORDER.index(need.tone)))


@lru_cache(maxsize=4)
def needs_of(desk: Desk) -> Needs:
    """The one of a web process: several pages ask for it."""
    return Needs(desk)
