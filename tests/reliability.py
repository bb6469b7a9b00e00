"""The report of a torture, as a page of the docs."""

from __future__ import annotations

import os
import platform
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crashing import Trial
from fleet import WEBS, WORKERS, Endured
from verdicts import Verdict

#: Why a call is uncertain, by the tag that its delivery bears.
WHY = {
    "interrupted": "a process died while the call was out",
    "timeout": "AiSensy gave no whole answer",
    "http_5xx": "AiSensy answered 408, 500, 502 or a page of a proxy",
    "not_json": "AiSensy answered 200 with something that is no answer",
}

PAGE = """# How far it can be trusted

{date}, on {machine}: {crashes} crashes and {leads:,} leads. {judgement}

Leads of all three sources are posted to a real `gateway serve` by 16 clients, each from a person of its own, with the
sandbox in AiSensy's and Graph's place. Then something goes wrong: a process dies at a named step, or by `kill -9`; a
service fails; the database is locked or gone; the disk is full; the clock jumps. Afterwards what is dead starts again,
all that came is worked off, and then each time

- `gateway audit` must find that the books balance,
- every lead that was answered 200 must have its delivery (else it counts as lost),
- the sandbox must not have taken two calls for one person (else doubled), unless the rule says `send again`,
- an accepted delivery must have exactly one call there, and no try may follow one that nobody knows the end of,
- what is uncertain must be so for a reason that was there: a process died, or AiSensy gave no plain answer.

{figures}

Not answered are leads of the website whose POST was cut by a crash: a browser does not try again, and what it sent may
or may not be stored. On PostgreSQL, every other group of cases ran beside a second worker.

## Many machines

{storm}

## Why calls are uncertain

{doubts}

Nobody can know whether such a call arrived. It is never sent a second time, unless its rule or a person says so: here
the rule of one source in three says `if_uncertain: send again`.

## Crashes

A commit is a write transaction of the gateway, by its name; a call goes to AiSensy, a look-up to Facebook's Graph, a
question to AiSensy without sending anything.

{crash_table}

## Everything else

{other_table}

## Again

`make torture` writes this page anew; it takes about a quarter of an hour. This one is of
`{again}`; without a seed each run draws its own order.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One trial as it went."""

    store: str
    workers: int
    trial: Trial
    verdict: Verdict
    seconds: float


def page(cases: Sequence[Case], endured: Endured | None, again: str) -> str:
    """The whole page."""
    whole = _together(cases)
    crashes = [case for case in cases if case.trial.who]
    return PAGE.format(
        date=f"{datetime.now(UTC):%d %B %Y}".lstrip("0"),
        machine=f"{platform.system()} with {os.cpu_count()} processors and Python {platform.python_version()}",
        crashes=len(crashes),
        leads=whole.posted,
        judgement=f"**{_judgement(whole)}**",
        figures=_figures(cases),
        storm=_storm(endured) if endured else "This run had none.",
        doubts=_doubts(whole),
        crash_table=_by_case(crashes, ["step", "process"], lambda case: (case.trial.name, case.trial.who)),
        other_table=_by_case(
            [case for case in cases if not case.trial.who], ["what goes wrong"], lambda case: (case.trial.name,)
        ),
        again=again,
    )


def _storm(endured: Endured) -> str:
    """What came of many machines that were killed at random."""
    whole, killed = endured.verdict, endured.killed
    rows: list[list[object]] = [
        ["leads posted", whole.posted],
        ["answered 200", whole.answered],
        ["accepted", whole.states["accepted"]],
        ["uncertain, as their worker was killed while they were out", whole.states["uncertain"]],
        ["sent again, as the rule says", whole.again],
        ["lost", len(whole.lost)],
        ["doubled", len(whole.doubled)],
        ["other broken promises", len(whole.wrong)],
        ["longest time in which no call was taken, in seconds", f"{endured.gap:.1f}"],
    ]
    return (
        f"{WORKERS} `gateway worker` and {WEBS} `gateway web` on one PostgreSQL database; leads are posted to the web "
        f"processes in turn. For {endured.seconds:.0f} seconds one after the other is killed by chance (`kill -9`) "
        f"and started again at once: {killed['worker']} times a worker, {killed['web']} times a web process.\n\n"
        + _table(["", "many machines"], rows, words=1)
    )


def summary(cases: Sequence[Case]) -> str:
    """How it went, in one sentence."""
    crashes = sum(bool(case.trial.who) for case in cases)
    seconds = sum(case.seconds for case in cases)
    whole = _together(cases)
    return f"{crashes} crashes, {len(cases)} cases, {whole.posted} leads, {seconds:.0f} s. {_judgement(whole)}"


def _together(cases: Iterable[Case]) -> Verdict:
    whole = Verdict()
    for case in cases:
        whole.add(case.verdict)
    return whole


def _judgement(whole: Verdict) -> str:
    counts = f"{len(whole.lost)} lost, {len(whole.doubled)} doubled"
    return f"{counts}, every promise kept." if not whole.broken else f"{counts}. Broken: {'; '.join(whole.broken)}."


def _figures(cases: Sequence[Case]) -> str:
    stores = sorted({case.store for case in cases}, reverse=True)
    parts = [[case for case in cases if case.store == store] for store in stores]
    wholes = [_together(part) for part in parts]
    rows = [
        ("crashes", [sum(bool(case.trial.who) for case in part) for part in parts]),
        ("other hardships", [sum(not case.trial.who for case in part) for part in parts]),
        ("leads posted", [whole.posted for whole in wholes]),
        ("answered 200", [whole.answered for whole in wholes]),
        ("accepted", [whole.states["accepted"] for whole in wholes]),
        ("uncertain", [whole.states["uncertain"] for whole in wholes]),
        ("sent again, as the rule says", [whole.again for whole in wholes]),
        ("failed, as AiSensy refused them alone", [whole.states["failed"] for whole in wholes]),
        ("lost", [len(whole.lost) for whole in wholes]),
        ("doubled", [len(whole.doubled) for whole in wholes]),
        ("other broken promises", [len(whole.wrong) for whole in wholes]),
        ("seconds", [round(sum(case.seconds for case in part)) for part in parts]),
    ]
    return _table(["", *stores], [[name, *figures] for name, figures in rows], words=1)


def _doubts(whole: Verdict) -> str:
    rows = [[WHY.get(tag, tag), times] for tag, times in whole.doubts.most_common()]
    return _table(["why", "calls"], rows, words=1) if rows else "None was."


def _by_case(cases: Sequence[Case], heads: list[str], name: Callable[[Case], tuple[str, ...]]) -> str:
    """One line for all cases of a name."""
    names = dict.fromkeys(sorted(name(case) for case in cases))
    rows = []
    for one in names:
        mine = [case for case in cases if name(case) == one]
        whole = _together(mine)
        stores = Counter(case.store for case in mine)
        figures = [whole.posted, len(whole.lost), len(whole.doubled), whole.states["uncertain"]]
        rows.append([*one, stores["SQLite"], stores["PostgreSQL"], *figures])
    words = len(heads)
    return _table([*heads, "on SQLite", "on PostgreSQL", "leads", "lost", "doubled", "uncertain"], rows, words)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]], words: int) -> str:
    rule = ["---"] * words + ["--:"] * (len(heads) - words)
    lines: list[Sequence[object]] = [heads, rule, *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
