"""`gateway new`: a first mapping, written from the leads that a form sent already."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Context, json_option, lines, pass_context, show, table, to_json
from gateway.cli.new.folder import Folder
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping.reader.head import wrong_form
from gateway.mapping.reader.problems import did_you_mean
from gateway.mapping.starter import (
    First,
    Form,
    Given,
    example,
    first_mapping,
    sayable,
)
from gateway.mapping.wording import listed
from gateway.model import Problem
from gateway.pipeline.starting import seen
from gateway.store.unmapped import Waiting

_EXAMPLES = 3


@click.command()
@click.argument("what", metavar="[SOURCE[/FORM]]", required=False)
@click.option("--campaign", metavar="NAME", default="", help="The campaign to send, exactly as in AiSensy.")
@click.option("--file", "file", metavar="NAME", default="", help="What to call the file in the mapping folder.")
@click.option("--print", "only_print", is_flag=True, help="Print the mapping instead of writing a file.")
@json_option
@pass_context
def new(context: Context, what: str | None, campaign: str, file: str, *, only_print: bool, as_json: bool) -> None:
    """Write a first mapping, from the leads that a form sent. Without a form, list those that wait.

    The phone number, names, e-mail address and city are recognised. Wherever it says <choose …>, a person must:
    until then the file is not used. Nothing is sent; the leads that came are sent only by `gateway replay`.
    """
    folder = Folder.of(context)
    found = [one for one in folder.forms.waiting if what is None or _is_meant(one, what)]
    if what is None or (len(found) > 1 and "/" not in what):
        show([_row(one, folder) for one in found], as_json=as_json, empty="Every form that sent leads has a mapping.")
        return
    one = _only(what, found, folder)
    with context.ledger.read() as connection:
        form, event = seen(connection, one.source, one.form)
    made = first_mapping(form, folder.forms.wanted(campaign), context.settings.text("GATEWAY_COUNTRY"))
    if only_print:
        click.echo(made.text, nl=False)
        return
    path = folder.write(file or folder.forms.free_name(one.source, one.form), made.text)
    problems = folder.problems(path, made.text, context.settings.text("AISENSY_VERSION"))
    if as_json:
        click.echo(to_json(_as_json(path, one, form, made, problems)))
    else:
        _tell(path, one, form, made, problems)
        lines(_next_steps(one, f"e{event}", len(problems)))


def _is_meant(one: Waiting, what: str) -> bool:
    source, slash, form = what.partition("/")
    return one.source == source and (not slash or one.form == form)


def _row(one: Waiting, folder: Folder) -> dict[str, Any]:
    has_file = folder.forms.file_for(one.source, one.form)
    command = _replay(one) if has_file else shlex.join(["gateway", "new", f"{one.source}/{one.form}"])
    if has_file and folder.forms.is_open(has_file):
        command = "gateway check"
    return {
        "source": one.source,
        "form": one.form,
        "leads": one.leads,
        "last": one.last,
        "file": has_file,
        "next": command,
    }


def _replay(one: Waiting) -> str:
    """The command that sends the leads of a form that waited."""
    return shlex.join(["gateway", "replay", "--state", "unmapped", "--source", one.source, "--form", one.form])


def _only(what: str, found: list[Waiting], folder: Folder) -> Waiting:
    """The form that is meant; raises when there is nothing to write for it."""
    source, _, form = what.partition("/")
    if source not in names():
        cure = did_you_mean(source, names()) or f"; there is {listed(names(), 'and')}"
        raise GatewayError(f"There is no source '{source}'{cure}.")
    form = found[0].form if found else form
    if file := folder.forms.file_for(source, form):
        raise GatewayError(
            f"{folder.path / file} is for {_called(source, form)} already; {_what_now(file, found, folder)}."
        )
    if not found:
        raise GatewayError(f"No lead of {what} waits for a mapping; `gateway new` lists the forms whose leads do.")
    if form and (reason := wrong_form(form) or ("" if sayable(form) else "its name cannot be written in a mapping")):
        raise GatewayError(f"No mapping can be for {_called(source, form)}: {reason}.")
    return found[0]


def _what_now(file: str, found: list[Waiting], folder: Folder) -> str:
    if folder.forms.is_open(file):
        return "fill in the places that say <choose …>, then `gateway check`"
    return f"change that file. `{_replay(found[0])}` sends the leads that waited" if found else "change that file"


def _called(source: str, form: str) -> str:
    return f"the form '{form}' of {source}" if form else f"every other form of {source}"


def _tell(path: Path, one: Waiting, form: Form, made: First, problems: list[Problem]) -> None:
    form_named = f"of the form '{one.form}' " if one.form else "without a form's name "
    click.echo(f"{_leads(one.leads)} {form_named}came from {one.source}. What they answered:\n")
    click.echo(table([_answer(given, form.leads, made) for given in form.answers]))
    click.echo(f"\n{path} is written.")
    for problem in problems:
        click.echo(problem)


def _leads(count: int) -> str:
    return f"{count} lead{'s' * (count > 1)}"


def _answer(given: Given, leads: int, made: First) -> dict[str, str]:
    return {
        "answer": example(given.called),
        "given": f"{given.leads} of {leads}",
        "examples": ", ".join(_examples(given)),
        "in the mapping": made.uses[given.names[0]],
    }


def _examples(given: Given) -> list[str]:
    return [example(value) for value in given.different[:_EXAMPLES]]


def _next_steps(one: Waiting, event: str, places: int) -> Iterator[str]:
    yield "\nWhat to do next:"
    if places:
        yield f"  fill in {'the place that says' if places == 1 else f'the {places} places that say'} <choose …>"
    else:
        yield "  nothing is left to choose: new leads of this form are sent by this file from now on"
    yield "  gateway check"
    yield f"  gateway explain {event}"
    yield f"  {_replay(one)}"
    came = "lead" if one.leads == 1 else f"{one.leads} leads"
    yield f"The last one sends to the {came} that came; it asks first."


def _as_json(path: Path, one: Waiting, form: Form, made: First, problems: list[Problem]) -> dict[str, Any]:
    answers = [
        {"answer": given.names[0], "called": given.called, "given": given.leads, "examples": _examples(given)}
        | {"use": made.uses[given.names[0]]}
        for given in form.answers
    ]
    return {
        "file": str(path),
        "source": one.source,
        "form": one.form,
        "leads": one.leads,
        "answers": answers,
        "problems": [{"line": each.line, "column": each.column, "sentence": each.sentence} for each in problems],
        "next": _replay(one),
    }


COMMANDS: tuple[click.Command, ...] = (new,)
