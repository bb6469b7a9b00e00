"""`gateway restore`: a text that was once live stands in the mapping folder again."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from sqlalchemy import Connection

from gateway.cli.common import Context, lines, pass_context
from gateway.errors import GatewayError
from gateway.model import Problem
from gateway.pipeline.origins import SIGNS
from gateway.pipeline.publishing import read_folder
from gateway.pipeline.saving import weigh
from gateway.pipeline.texts import change_of, changes_of, difference, read_name
from gateway.pipeline.watching import follows
from gateway.pipeline.writing import write_whole
from gateway.settings import Settings
from gateway.store import versions


@click.command()
@click.argument("name", metavar="FILE@VERSION")
@click.option("--yes", is_flag=True, help="Also when the text there now was never live, and would be lost.")
@pass_context
def restore(context: Context, name: str, *, yes: bool) -> None:
    """Write a version of a mapping into the mapping folder again.

    `gateway history FILE` lists the versions. It is checked first; a running gateway makes it live within a
    second or two, or `gateway publish` where no worker follows the folder. Exit code 1: it has problems as
    things are now, and nothing was written.
    """
    named = read_name(name)
    if not named.version:
        raise GatewayError(f"Say which version, as in {named.file}@3; `gateway history {named.file}` lists them.")
    if not context.mappings.is_dir():
        raise GatewayError(f"There is no folder {context.mappings}; set GATEWAY_MAPPINGS.")
    path = context.mappings / named.file
    there = path.read_bytes() if path.is_file() else None
    with context.ledger.read() as connection:
        change = change_of(named, changes_of(connection, named.file))
        text = versions.text_of(connection, change.hash)
        old = _kept(connection, path, there, yes=yes)
        problems = [] if text == old else _problems(connection, context.mappings, named.file, text, context.settings)
        live = versions.newest(connection)
    if text == old:
        click.echo(f"{path} says this already; nothing was written.")
        return
    if problems:
        lines(map(str, problems))
        click.echo(f"{named.file} version {change.number} has problems as things are now; nothing was written.")
        sys.exit(1)
    write_whole(path, text)
    if diff := difference(old or "", text, "before", f"{path.name}@{change.number}"):
        click.echo(diff)
    sign = f"{path} is version {change.number} ({change.hash[:SIGNS]}) again."
    lines(_next_steps(sign, live, followed=follows(context.settings)))


def _kept(connection: Connection, path: Path, there: bytes | None, *, yes: bool) -> str | None:
    """The text there now; None: no file. Raises GatewayError when it is kept nowhere else, and nobody said yes."""
    if there is None:
        return None
    old = there.decode("utf-8-sig", "replace")
    if not (yes or versions.is_kept(connection, old)):
        raise GatewayError(f"What {path} says now was never live, so it would be lost; copy it, or add --yes.")
    return old


def _problems(connection: Connection, folder: Path, file: str, text: str, settings: Settings) -> list[Problem]:
    """What is wrong with the text, and what it makes wrong in other files."""
    _proposal, problems = weigh(connection, read_folder(folder), file, text, settings)
    return [one for one in problems if not one.warning]


def _next_steps(sign: str, live: int, *, followed: bool) -> tuple[str, ...]:
    """What is there now, and how it goes live: by itself where a worker follows the folder."""
    if not followed:
        return (f"{sign} `gateway diff` shows whose messages change,", "and `gateway publish` makes it live.")
    return (
        f"{sign} A running gateway makes it live within a second",
        f"or two; then `gateway diff --from {live}` shows whose messages change, and nothing is sent by it.",
    )


COMMANDS = (restore,)
