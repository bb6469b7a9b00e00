"""kill -9 from outside, of any process, at moments that anybody can see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from crashing import Ordeal, Trial
from steps import INTERRUPTED

#: Whom kill -9 may hit.
VICTIMS = ("parent", "worker", "web master", "web worker", "everything")

#: Without these, calls that are out stay without an answer.
SENDERS = ("worker", "everything")

#: When it hits: so much must have come since the trial's leads were posted.
MOMENTS: dict[str, Callable[[Ordeal], int]] = {
    "while it starts": lambda _: 1,
    "after a 200": lambda ordeal: ordeal.answered,
    "with a look-up out": lambda ordeal: ordeal.seen("graph"),
    "with a call out": lambda ordeal: ordeal.seen("send"),
    "with a call taken": Ordeal.taken,
}


def trials() -> Iterator[Trial]:
    """Every victim at every moment."""
    for moment in MOMENTS:
        for victim in VICTIMS:
            doubts = INTERRUPTED if victim in SENDERS else frozenset[str]()
            yield Trial(f"kill -9 {moment}", partial(_kill, moment, victim), victim, doubts)


def _kill(moment: str, victim: str, ordeal: Ordeal, leads: int) -> None:
    """Some leads are under way as it hits, some come after."""
    half = leads // 2
    if moment == "while it starts":
        ordeal.gateway.kill_everything()
        ordeal.gateway.start()
    else:
        ordeal.fault(on="all", delay=0.2, times=6)
    look, before = MOMENTS[moment], MOMENTS[moment](ordeal) if moment != "while it starts" else 0
    ordeal.post(half)
    ordeal.wait(lambda: look(ordeal) > before, lambda: ordeal.post(3))
    if victim == "everything":
        ordeal.gateway.kill_everything()
    else:
        ordeal.wait(lambda: ordeal.gateway.strike(victim) > 0, lambda: None)
    ordeal.mend()
    ordeal.post(leads - half)
