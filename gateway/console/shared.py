"""What many people look at is worked out once for all of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from werkzeug.exceptions import ServiceUnavailable

from gateway import clock

Made = TypeVar("Made")

#: Seconds that something is fresh at least; and what takes long stays fresh for so many times as long.
FRESH, PATIENCE = 3.0, 10.0

#: Something so many times older than fresh is not shown any more: whoever comes waits for a new one.
_STALE = 4.0

#: Seconds that one thread waits for another that makes it: the threads are few, and leads come in by them, too.
_WAITS = 3.0


class Shared(Generic[Made]):
    """One thing that is made anew when it is no longer fresh, by one thread; others meanwhile get the last one."""

    def __init__(self, make: Callable[[], Made], fresh: float = FRESH) -> None:
        self.make = make
        self.fresh = fresh
        self.lock = threading.Lock()
        self.made: Made | None = None
        self.at = 0.0
        self.life = 0.0

    def get(self) -> Made:
        """The thing, seldom older than it is fresh. Answers 503 where none is made yet, and that takes long."""
        last, age = self.made, clock.monotonic() - self.at
        if last is not None and age < self.life:
            return last
        waits = last is None or age > _STALE * self.life
        if not self.lock.acquire(timeout=_WAITS if waits else 0.0):
            return self._last()
        try:
            return self._renewed()
        finally:
            self.lock.release()

    def _last(self) -> Made:
        """What there is while another thread makes a new one."""
        if self.made is None:
            raise ServiceUnavailable("This is being counted for the first time. Load the page again in a moment.")
        return self.made

    def _renewed(self) -> Made:
        start = clock.monotonic()
        if self.made is not None and start - self.at < self.life:  # another did, while this one waited
            return self.made
        first, made = self.made is None, self.make()
        now = clock.monotonic()
        cost = 0.0 if first else now - start  # the first time, much is made ready that stays so
        self.made, self.at, self.life = made, now, max(self.fresh, PATIENCE * cost)
        return made
