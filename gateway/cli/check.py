"""`gateway check`: every mistake of the mappings, at its place, with its cure."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.common import Context, json_option, pass_context, to_json
from gateway.cli.folder import files_in
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping.reader.check import read_mappings
from gateway.model import Problem


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@json_option
@pass_context
def check(context: Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Check mapping files (all of the mapping folder, if none is named) and show every mistake with its cure.

    Exit code 0: clean. 1: problems found. 2: could not run. Warnings do not count as problems.
    """
    texts = _contents(files) if files else files_in(context)
    good, problems = read_mappings(texts, version=context.settings.text("AISENSY_VERSION"), sources=names())
    if as_json:
        click.echo(to_json([_row(problem) for problem in problems]))
    else:
        for problem in problems:
            click.echo(problem)
        rules = sum(len(mapping.rules) for mapping in good.values())
        click.echo(_count(len(texts), rules, problems))
    sys.exit(1 if any(not problem.warning for problem in problems) else 0)


def _contents(files: tuple[Path, ...]) -> dict[str, bytes]:
    try:
        return {str(path): path.read_bytes() for path in files}
    except OSError as error:
        raise GatewayError(f"{error.filename} cannot be read: {error.strerror}.") from None


def _row(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "sentence": problem.sentence,
        "warning": problem.warning,
    }


def _count(files: int, rules: int, problems: list[Problem]) -> str:
    warnings = sum(problem.warning for problem in problems)
    counts = [(files, "file"), (rules, "rule"), (len(problems) - warnings, "problem"), (warnings, "warning")]
    shown = counts if warnings else counts[:3]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in shown)


COMMANDS = (check,)
