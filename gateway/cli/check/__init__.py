"""`gateway check`: every mistake of the mappings, at its place, with its cure."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from gateway.cli.check import online, receipts, tags
from gateway.cli.common import Context, json_option, pass_context, to_json
from gateway.cli.folder import Files, mappings_of, named
from gateway.errors import GatewayError
from gateway.mapping import contracts, rules
from gateway.model import Problem, Seen
from gateway.pipeline.checking import outdated


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--online", "ask", is_flag=True, help="Ask AiSensy about each campaign too, and fetch each media file.")
@click.option("--tags", "list_tags", is_flag=True, help="Instead: list every tag and attribute to create in AiSensy.")
@json_option
@pass_context
def check(context: Context, files: tuple[Path, ...], *, ask: bool, list_tags: bool, as_json: bool) -> None:
    """Show every mistake of the mappings, with its cure. Without FILES: of the whole mapping folder.

    Every rule is held against what contracts.yaml says of its campaign. Nothing is sent, with --online neither.

    Exit code 0: clean. 1: problems found. 2: could not run. Warnings and notes do not count as problems.
    """
    if ask and list_tags:
        raise GatewayError("--online and --tags are two questions; ask one at a time.")
    found = named(files) if files else mappings_of(context)
    if list_tags:
        tags.show_tags(context, found, as_json=as_json)
    else:
        heard = online.last_words(context) if found.whole and not ask else {}
        _check(context, found, heard, ask=ask, as_json=as_json)


def _check(context: Context, found: Files, heard: Mapping[str, Seen], *, ask: bool, as_json: bool) -> None:
    """`heard`: what AiSensy told the running gateway, where it is not asked now."""
    settings = context.settings
    good, wrong = found.read(settings)
    wrong += [*found.limits()[1], *found.clashes(good), *receipts.unheard(context, good)]
    asked = online.ask_aisensy(good, settings) if ask else online.Asked()
    wrong += [*_of_contracts(found, good, asked), *outdated(found.lock_path, found.lock, found.contracts()[0], heard)]
    if ask:
        wrong += online.media_problems(good, found.contracts()[0], asked.seen, settings)
    problems = sorted(set(wrong)) + _without_lock(found, good)
    notes = sorted(online.status_words(good, asked.seen))
    if as_json:
        click.echo(to_json([_row(each) for each in problems] + [_row(each, "note") for each in notes]))
    else:
        _print(found, good, problems, notes)
    if asked.trouble:
        raise GatewayError(asked.trouble)
    sys.exit(1 if any(not problem.warning for problem in problems) else 0)


def _of_contracts(files: Files, good: Mapping[str, rules.Mapping], asked: online.Asked) -> list[Problem]:
    """What is wrong with `contracts.yaml`, and where rules do not give what it (or AiSensy) says."""
    known, problems = files.contracts()
    compared = [each for file, mapping in good.items() for each in contracts.compare(file, mapping, known, asked.seen)]
    return [*problems, *compared, *(() if problems else outdated(files.lock_path, files.lock, known, asked.seen))]


def _without_lock(files: Files, good: Mapping[str, rules.Mapping]) -> list[Problem]:
    """One warning for the whole folder, when nothing is written down of its campaigns."""
    calls = any(rule.call for mapping in good.values() for rule in mapping.rules)
    if any(files.contracts()) or not (files.whole and calls):
        return []
    lacking = "this file is not there" if files.lock is None else "no campaign stands here"
    sentence = f"{lacking}, so no rule is compared with its campaign; `gateway contracts fetch` writes it"
    return [Problem(files.lock_path, 1, 1, sentence, warning=True)]


def _print(files: Files, good: Mapping[str, rules.Mapping], problems: list[Problem], notes: list[Problem]) -> None:
    for problem in problems:
        click.echo(problem)
    for note in notes:
        click.echo(f"{note.file}:{note.line}:{note.column}: note: {note.sentence}")
    count = sum(len(mapping.rules) for mapping in good.values())
    click.echo(_count(len(files.mappings) or 1, count, problems))


def _row(problem: Problem, kind: str = "") -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "sentence": problem.sentence,
        "warning": problem.warning,
        "kind": kind or ("warning" if problem.warning else "problem"),
    }


def _count(files: int, rules: int, problems: list[Problem]) -> str:
    warnings = sum(problem.warning for problem in problems)
    counts = [(files, "file"), (rules, "rule"), (len(problems) - warnings, "problem"), (warnings, "warning")]
    shown = counts if warnings else counts[:3]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in shown)


COMMANDS = (check,)
