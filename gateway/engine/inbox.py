"""What other machines' jobs have brought to this worker, and it has not dealt with yet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gateway.store.jobs import Kind

#: What a job is about.
About = tuple[Kind, int]


@dataclass(slots=True)
class _Handed:
    """Something that was handed to this worker, and the jobs that last until it is dealt with."""

    priority: int  #: The higher, the sooner.
    jobs: list[asyncio.Event] = field(default_factory=list)


#: Priority of what this worker itself has just made due: nothing leaves before a fresh lead.
FRESH = 0


class Inbox:
    """Jobs come in on the loop's thread; the worker's main thread takes what they are about."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._handed: dict[About, _Handed] = {}
        self._open = True

    def put(self, about: About, priority: int, job: asyncio.Event) -> bool:
        """Keep `about` until it is dealt with; then `job` is set. False: nothing is taken any more."""
        with self._lock:
            if self._open:
                self._handed.setdefault(about, _Handed(priority)).jobs.append(job)
            return self._open

    def keep(self, kind: Kind, ids: Sequence[int], most: int) -> list[int]:
        """Keep some of these without a job, as long as there are no more than `most` of their kind; the rest."""
        with self._lock:
            room = most - sum(about[0] is kind for about in self._handed) if self._open else 0
            kept, rest = ids[: max(room, 0)], ids[max(room, 0) :]
            self._handed |= {(kind, one): _Handed(FRESH) for one in kept}
        return list(rest)

    def look(self, kind: Kind, limit: int) -> list[int]:
        """The ids of one kind, `limit` at most: what matters most, then what came first. They stay."""
        with self._lock:
            found = [(handed.priority, one) for (about, one), handed in self._handed.items() if about is kind]
        found.sort(key=lambda pair: -pair[0])
        return [one for _priority, one in found[:limit]]

    def has(self, about: About) -> bool:
        return about in self._handed

    def take_out(self, dealt_with: Iterable[About]) -> list[asyncio.Event]:
        """Forget these; their jobs, which are over."""
        with self._lock:
            found = [self._handed.pop(about) for about in dealt_with if about in self._handed]
        return [job for handed in found for job in handed.jobs]

    def open(self) -> None:
        """After `close`: take what comes again."""
        with self._lock:
            self._open = True

    def close(self) -> list[asyncio.Event]:
        """Take no more, and forget all; their jobs, which are over."""
        with self._lock:
            self._open = False
            everything = list(self._handed)
        return self.take_out(everything)
