"""`gateway publish`: makes the mappings of a folder live where no worker follows a folder."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click
from sqlalchemy import Connection

from gateway.cli.common import Context, lines, pass_context
from gateway.errors import GatewayError
from gateway.model import Problem
from gateway.pipeline.beside import only_mappings
from gateway.pipeline.publishing import Proposal, make_live, propose, read_folder
from gateway.pipeline.watching import follows
from gateway.store import versions
from gateway.store.console import acts


@click.command()
@click.option("--mappings", "other", type=click.Path(path_type=Path), help="Folder of the files, if it is another.")
@click.option("--dry-run", is_flag=True, help="Say what would change; publish nothing.")
@pass_context
def publish(context: Context, other: Path | None, *, dry_run: bool) -> None:
    """Make the mapping folder live, for workers that follow none.

    All of it or nothing: one mistake in one file, and what was live stays live. Every worker plans by the new
    version within about a second. A file that is gone from the folder goes away.

    Exit code 0: it is live, or was. 1: there are mistakes, and nothing was published. 2: could not run.
    """
    folder = other or context.mappings
    found = _files(context, folder)
    proposal = propose(context.ledger, found, context.settings)
    mistakes = _print_problems(folder, proposal)
    if mistakes:
        click.echo(f"{_count(mistakes, 'problem')}; nothing was published.")
        sys.exit(1)
    if not proposal.changes:
        click.echo(f"Version {proposal.version} is live and says all of this; nothing was published.")
        return
    lines(_changes(proposal.live, proposal.files))
    with context.ledger.read() as connection:
        lines(_saved_in_the_console(connection, proposal))
    if dry_run:
        click.echo(f"{_live_now(proposal)} Nothing was published.")
        return
    version = make_live(context.ledger, proposal)
    if not version:
        raise GatewayError("Other mappings went live at this very moment; look at them, then publish again.")
    click.echo(f"Version {version} is live: {_count(len(only_mappings(proposal.files)), 'mapping')}.")


def _files(context: Context, folder: Path) -> Mapping[str, bytes]:
    """Name → content of what is to be live; raises GatewayError when this folder cannot be it."""
    if folder.resolve() != context.mappings.resolve() and follows(context.settings):
        raise GatewayError(
            f"The worker here follows {context.mappings} and would publish that again; write the files there, "
            "or set GATEWAY_FOLLOW=no."
        )
    if not folder.is_dir():
        raise GatewayError(f"There is no folder {folder}; set GATEWAY_MAPPINGS, or name it with --mappings.")
    try:
        found = read_folder(folder)
    except OSError as error:
        raise GatewayError(f"{error.filename} cannot be read: {error.strerror}.") from None
    if not only_mappings(found):
        raise GatewayError(f"There is no mapping in {folder}: a mapping is a file that ends in .yaml.")
    return found


def _print_problems(folder: Path, proposal: Proposal) -> int:
    """Print every problem at its place, and count those that are no mere warnings."""
    shown: set[Problem] = {replace(problem, file=str(folder / problem.file)) for problem in proposal.problems}
    lines(map(str, sorted(shown)))
    return sum(not problem.warning for problem in shown)


def _changes(live: Mapping[str, str], files: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*live, *files}):
        if live.get(name) != files.get(name):
            word = "changed" if name in live and name in files else "added" if name in files else "removed"
            yield f"{word:<9}{name}"


def _saved_in_the_console(connection: Connection, proposal: Proposal) -> Iterator[str]:
    """What the folder may not know of: texts that somebody saved in a browser, and that it takes the place of."""
    changes = versions.changes(connection)
    for name, text in sorted(proposal.live.items()):
        number = changes[name][-1].number
        if proposal.files.get(name) != text and (who := acts.savers(connection, name).get(number)):
            kept = f"`gateway history {name}@{number}` has it"
            yield f"         {who} saved what is live of {name} in the console; {kept}"


def _live_now(proposal: Proposal) -> str:
    return f"Version {proposal.version} stays live." if proposal.version else "Nothing is live yet."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


COMMANDS: tuple[click.Command, ...] = (publish,)
