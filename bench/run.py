"""The benchmark: one command, one table, medians over rounds.

    .venv/bin/python bench/run.py --quick
    .venv/bin/python bench/run.py --only drain --only steady

Prints Markdown. Exit code 1 when a promise was broken on the way: a lead answered 200 is not in the ledger, or has
no call, or two, or the books do not balance.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import report
from drain import Drain
from figures import Asked, Part, Round
from growth import Growth
from idle import Idle
from ingest import Ingest, SlowSync
from machine import facts
from many import Many
from steady import Steady

PARTS: Mapping[str, Callable[[Path, Asked], Part]] = {
    "ingest": Ingest,
    "slow-sync": SlowSync,
    "steady": Steady,
    "drain": Drain,
    "idle": Idle,
    "growth": Growth,
    "many": Many,
}

LONG = Asked(5.0, 2_000, (10_000, 100_000, 1_000_000), (1, 2, 4), 20.0)
QUICK = Asked(2.0, 500, (10_000, 100_000), (1, 2), 5.0)


def main() -> int:
    """Play the rounds, print the table; the exit code."""
    asked = _arguments()
    names = asked.only or list(PARTS)
    amounts = _amounts(asked)
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=asked.folder) as place:
        found = facts(Path(place))
        parts = {name: PARTS[name](Path(place), amounts) for name in names}
        rounds = [_round(parts, Path(place) / f"round-{number}", number) for number in range(1, asked.rounds + 1)]
    sections = [report.Section(parts[name].title, [one[name] for one in rounds]) for name in names]
    text = report.results(sections, found, asked.rounds, amounts.seconds)
    print(text)
    if asked.write:
        report.write(asked.write, text)
    return 1 if any(one.mistakes for section in sections for one in section.rounds) else 0


def _round(parts: Mapping[str, Part], place: Path, number: int) -> dict[str, Round]:
    """Every part once, so that a noisy hour of the machine troubles all alike."""
    done = {}
    for name, part in parts.items():
        folder = place / name
        folder.mkdir(parents=True)
        done[name] = part.play(folder)
        print(f"round {number}: {name} is done", file=sys.stderr)
        for mistake in done[name].mistakes:
            print(f"round {number}: {name}: {mistake}", file=sys.stderr)
    return done


def _amounts(asked: argparse.Namespace) -> Asked:
    base = QUICK if asked.quick else LONG
    return Asked(
        asked.seconds or base.seconds,
        asked.leads or base.leads,
        tuple(asked.sizes or base.sizes),
        tuple(asked.workers or base.workers),
        base.rest,
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="What the gateway does in a second, beside an app that stores nothing."
    )
    parser.add_argument("--only", action="append", choices=list(PARTS), help="only this part; may be given again")
    parser.add_argument("--rounds", type=int, help="how often each part is played (5; quick: 1)")
    parser.add_argument("--seconds", type=float, help="length of each load (5; quick: 2)")
    parser.add_argument("--leads", type=int, help="leads of a drain (2,000; quick: 500)")
    parser.add_argument("--sizes", type=int, nargs="+", help="leads in the ledger, for the growth, rising")
    parser.add_argument("--workers", type=int, nargs="+", help="workers on PostgreSQL")
    parser.add_argument("--quick", action="store_true", help="one short round: a look, not a result")
    parser.add_argument("--folder", type=Path, help="where the ledgers are put; the system's temporary folder")
    parser.add_argument("--write", type=Path, help="also put the results into this file, docs/performance.md")
    asked = parser.parse_args()
    asked.rounds = asked.rounds or (1 if asked.quick else 5)
    if asked.write and not report.has_place(asked.write):
        parser.error(f"{asked.write} lacks the lines '{report.START}' and '{report.END}'")
    if asked.rounds < 1 or (asked.seconds or 1) <= 0 or (asked.leads or 1) < 1:
        parser.error("there must be a round, it must take time, and leads must come")
    return asked


if __name__ == "__main__":
    sys.exit(main())
