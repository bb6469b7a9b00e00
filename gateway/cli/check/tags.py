"""`gateway check --tags`: what must be created in AiSensy, which leaves out without a word what it does not have."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import click

from gateway.cli.common import Context, shorten, table, to_json
from gateway.cli.folder import Files, ledger_if_any, live_of
from gateway.mapping import tags
from gateway.mapping.tags import Wanted
from gateway.model import Lead, Plan
from gateway.pipeline.planning import Live
from gateway.store import leads
from gateway.store.leads import NOT_PEOPLE
from gateway.store.ledger import Ledger

#: Stored leads of each source that are looked through.
LAST = 10_000
#: Values of a tag that a table shows.
SHOWN = 10


_HEAD = "AiSensy leaves out, without a word, tags and attributes that its project does not have. Create these there:\n"
_NO_LEDGER = (
    "There is no ledger here yet, so nobody knows the values of the tags with a $: they come from stored leads."
)


def show_tags(context: Context, files: Files, *, as_json: bool) -> None:
    """Print every tag and attribute of some mappings, with the values that stored leads gave."""
    live = live_of(files, context.settings)
    wanted = tags.wanted(live.mappings)
    open_ones = any(each.pattern for each in wanted)
    ledger = ledger_if_any(context) if open_ones else None
    seen = _seen(ledger, live, wanted) if ledger else {}
    rows = [(each, tags.values_of(each, seen) if each.pattern and ledger else None) for each in wanted]
    if as_json:
        click.echo(to_json([_as_json(*row) for row in rows]))
    elif not rows:
        click.echo("The mappings say no tag and no attribute.")
    else:
        click.echo(_HEAD)
        click.echo(table([_as_row(*row) for row in rows]))
    if open_ones and not ledger:
        click.echo(_NO_LEDGER, err=True)


def _seen(ledger: Ledger, live: Live, wanted: Sequence[Wanted]) -> dict[tags.Place, Counter[str]]:
    files = {said.file for each in wanted if each.pattern for said in each.said}
    sources = sorted({mapping.source for mapping in live.mappings if mapping.file in files})
    with ledger.read() as connection:
        stored = [one for source in sources for one in leads.listing(connection, source=source, limit=LAST)]
    counted = [one.lead for one in stored if one.state not in NOT_PEOPLE and one.lead.answers]
    return tags.values(_plans(counted, live), live.mappings)


def _plans(found: Sequence[Lead], live: Live) -> Iterator[Plan]:
    hidden = not sys.stderr.isatty()
    with click.progressbar(found, label="reading leads", file=sys.stderr, hidden=hidden) as waiting:
        for lead in waiting:
            if plan := live.plan(lead):
                yield plan


def _as_json(each: Wanted, values: Counter[str] | None) -> dict[str, Any]:
    said = [{"file": one.file, "line": one.line, "rule": one.rule} for one in each.said]
    return {
        "what": each.what,
        "name": each.name,
        "said_by": said,
        "values": None if values is None else dict(values.most_common()),
    }


def _as_row(each: Wanted, values: Counter[str] | None) -> dict[str, str]:
    return {"what": each.what, "name": each.name, "said by": _said_by(each), "values so far": _values(each, values)}


def _said_by(each: Wanted) -> str:
    rules: dict[str, list[str]] = {}
    for one in each.said:
        rules.setdefault(f"{one.file}:{one.line}", []).append(one.rule)
    return "; ".join(f"{place} {shorten(', '.join(names), 40)}" for place, names in rules.items())


def _values(each: Wanted, values: Counter[str] | None) -> str:
    if values is None:
        return "not known" if each.pattern else ""
    ordered = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))
    shown = [f"{shorten(text, 40)} ({count})" for text, count in ordered[:SHOWN]]
    more = [f"and {len(ordered) - SHOWN} more"] if len(ordered) > SHOWN else []
    return ", ".join([*shown, *more]) or "none yet"
