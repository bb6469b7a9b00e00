"""The threads that wait for other people's answers, and what they bring back."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from gateway import clock

Brought = TypeVar("Brought")

#: While every thread is busy, so large a share of them is waited for, and so many seconds at most: what comes back
#: together is written down together, and one turn of 16 costs a third of 16 turns of one.
SHARE, TOGETHER = 0.25, 0.01

#: Seconds between two looks for that share.
_LOOK = 0.002


class Threads(Generic[Brought]):
    """A bounded pool. What is out has a name: a lease's token, or what was asked."""

    def __init__(self, count: int, wake: Callable[[], None]) -> None:
        """`wake`: called by a thread that has brought something."""
        self.count = count
        self.out: dict[str, None] = {}
        self.brought: list[tuple[str, Brought]] = []  #: Came back, and is not written down yet.
        self._wake = wake
        self._asks: dict[str, Callable[[], Brought]] = {}  # not begun yet; who takes one out has it alone
        self._pool = _pool(count)
        self._results: SimpleQueue[tuple[str, Brought]] = SimpleQueue()

    def start(self, name: str, ask: Callable[[], Brought], never: Callable[[], Brought]) -> None:
        """Let a thread ask; there must be an idle one, or it waits behind the others.

        `never`: what it comes to when this machine has no thread for it, so that nothing was asked.
        """
        self.out[name] = None
        self._asks[name] = ask
        try:
            self._pool.submit(self._run, name)
        except RuntimeError:
            self._begin_anew()
            if self._asks.pop(name, None):
                self._results.put((name, never()))

    def collect(self) -> None:
        """Take what has come back into `brought`; while every thread was busy, wait a moment for some more."""
        deadline = clock.monotonic() + TOGETHER
        self._take()
        full = len(self.out) >= self.count
        while full and len(self.brought) < self.count * SHARE and clock.monotonic() < deadline:
            time.sleep(_LOOK)
            self._take()

    def idle(self) -> int:
        """Threads that nothing is out in."""
        return max(0, self.count - len(self.busy()))

    def busy(self) -> set[str]:
        """Names of what is out and has brought no result yet."""
        return self.out.keys() - {name for name, _result in self.brought}

    def news(self) -> bool:
        """Whether something has come back that is not written down yet."""
        return bool(self.brought) or not self._results.empty()

    def written(self) -> None:
        """All that was brought is written down."""
        for name, _result in self.brought:
            self.out.pop(name, None)
        self.brought.clear()

    def close(self) -> None:
        """Wait for nobody, and begin nothing more."""
        self._asks.clear()
        self._pool.shutdown(wait=False)

    def _begin_anew(self) -> None:
        """A pool that got no thread has queued the work all the same, and from then on counts one too many as idle.
        It ends with what it has; the next pool may be luckier."""
        self._pool.shutdown(wait=False)
        self._pool = _pool(self.count)

    def _run(self, name: str) -> None:
        if ask := self._asks.pop(name, None):
            self._results.put((name, ask()))
            self._wake()

    def _take(self) -> None:
        while True:
            try:
                self.brought.append(self._results.get_nowait())
            except Empty:
                return


def _pool(count: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(count, thread_name_prefix="call")
