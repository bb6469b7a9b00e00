"""What it costs to stand by, and to start: memory, CPU and time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import stage
from figures import Asked, Figure, Round
from measure import Playing, side_by_side
from system import System

#: Seconds after its start when a system has settled.
_SETTLED = 2.0

#: Seconds between two looks at the memory.
_LOOK = 0.2

_CONNECTIONS = 32


class Idle:
    """Memory, CPU while nothing comes, and the start."""

    title = "**Standing by** (beside: the bare app)"

    def __init__(self, place: Path, asked: Asked) -> None:
        del place
        self.asked = asked

    def play(self, folder: Path) -> Round:
        done = Round()
        done.figures = side_by_side(self._figures(stage.gateway, folder, done), self._figures(stage.bare, folder, done))
        return done

    def _figures(
        self, opened: Callable[[Path], AbstractContextManager[System]], folder: Path, done: Round
    ) -> list[Figure]:
        with opened(folder) as system:
            first, idle, cpu = system.started_in, *self._rest(system)
            loaded = self._load(system, done)
        with opened(folder) as system:
            again = system.started_in
        return [
            Figure("memory of all processes while nothing comes, MB (PSS)", idle),
            Figure(f"the most under load, MB ({_CONNECTIONS} connections, as fast as it goes)", loaded),
            Figure("CPU while nothing comes, % of one", cpu, digits=2),
            Figure("seconds from its start to its first good answer, its ledger new", first, digits=2),
            Figure("the same, its ledger there", again, digits=2),
        ]

    def _rest(self, system: System) -> tuple[float, float]:
        """The memory, and the share of one CPU in percent, while nothing comes."""
        time.sleep(_SETTLED)
        before, began = system.cpu(), time.monotonic()
        time.sleep(self.asked.rest)
        return system.memory(), 100 * (system.cpu() - before) / (time.monotonic() - began)

    def _load(self, system: System, done: Round) -> float:
        playing = Playing(system)
        with _watched(system) as seen:
            playing.load(seconds=self.asked.seconds, connections=_CONNECTIONS)
        playing.end(done)
        return max(seen)


@contextmanager
def _watched(system: System) -> Iterator[list[float]]:
    """The memory, looked at again and again while the block runs."""
    seen: list[float] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(_LOOK):
            seen.append(system.memory())

    watching = threading.Thread(target=look)
    watching.start()
    try:
        yield seen
    finally:
        over.set()
        watching.join()
