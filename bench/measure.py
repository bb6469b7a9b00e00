"""A load on a system, followed until the last call is made, and whether every promise was kept in it."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from figures import Figure, Round
from load import Load, Loaded, Posted, generate
from stage import TOKEN
from system import System

#: Seconds of posting before anything is measured: imports, connections and caches are warm then.
WARM_UP = 0.5

#: Seconds that the last calls have to be made, after the last one that came.
PATIENCE = 60.0

MILLI = 1000.0


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of one load."""

    loaded: Loaded
    good: dict[int, Posted]  #: Those answered 200, by their numbers.
    calls: list[tuple[int, float]]  #: The number of the lead behind each call, and when it came.
    cpu: float  #: Seconds that the system took, from the first post to the last call.

    @property
    def accepted(self) -> float:
        """Leads answered 200, a second."""
        return len(self.good) / self.loaded.seconds

    @property
    def first_post(self) -> float:
        return min(post.at for post in self.loaded.posted)

    @property
    def last_call(self) -> float:
        """When it came; the end of time when there is none."""
        return max((at for _number, at in self.calls), default=float("inf"))

    def answer_times(self) -> list[float]:
        """Milliseconds from post to answer, sorted."""
        return sorted(post.seconds * MILLI for post in self.good.values())

    def call_times(self) -> list[float]:
        """Milliseconds from post to call, sorted."""
        return sorted((at - self.good[number].at) * MILLI for number, at in self.calls if number in self.good)


def _calls(system: System, wanted: int) -> list[tuple[int, float]]:
    """All the calls that come, once there are as many as wanted, or none for a long time. They are forgotten then."""
    seen, changed = -1, time.monotonic()
    while (count := system.stand_in.count()) < wanted and time.monotonic() - changed < PATIENCE:
        if count != seen:
            seen, changed = count, time.monotonic()
        time.sleep(0.1)
    time.sleep(0.25)  # a call too many would come now
    calls = system.stand_in.calls()
    system.stand_in.forget()
    return calls


class Playing:
    """One system under several loads in turn; numbers are never used twice on it."""

    def __init__(self, system: System, first: int = 0) -> None:
        self.system = system
        self.next = first
        self.good: set[int] = set()
        self.mistakes: list[str] = []
        self.generator = 0.0

    def warm_up(self) -> None:
        self.load(seconds=WARM_UP, connections=32)

    def load(self, *, seconds: float, rate: float = 0.0, connections: int = 8) -> Followed:
        """One load, followed until its last call."""
        before = self.system.cpu()
        return self.follow(self.post(Load(self.system.port, TOKEN, seconds, rate, connections=connections)), before)

    def post(self, load: Load) -> Loaded:
        """One load with fresh numbers, and no more: nobody waits for its calls."""
        loaded = generate(replace(load, first=self.next))
        self.next = max(post.number for post in loaded.posted) + 1
        self.generator = max(self.generator, loaded.busy)
        return loaded

    def follow(self, loaded: Loaded, before: float = 0.0) -> Followed:
        """Wait for the last call of a load. `before`: the CPU seconds that had been taken when it began."""
        good = {post.number: post for post in loaded.posted if post.status == 200}  # noqa: PLR2004 - OK
        found = Followed(loaded, good, _calls(self.system, len(good)), self.system.cpu() - before)
        self._count(found)
        return found

    def _count(self, found: Followed) -> None:
        self.good |= found.good.keys()
        called = [number for number, _at in found.calls]
        counts = {
            "leads were not answered 200": len(found.loaded.posted) - len(found.good),
            "leads were answered 200, but no call was made": len(found.good.keys() - set(called)),
            "calls were made a second time": len(called) - len(set(called)),
        }
        self.mistakes += [f"{count} {sentence}" for sentence, count in counts.items() if count]

    def end(self, into: Round) -> None:
        """Count what is in the ledger, and add all of it to a round."""
        lost = len(self.good - self.system.stored()) if self.system.ledger else 0
        lost_ones = [f"{lost} leads were answered 200 and are not in the ledger"] if lost else []
        mistakes = [*self.mistakes, *lost_ones, *self.system.mistakes()]
        into.mistakes += [f"{self.system.name}: {mistake}" for mistake in mistakes]
        into.leads += len(self.good) if self.system.ledger else 0
        into.generator = max(into.generator, self.generator)


def side_by_side(ours: list[Figure], theirs: list[Figure]) -> list[Figure]:
    """The figures of the gateway, each beside the same one of another system."""
    return [Figure(one.says, one.gateway, other.gateway, one.digits) for one, other in zip(ours, theirs, strict=True)]


def percentile(ordered: list[float], share: int) -> float:
    """The smallest value that is not below `share` percent of them; not a number of nothing."""
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else float("nan")
