"""How fast leads are accepted and turned into calls, next to a bare app that stores nothing.

    .venv/bin/python bench/ingest.py --quick

Prints a Markdown table. Exit code 1 when a promise was broken on the way: a lead answered 200 is not in
the ledger, or has no call, or two.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import report
import stage
from machine import facts
from measure import Round, play
from stage import System

Opener = Callable[[Path], AbstractContextManager[System]]


def main() -> int:
    """Run the rounds, print the table; the exit code."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=asked.folder) as place:
        found = facts(Path(place))
        ours, theirs = _rounds(Path(place), asked.rounds, asked.seconds)
    text = report.results(ours, theirs, found, asked.seconds)
    print(text)
    if asked.write:
        report.write(asked.write, text)
    mistakes = [mistake for one in ours + theirs for mistake in one.mistakes]
    return 1 if mistakes else 0


def _rounds(place: Path, rounds: int, seconds: float) -> tuple[list[Round], list[Round]]:
    """The gateway and the bare app in turn, so that a noisy machine troubles both alike."""
    ours, theirs = [], []
    for number in range(1, rounds + 1):
        ours.append(_round(stage.gateway, place / f"gateway-{number}", seconds))
        theirs.append(_round(stage.bare, place / f"bare-{number}", seconds))
        print(f"round {number} of {rounds} is done", file=sys.stderr)
    return ours, theirs


def _round(opened: Opener, folder: Path, seconds: float) -> Round:
    folder.mkdir()
    with opened(folder) as system:
        done = play(system, seconds)
    for mistake in done.mistakes:
        print(f"{system.name}: {mistake}", file=sys.stderr)
    return done


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Accepted leads per second, and time from post to call.")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--seconds", type=float, default=10.0, help="length of each part of a round (10)")
    parser.add_argument("--quick", action="store_true", help="one round of two seconds: a look, not a result")
    parser.add_argument("--folder", type=Path, help="where the ledger is put; the system's temporary folder")
    parser.add_argument("--write", type=Path, help="also put the results into this file, docs/performance.md")
    asked = parser.parse_args()
    if asked.write and not report.has_place(asked.write):
        parser.error(f"{asked.write} lacks the lines '{report.START}' and '{report.END}'")
    if asked.rounds < 1 or asked.seconds <= 0:
        parser.error("there must be a round, and it must take time")
    if asked.quick:
        asked.rounds, asked.seconds = 1, 2.0
    return asked


if __name__ == "__main__":
    sys.exit(main())
