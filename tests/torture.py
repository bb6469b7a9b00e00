"""`make torture`: everything that can go wrong does, on both stores, and a report of what came of it.

    python tests/torture.py --points 200 --leads 20000 --seed 7 --report docs/reliability.md

Points are crashes, half of them on each store: at every named step, and by kill -9 at moments; what comes beyond one
of each is drawn from the seed. All other hardships come once. Then many machines are killed at random for --seconds.
Exit code 0: every promise was kept.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import hardships
import kills
import steps
from crashing import Trial, ordeal
from fleet import Endured, fleet
from reliability import Case, page, summary
from serving import run_command
from torturing import STORES, postgresql
from verdicts import Verdict

from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: Trials that share a ledger; then comes a fresh one, so that looking at all of it stays cheap.
TOGETHER = 24

#: A trial posts no fewer leads.
FEWEST = 6


@dataclass(slots=True)
class Torture:
    """One run: what was asked for, and what came of it."""

    points: int
    leads: int
    seed: int
    seconds: float
    cases: list[Case] = field(default_factory=list)
    endured: Endured | None = None  #: What came of the storm over many machines.

    def storm(self) -> None:
        """Many machines on one PostgreSQL ledger, killed at random."""
        with tempfile.TemporaryDirectory(prefix="torture-") as name, postgresql(Path(name)) as url, Sandbox() as box:
            ledger = Ledger(url)
            ledger.migrate()
            with fleet(ledger, box, Path(name)) as found:
                self.endured = found.storm(self.seconds, random.Random(self.seed))
            _say(f"many machines, {self.seconds:g} s", self.endured.verdict)
            ledger.close()

    @property
    def broken(self) -> bool:
        verdicts = [case.verdict for case in self.cases] + ([self.endured.verdict] if self.endured else [])
        return any(verdict.broken for verdict in verdicts)

    def go(self) -> None:
        """Torture both stores."""
        for store in STORES:
            chance = random.Random(f"{self.seed} {store}")
            found = trials(store, self.points // len(STORES), chance)
            each = max(FEWEST, self.leads // len(STORES) // len(found))
            for number, start in enumerate(range(0, len(found), TOGETHER)):
                workers = 1 + (store == "PostgreSQL" and number % 2)
                self._ordeal(store, workers, found[start : start + TOGETHER], each)

    def _ordeal(self, store: str, workers: int, found: list[Trial], leads: int) -> None:
        """Some trials on one fresh ledger."""
        with tempfile.TemporaryDirectory(prefix="torture-") as name, STORES[store](Path(name)) as url, Sandbox() as box:
            ledger = Ledger(url)
            ledger.migrate()
            with ordeal(ledger, box, Path(name), workers) as under_fire:
                for trial in found:
                    began = time.monotonic()
                    verdict = under_fire.go_through(trial, leads)
                    self.cases.append(Case(store, workers, trial, verdict, time.monotonic() - began))
                    _say(f"{len(self.cases)}: {store}, {trial.name}", verdict)
                audit = run_command(under_fire.gateway.environment, under_fire.gateway.folder, "audit")
                if audit.returncode:
                    self.cases[-1].verdict.wrong += audit.stdout.splitlines()
            ledger.close()


def trials(store: str, points: int, chance: random.Random) -> list[Trial]:
    """What happens on one store, in an order by chance: so many crashes, and every hardship."""
    crashes = [trial for trial in (*steps.trials(), *kills.trials()) if trial.only in ("", store)]
    chosen = [crashes[number % len(crashes)] for number in range(points)] if points >= len(crashes) else []
    chosen = chosen or chance.sample(crashes, points)
    chosen += [trial for trial in hardships.trials(long=True) if trial.only in ("", store)]
    chance.shuffle(chosen)
    return list(_with_pairs(store, chosen))


def _with_pairs(store: str, chosen: list[Trial]) -> Iterator[Trial]:
    """Among them, where two workers run, what happens only there."""
    paired = [trial for trial in steps.trials() if trial.only == "two workers"] if store == "PostgreSQL" else []
    for number, trial in enumerate(chosen):
        if number == TOGETHER:
            yield from paired
        yield trial


def _say(progress: str, verdict: Verdict) -> None:
    """One line for each trial; on a terminal they are written over one another."""
    line = f"{progress}: {'; '.join(verdict.broken) or 'kept'}"
    sys.stdout.write(f"\r{line[:118]:<118}" if sys.stdout.isatty() and not verdict.broken else f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Torture both stores, write the report, and say in one sentence how it went."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--points", type=int, default=200, help="crashes in all; half of them on each store")
    asked.add_argument("--leads", type=int, default=20_000, help="leads in all; half of them on each store")
    asked.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="draws what comes when")
    asked.add_argument("--seconds", type=float, default=60.0, help="how long many machines are killed at random")
    asked.add_argument("--report", type=Path, help="the page to write")
    given = asked.parse_args()
    torture = Torture(given.points, given.leads, given.seed, given.seconds)
    torture.go()
    torture.storm()
    if given.report:
        sizes = f"--points {given.points} --leads {given.leads} --seconds {given.seconds:g}"
        again = f"python tests/torture.py {sizes} --seed {given.seed}"
        given.report.write_text(page(torture.cases, torture.endured, again), encoding="utf-8")
    sys.stdout.write(f"\n{summary(torture.cases)} (seed {given.seed})\n")
    return 1 if torture.broken else 0


if __name__ == "__main__":
    sys.exit(main())
