"""How long it takes until many leads have their calls, AiSensy taking its time over each."""

from __future__ import annotations

import time
from pathlib import Path

import stage
from figures import Asked, Figure, Round
from ingest import MANY_THREADS, UPSTREAM
from load import Load
from measure import MILLI, Playing
from system import System

#: Connections that the leads come over.
CONNECTIONS = 32

#: Seconds that all posts have at most.
_LONGEST = 600.0


class Drain:
    """The time to drain."""

    def __init__(self, place: Path, asked: Asked) -> None:
        del place
        self.leads = asked.leads
        self.title = (
            f"**Draining {self.leads:,} leads, AiSensy answers after {UPSTREAM * MILLI:.0f} ms**"
            " (beside: the bare app, from its first post to its last call)"
        )

    def play(self, folder: Path) -> Round:
        done = Round()
        for name in ("posted", "waiting"):
            (folder / name).mkdir()
        with stage.gateway(folder / "posted", UPSTREAM, MANY_THREADS) as system:
            posted = self._posted(system, done)
        with stage.bare(folder / "posted", UPSTREAM) as system:
            theirs = self._posted(system, done)
        started, first = self._waiting(folder / "waiting", done)
        done.figures += [
            Figure("seconds from the first post to the last call", posted, theirs, 2),
            Figure("they wait in the ledger: seconds from the worker's start to the last call", started, theirs, 2),
            Figure("the same from the first call to the last (the worker is up then)", first, theirs, 2),
        ]
        return done

    def _posted(self, system: System, done: Round) -> float:
        """Seconds from the first post to the last call, posted as fast as they are answered."""
        playing = Playing(system)
        playing.warm_up()
        found = playing.follow(playing.post(self._load(system)))
        playing.end(done)
        return found.last_call - found.first_post

    def _load(self, system: System) -> Load:
        return Load(system.port, stage.TOKEN, _LONGEST, count=self.leads, connections=CONNECTIONS)

    def _waiting(self, folder: Path, done: Round) -> tuple[float, float]:
        """Leads taken while no worker runs; seconds until the last call, from its start and from the first call."""
        with stage.stand_in(folder, UPSTREAM) as upstream:
            environment = stage.environment_of(folder, upstream) | MANY_THREADS
            stage.run(folder, environment, "migrate")
            with stage.parts(folder, upstream, environment, workers=0) as system:
                playing = Playing(system)
                loaded = playing.post(self._load(system))
                began = time.time()
                with stage.process(stage.command("worker"), folder, environment):
                    found = playing.follow(loaded)
                playing.end(done)
        return found.last_call - began, found.last_call - min(at for _number, at in found.calls)
