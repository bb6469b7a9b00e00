"""Whether anything becomes slower as the ledger grows."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import stage
from claims import claim, page
from figures import Asked, Figure, Round
from fill import MODEL, fill
from load import Load
from measure import Playing, percentile
from steady import RATE
from system import System

from gateway.store.ledger import Ledger

#: Numbers of live leads begin here, and each round has a million of its own: no two leads have one number.
_LIVE, _ROUND = 60_000_000, 1_000_000

#: What `gateway …` lists: its newest fifty, or one group of them.
PAGES = ("events", "leads", "deliveries", "leads --state failed")


@dataclass(frozen=True, slots=True)
class _Sized:
    """What one ledger came to in one round."""

    size: int
    values: dict[str, float]


class Growth:
    """The same with more and more leads in the ledger."""

    def __init__(self, place: Path, asked: Asked) -> None:
        self.asked = asked
        self.place = place / "growth"
        self.rounds = 0
        self.title = f"**Growth** (beside: the same with {asked.sizes[0]:,} leads in the ledger)"
        self._fill()

    def _fill(self) -> None:
        """A ledger of each size, each grown from a copy of the one before."""
        before: Path | None = None
        for size in self.asked.sizes:
            folder = self.place / f"{size}"
            (folder / "data").mkdir(parents=True)
            if before:  # nobody has it open, so all of it is in this one file
                shutil.copy(before / "data" / "gateway.db", folder / "data")
            else:
                first_lead(folder)
            ledger = Ledger(f"sqlite:///{folder / 'data' / 'gateway.db'}")
            have = _size(before)
            fill(ledger, size - max(have, 1), first=max(have, 1))
            ledger.close()
            before = folder
            print(f"{size:,} leads are in a ledger", file=sys.stderr)

    def play(self, folder: Path) -> Round:
        del folder
        done = Round()
        self.rounds += 1
        found = [_Sized(size, self._values(size, done)) for size in self.asked.sizes]
        for name in found[0].values:
            done.figures += [
                Figure(
                    f"{name}, {one.size:,} leads", one.values[name], found[0].values[name], 0 if "second" in name else 1
                )
                for one in found[1:]
            ]
        return done

    def _values(self, size: int, done: Round) -> dict[str, float]:
        folder = self.place / f"{size}"
        first = _LIVE + self.rounds * _ROUND
        with stage.gateway(folder) as system:
            values = self._live(system, first, done)
        values |= {"a claim of 32, ms": claim(folder, first + _ROUND // 2)}
        return values | {f"`gateway {words}`, ms": page(folder, words) for words in PAGES}

    def _live(self, system: System, first: int, done: Round) -> dict[str, float]:
        playing = Playing(system, first)
        playing.warm_up()
        fast = playing.load(seconds=self.asked.seconds)
        trickle = playing.load(seconds=self.asked.seconds, rate=RATE)
        playing.end(done)
        calls = trickle.call_times()
        return {
            "leads accepted a second, 8 connections": fast.accepted,
            "post to call, p50, ms": percentile(calls, 50),
            "post to call, p95, ms": percentile(calls, 95),
        }


def _size(folder: Path | None) -> int:
    return int(folder.name) if folder else 0


def first_lead(folder: Path) -> None:
    """The lead that all others are copied from takes the whole way."""
    with stage.gateway(folder) as system:
        playing = Playing(system, int(MODEL))
        playing.follow(playing.post(Load(system.port, stage.TOKEN, 1.0, count=1, connections=1)))
