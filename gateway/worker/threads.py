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
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="call")
        self._results: SimpleQueue[tuple[str, Brought]] = SimpleQueue()

    def start(self, name: str, ask: Callable[[], Brought]) -> None:
        """Let a thread ask; there must be an idle one, or it waits behind the others."""
        self.out[name] = None
        self._pool.submit(self._run, name, ask)

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
        """Wait for nobody."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _run(self, name: str, ask: Callable[[], Brought]) -> None:
        self._results.put((name, ask()))
        self._wake()

    def _take(self) -> None:
        while True:
            try:
                self.brought.append(self._results.get_nowait())
            except Empty:
                return
