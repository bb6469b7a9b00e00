"""`gateway drift`: what changed in the forms themselves."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Context, json_option, lines, pass_context, shorten, table, to_json
from gateway.errors import GatewayError
from gateway.mapping.drift import Drift, DriftKind, History, cure, line, place, says, shown
from gateway.pipeline.drifting import Look, look_at, name_of
from gateway.pipeline.publishing import load_live
from gateway.store import drifts as store
from gateway.store.drifts import Form

#: More forms than these take long enough for a progress bar.
_QUICK = 20

#: How many options of a choice are shown.
_OPTIONS = 8


@click.command()
@click.argument("form", required=False, default="")
@click.option("--last", default=500, show_default=True, type=click.IntRange(1), help="Look at so many leads of a form.")
@json_option
@pass_context
def drift(context: Context, form: str, last: int, *, as_json: bool) -> None:
    """Say which answers of a form are gone, changed or new. Its leads show it.

    FORM is a source (typeform) or one of its forms (typeform/AbC123xy), which also lists all its answers; without
    it, every form is looked at. Exit code 0: nothing drifted. 1: something did. 2: could not run.
    """
    source, slash, name = form.partition("/")
    forms = _forms(context, source, name if slash else None)
    looks = _looks(context, forms, last)
    drifted = [look for look in looks if look.found]
    if as_json:
        click.echo(to_json([_as_json(look, whole=bool(slash)) for look in looks]))
    else:
        lines(text for look in drifted for text in _told(look, context.mappings, titled=not slash))
        if slash:
            lines(text for look in looks for text in _answers(look))
        click.echo(_count(looks))
    sys.exit(1 if drifted else 0)


def _forms(context: Context, source: str, name: str | None) -> list[Form]:
    """The forms that are meant; raises when none of them ever had a lead."""
    with context.ledger.read() as connection:
        there = list(store.forms(connection))
    found = [form for form in there if source in ("", form[0]) and name in (None, form[1])]
    if source and not found:
        known = ", ".join(map(name_of, there)) or "no forms at all yet"
        raise GatewayError(f"No lead came from {source if name is None else f'{source}/{name}'}; there are {known}.")
    return found


def _looks(context: Context, forms: list[Form], last: int) -> list[Look]:
    live = load_live(context.ledger, context.settings)
    hidden = len(forms) <= _QUICK
    with (
        context.ledger.read() as connection,
        click.progressbar(forms, label="looking at forms", file=sys.stderr, hidden=hidden) as bar,
    ):
        return [look_at(connection, form, live, last) for form in bar]


def _told(look: Look, folder: Path, *, titled: bool) -> Iterable[str]:
    if titled:
        yield f"{name_of(look.form)}, its newest {_several(len(look.past.leads), 'lead')}"
    for one in look.found:
        yield f"{folder / place(look.file, one)}: {says(one)}"
        yield f"    {cure(one)}"


def _answers(look: Look) -> Iterable[str]:
    count = len(look.past.leads)
    yield f"{name_of(look.form)}: the answers in its newest {_several(count, 'lead')}"
    rows = [_row(answer, count) for answer in _all(look)]
    yield table(rows) if rows else "None of its leads has answers."


def _row(answer: dict[str, Any], count: int) -> dict[str, Any]:
    called = f" ({answer['title']})" if answer["title"] else ""
    return {
        "answer": shorten(answer["answer"] + called),
        "came": f"{answer['came']} of {count}",
        "kind": answer["kind"],
        "options": shorten(", ".join(answer["options"])),
        "used by": ", ".join(answer["fields"]),
        "first": answer["first"],
        "last": answer["last"],
    }


def _all(look: Look) -> list[dict[str, Any]]:
    """Every answer of a form, how often it came and what it holds."""
    used = look.used
    return [_answer(look, history, used) for history in look.past.histories.values()]


def _answer(look: Look, history: History, used: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    steady, read = history.names[0], history.names[-1]
    came = [look.past.times[at] for at in history.came]
    return {
        "answer": steady,
        "title": "" if read == steady else read,
        "came": len(came),
        "empty": history.empty,
        "kind": str(history.kind),
        "options": [shown(text) for text, _count in history.options.most_common(_OPTIONS)],
        "fields": used.get(steady, []),
        "first": min(came, default=None),
        "last": max(came, default=None),
    }


def _as_json(look: Look, *, whole: bool) -> dict[str, Any]:
    source, form = look.form
    return {
        "source": source,
        "form": form,
        "mapping": look.file,
        "leads": len(look.past.leads),
        "drifts": [_drift(one) for one in look.found],
    } | ({"answers": _all(look)} if whole else {})


def _drift(one: Drift) -> dict[str, Any]:
    return {
        "kind": str(one.kind),
        "answer": one.answer,
        "since": one.since,
        "leads": one.leads,
        "harmed": one.harmed,
        "fields": [use.field.name for use in one.uses],
        "options": [shown(option) for option in one.options],
        "likely": one.likely,
        "line": line(one),
        "says": says(one),
        "cure": cure(one),
    }


def _count(looks: list[Look]) -> str:
    found = [one.kind for look in looks for one in look.found]
    counted = ", ".join(f"{found.count(kind)} {kind}" for kind in DriftKind if kind in found)
    unmapped = sum(look.mapping is None for look in looks)
    without = f" ({unmapped} without a mapping)" if unmapped else ""
    return f"{_several(len(looks), 'form')}{without}, {counted or 'nothing drifted'}"


def _several(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


COMMANDS = (drift,)
