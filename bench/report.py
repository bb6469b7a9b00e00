"""The table: medians over the rounds with their range, and the ratio of what stands side by side within each round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isnan
from pathlib import Path
from statistics import median

from figures import Figure, Round

START, END = "<!-- results: written by bench/run.py -->", "<!-- end of results -->"

#: A generator that takes more than this share of one CPU may be what limits the figures.
BUSY = 0.8


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the benchmark, over all its rounds."""

    title: str
    rounds: list[Round]


def results(sections: Sequence[Section], facts: Sequence[str], rounds: int, seconds: float) -> str:
    """All that is known after the run, as Markdown."""
    when = f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC"
    often = f"medians of {rounds} rounds (lowest to highest)" if rounds > 1 else "one round"
    head = f"Run of {when}: {often}, loads of {seconds:g} s, the systems in turn."
    notes = [*_kept(sections), *_notes(sections), *facts]
    return "\n".join([head, "", *_table(sections), "", *(f"- {note}" for note in notes)])


def _table(sections: Sequence[Section]) -> list[str]:
    lines = ["| | gateway | beside | ratio |", "|---|--:|--:|--:|"]
    for section in sections:
        lines.append(f"| {section.title} | | | |")
        lines += [_line(figures) for figures in zip(*(one.figures for one in section.rounds), strict=True)]
    return lines


def _line(figures: Sequence[Figure]) -> str:
    """One figure over the rounds."""
    digits = figures[0].digits
    pairs = [(one.gateway, one.beside) for one in figures if one.beside is not None]
    cells = (
        figures[0].says,
        _spread([one.gateway for one in figures], digits),
        _spread([their for _our, their in pairs], digits),
        _spread([our / their for our, their in pairs if their], 2),
    )
    return f"| {' | '.join(cells)} |"


def _spread(values: Sequence[float], digits: int) -> str:
    """The median, and the range where there is one; nothing for what was not measured."""
    if not values or any(isnan(value) for value in values):
        return ""
    low, middle, high = (f"{value:,.{digits}f}" for value in (min(values), median(values), max(values)))
    return middle if low == high else f"{middle} ({low} to {high})"


def _kept(sections: Sequence[Section]) -> list[str]:
    """Whether every promise was kept, and whether the generator was fast enough."""
    rounds = [one for section in sections for one in section.rounds]
    mistakes = [mistake for one in rounds for mistake in one.mistakes]
    kept = "; ".join(mistakes) or "every one is in the ledger, each has one call, and the books balance"
    busy = max((one.generator for one in rounds), default=0.0)
    slow = " (so it may have been the limit)" if busy > BUSY else ""
    return [
        f"Leads answered 200 by the gateway: {sum(one.leads for one in rounds):,}; {kept}.",
        f"The load generator took at most {busy:.0%} of one CPU{slow}.",
    ]


def _notes(sections: Sequence[Section]) -> list[str]:
    return list(dict.fromkeys(note for section in sections for one in section.rounds for note in one.notes))


def has_place(file: Path) -> bool:
    """Whether a Markdown file has the two marks between which results go."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return START in text and END in text.partition(START)[2]


def write(file: Path, text: str) -> None:
    """Replace what is between the two marks of a Markdown file."""
    before, _, rest = file.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    file.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")
