"""One round on one system: leads as fast as they are answered, then a steady trickle, and what came of each."""

from __future__ import annotations

import time
from dataclasses import dataclass

from load import Load, generate
from stage import PATIENCE, TOKEN, System

#: Leads a second of the steady part.
RATE = 50.0

#: Seconds of posting before anything is measured: imports, connections and caches are warm then.
WARM_UP = 0.5

MILLI = 1000.0


@dataclass(frozen=True, slots=True)
class Figures:
    """What one system came to in one round. Times are milliseconds."""

    accepted: float  #: Leads answered 200, a second.
    answer_p50: float
    answer_p95: float
    called: float  #: Campaign calls a second, from the first post to the last call.
    cpu: float  #: CPU time of the system's processes for one lead, until its call is made.
    steady_answer_p50: float
    steady_answer_p95: float
    call_p50: float  #: From post to call, at the steady rate.
    call_p95: float
    call_p99: float
    generator: float  #: Share of one CPU that the load generator took.


@dataclass(frozen=True, slots=True)
class Round:
    """One round on one system, and what went wrong in it."""

    figures: Figures
    leads: int  #: Answered 200, over both parts.
    mistakes: list[str]


class _Phase:
    """A load, followed until the last call is made."""

    def __init__(self, system: System, load: Load) -> None:
        cpu = system.cpu()
        self.loaded = generate(load)
        self.good = {post.number: post for post in self.loaded.posted if post.status == 200}  # noqa: PLR2004 - OK
        self._wait_for_calls(system)
        self.cpu = system.cpu() - cpu
        calls = system.box.calls()
        self.called = dict(calls)
        self.twice = len(calls) - len(self.called)
        system.box.forget()

    def _wait_for_calls(self, system: System) -> None:
        deadline = time.monotonic() + PATIENCE
        while system.box.count() < len(self.good) and time.monotonic() < deadline:
            time.sleep(0.25)
        time.sleep(0.25)  # a call too many would come now

    def mistakes(self) -> list[str]:
        """What was promised and not kept."""
        counts = {
            "leads were not answered 200": len(self.loaded.posted) - len(self.good),
            "leads were answered 200, but no call was made": len(self.good.keys() - self.called.keys()),
            "calls were made a second time": self.twice,
        }
        return [f"{count} {sentence}" for sentence, count in counts.items() if count]

    def answer_times(self) -> list[float]:
        return sorted(post.seconds * MILLI for post in self.good.values())

    def call_times(self) -> list[float]:
        return sorted((at - self.good[number].at) * MILLI for number, at in self.called.items() if number in self.good)


def play(system: System, seconds: float) -> Round:
    """Warm up, then `seconds` at full speed, then `seconds` at the steady rate."""
    warm = _Phase(system, Load(system.port, TOKEN, WARM_UP))
    fast = _Phase(system, Load(system.port, TOKEN, seconds, first=_after(warm)))
    steady = _Phase(system, Load(system.port, TOKEN, seconds, RATE, first=_after(fast)))
    figures = _figures(fast, steady)
    mistakes = warm.mistakes() + fast.mistakes() + steady.mistakes() + list(system.mistakes())
    good = warm.good.keys() | fast.good.keys() | steady.good.keys()
    lost = len(good - system.stored()) if system.ledger else 0
    if lost:
        mistakes.append(f"{lost} leads were answered 200 and are not in the ledger")
    return Round(figures, len(good), mistakes)


def _after(phase: _Phase) -> int:
    return max(post.number for post in phase.loaded.posted) + 1


def _figures(fast: _Phase, steady: _Phase) -> Figures:
    answers, trickled, calls = fast.answer_times(), steady.answer_times(), steady.call_times()
    begun = min(post.at for post in fast.loaded.posted)
    return Figures(
        accepted=len(fast.good) / fast.loaded.seconds,
        answer_p50=percentile(answers, 50),
        answer_p95=percentile(answers, 95),
        called=len(fast.called) / (max(fast.called.values()) - begun),
        cpu=fast.cpu / len(fast.good) * MILLI,
        steady_answer_p50=percentile(trickled, 50),
        steady_answer_p95=percentile(trickled, 95),
        call_p50=percentile(calls, 50),
        call_p95=percentile(calls, 95),
        call_p99=percentile(calls, 99),
        generator=fast.loaded.busy,
    )


def percentile(ordered: list[float], share: int) -> float:
    """The smallest value that is not below `share` percent of them; not a number of nothing."""
    return ordered[max(0, -(-len(ordered) * share // 100) - 1)] if ordered else float("nan")
