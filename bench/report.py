"""The table: medians over the rounds, and the ratio of the two systems within each round."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from measure import RATE, Round

START, END = "<!-- results: written by bench/ingest.py -->", "<!-- end of results -->"

#: A generator that takes more than this share of one CPU may be what limits the figures.
BUSY = 0.8


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: which figure, and how it is said."""

    name: str
    says: str
    digits: int = 1


ROWS = (
    Row("accepted", "**leads accepted a second** (8 connections)", 0),
    Row("answer_p50", "answer, p50, ms"),
    Row("answer_p95", "answer, p95, ms"),
    Row("called", "campaign calls a second, first post to last call", 0),
    Row("cpu", "CPU time a lead, ms", 2),
    Row("call_p50", f"**post to call, p50, ms** ({RATE:g} leads a second)"),
    Row("call_p95", "post to call, p95, ms"),
    Row("call_p99", "post to call, p99, ms"),
    Row("steady_answer_p50", f"answer, p50, ms ({RATE:g} leads a second)"),
    Row("steady_answer_p95", "answer, p95, ms"),
)


def results(ours: list[Round], theirs: list[Round], facts: list[str], seconds: float) -> str:
    """All that is known after the run, as Markdown."""
    when = f"{datetime.now(UTC):%d %B %Y, %H:%M} UTC"
    head = f"Run of {when}: medians of {len(ours)} rounds of {seconds:g} s, the two systems in turn."
    return "\n".join([head, "", table(ours, theirs), "", *_kept(ours, theirs), "", *(f"- {fact}" for fact in facts)])


def table(ours: list[Round], theirs: list[Round]) -> str:
    """One line a figure; the ratio is gateway to bare app, with the lowest and the highest of the rounds."""
    lines = ["| | gateway | bare app | ratio (rounds) |", "|---|--:|--:|--:|"]
    return "\n".join(lines + [_line(row, _values(ours, row), _values(theirs, row)) for row in ROWS])


def _values(rounds: list[Round], row: Row) -> list[float]:
    return [getattr(one.figures, row.name) for one in rounds]


def _line(row: Row, ours: list[float], theirs: list[float]) -> str:
    ratios = [our / their for our, their in zip(ours, theirs, strict=True)]
    ratio = f"{median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
    return f"| {row.says} | {median(ours):,.{row.digits}f} | {median(theirs):,.{row.digits}f} | {ratio} |"


def _kept(ours: list[Round], theirs: list[Round]) -> list[str]:
    """Whether every lead was kept, and whether the generator was fast enough."""
    mistakes = [mistake for one in ours for mistake in one.mistakes]
    kept = "; ".join(mistakes) or "every one is in the ledger, each has one call, and the books balance"
    busy = max(one.figures.generator for one in ours + theirs)
    slow = " (so it may have been the limit)" if busy > BUSY else ""
    return [
        f"- Leads answered 200 by the gateway: {sum(one.leads for one in ours):,}; {kept}.",
        f"- Leads answered 200 by the bare app: {sum(one.leads for one in theirs):,}; none is stored anywhere.",
        f"- The load generator took at most {busy:.0%} of one CPU{slow}.",
    ]


def has_place(file: Path) -> bool:
    """Whether a Markdown file has the two marks between which results go."""
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    return START in text and END in text.partition(START)[2]


def write(file: Path, text: str) -> None:
    """Replace what is between the two marks of a Markdown file."""
    before, _, rest = file.read_text(encoding="utf-8").partition(START)
    after = rest.partition(END)[2]
    file.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")
