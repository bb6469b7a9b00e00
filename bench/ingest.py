"""How many leads a second are accepted, each of them durable before its answer."""

from __future__ import annotations

from pathlib import Path

import stage
from figures import Asked, Figure, Round
from measure import MILLI, Followed, Playing, percentile, side_by_side
from slow_disk import MISSING, SLOWER, one_a_commit, slow_disk
from system import System

#: Connections that the leads come over.
CONNECTIONS = (8, 32)

#: Seconds that AiSensy takes over an answer, nearer the truth than none.
UPSTREAM = 0.05

#: Threads that make calls where AiSensy takes its time: as many as the gateway allows.
MANY_THREADS = {"GATEWAY_THREADS": "64"}


class Ingest:
    """Accepted leads a second, AiSensy answering at once and after a while."""

    title = "**Accepting leads** (beside: the bare app, which stores nothing)"

    def __init__(self, place: Path, asked: Asked) -> None:
        del place
        self.asked = asked

    def play(self, folder: Path) -> Round:
        done = Round()
        for name, seconds, settings in (
            ("at once", 0.0, {}),
            (f"after {UPSTREAM * MILLI:.0f} ms", UPSTREAM, MANY_THREADS),
        ):
            place = folder / f"{seconds:g}"
            place.mkdir()
            with stage.gateway(place, seconds, settings) as system:
                ours = self._figures(system, name, done)
            with stage.bare(place, seconds) as system:
                theirs = self._figures(system, name, done)
            done.figures += side_by_side(ours, theirs)
        return done

    def _figures(self, system: System, name: str, done: Round) -> list[Figure]:
        playing = Playing(system)
        playing.warm_up()
        found = {number: playing.load(seconds=self.asked.seconds, connections=number) for number in CONNECTIONS}
        playing.end(done)
        figures = [
            Figure(f"leads accepted a second, {number} connections, AiSensy answers {name}", one.accepted)
            for number, one in found.items()
        ]
        return figures if name != "at once" else figures + _more(found[CONNECTIONS[0]])


def _more(one: Followed) -> list[Figure]:
    answers, taken = one.answer_times(), one.last_call - one.first_post
    return [
        Figure(
            f"answer to the form, p50, ms ({CONNECTIONS[0]} connections, as fast as it goes)",
            percentile(answers, 50),
            digits=1,
        ),
        Figure("answer to the form, p95, ms", percentile(answers, 95), digits=1),
        Figure("campaign calls a second, from the first post to the last call", len(one.calls) / taken),
        Figure("CPU time a lead, until its call is made, ms", one.cpu / len(one.good) * MILLI, digits=2),
    ]


class SlowSync:
    """Accepted leads a second on a slow disk."""

    title = f"**Every sync {SLOWER:g} ms slower** (beside: what one commit a request allows)"

    def __init__(self, place: Path, asked: Asked) -> None:
        self.asked = asked
        self.slow = slow_disk(place)

    def play(self, folder: Path) -> Round:
        done = Round()
        if self.slow is None:
            done.notes.append(MISSING)
            return done
        alone, middle = one_a_commit(folder, self.slow)
        if middle <= SLOWER:
            done.mistakes.append(f"the slowed commit took {middle:.2f} ms: the shim does not work here")
        with stage.gateway(folder, settings=self.slow) as system:
            playing = Playing(system)
            playing.warm_up()
            for number in CONNECTIONS:
                found = playing.load(seconds=self.asked.seconds, connections=number)
                done.figures.append(Figure(f"leads accepted a second, {number} connections", found.accepted, alone))
            playing.end(done)
        done.figures.append(Figure("one slowed commit, ms", float("nan"), middle, 2))
        return done
