"""How long a lead takes from its post to its call, at a steady trickle."""

from __future__ import annotations

from pathlib import Path

import stage
from figures import Asked, Figure, Round
from measure import Playing, percentile, side_by_side
from system import System

#: Leads a second.
RATE = 50.0


class Steady:
    """From post to call."""

    title = f"**From post to call, {RATE:g} leads a second** (beside: the bare app)"

    def __init__(self, place: Path, asked: Asked) -> None:
        del place
        self.seconds = 2 * asked.seconds  # at this rate it takes longer to meet what is rare

    def play(self, folder: Path) -> Round:
        done = Round()
        with stage.gateway(folder) as system:
            ours = self._figures(system, done)
        with stage.bare(folder) as system:
            theirs = self._figures(system, done)
        done.figures += side_by_side(ours, theirs)
        return done

    def _figures(self, system: System, done: Round) -> list[Figure]:
        playing = Playing(system)
        playing.warm_up()
        found = playing.load(seconds=self.seconds, rate=RATE)
        playing.end(done)
        calls, answers = found.call_times(), found.answer_times()
        return [
            *(Figure(f"post to call, p{share}, ms", percentile(calls, share), digits=1) for share in (50, 95, 99)),
            Figure("answer to the form, p50, ms", percentile(answers, 50), digits=1),
            Figure("answer to the form, p95, ms", percentile(answers, 95), digits=1),
        ]
