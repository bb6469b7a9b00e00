"""`gateway suppress`: the numbers that are never messaged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from sqlalchemy import RowMapping

from gateway import clock, phone
from gateway.cli.common import Context, json_option, limit_option, lines, pass_context, phones_option, show
from gateway.cli.suppress.files import read_cells
from gateway.cli.suppress.importing import Import, report
from gateway.errors import GatewayError
from gateway.jsontext import clean
from gateway.phone.countries import code_of
from gateway.pipeline.suppressing import read, read_known, suppress
from gateway.store import suppressions

country_option = click.option(
    "--country", default="", metavar="IN", help="Of numbers without one; else GATEWAY_COUNTRY."
)


@click.group("suppress")
def suppress_command() -> None:
    """Keep numbers that are never messaged, whatever a mapping or a replay says. A reply like STOP adds its own."""


@suppress_command.command("add")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER…")
@click.option(
    "--reason", default="a person asked for it", show_default=True, help="Why; shown where it stops a message."
)
@country_option
@pass_context
def add(context: Context, numbers: tuple[str, ...], reason: str, country: str) -> None:
    """Message these numbers no more; what waits for them is not sent. They may be written in any way.

    Exit code 0: all are suppressed now. 1: some are no numbers; the others are.
    """
    home = _country(context, country)
    found = [(written, read(written, home)) for written in numbers]
    wanted = dict.fromkeys((number for _written, told in found for number in told.numbers), clean(reason))
    with context.ledger.write("suppress") as connection:
        added = suppress(connection, wanted, clock.now())
    for number in wanted:
        click.echo(f"{phone.mask(number)} {'is suppressed' if number in added else 'was suppressed already'}")
    _refuse([(written, told.reason) for written, told in found if not told.numbers])


@suppress_command.command("remove")
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER…")
@country_option
@pass_context
def remove(context: Context, numbers: tuple[str, ...], country: str) -> None:
    """Let these numbers be messaged again. What was stopped meanwhile is not sent by itself.

    Exit code 0: all may be messaged now. 1: some are no numbers.
    """
    home = _country(context, country)
    found = [(written, read_known(written, home)) for written in numbers]
    removed = False
    for number in dict.fromkeys(number for _written, told in found for number in told.numbers):
        with context.ledger.write("suppress") as connection:
            gone = suppressions.remove(connection, number)
        click.echo(f"{phone.mask(number)} {'may be messaged again' if gone else 'was not suppressed'}")
        removed = removed or gone
    if removed:
        click.echo("What was stopped meanwhile is not sent by itself: `gateway replay` sends what you name.")
    _refuse([(written, told.reason) for written, told in found if not told.numbers])


@suppress_command.command("list")
@click.option("--number", default="", metavar="NUMBER", help="Only this one: exit code 1 when it is not suppressed.")
@country_option
@limit_option
@phones_option
@json_option
@pass_context
def list_command(context: Context, number: str, country: str, limit: int, *, phones: bool, as_json: bool) -> None:
    """List the numbers that are never messaged, the newest first. Of an erased person only a hash is left."""
    wanted = _one(number, _country(context, country)) if number else ""
    with context.ledger.read() as connection:
        found = suppressions.listing(connection, number=wanted, limit=limit)
        count = len(found) if wanted else suppressions.count(connection)
    empty = f"{phone.mask(wanted)} is not suppressed." if wanted else "No number is suppressed."
    show([_row(one, phones=phones) for one in found], as_json=as_json, empty=empty)
    if not as_json and count > len(found):
        click.echo(f"{count} in all; --limit shows more.")
    sys.exit(1 if wanted and not found else 0)


@suppress_command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--column", default="", metavar="NAME", help="The column of numbers; else found by its name.")
@click.option("--reason", default="", help="Why; else the file's name.")
@click.option("--dry-run", is_flag=True, help="Only say what would come of it.")
@country_option
@pass_context
def import_command(context: Context, file: Path, column: str, reason: str, country: str, *, dry_run: bool) -> None:
    """Suppress every number of a CSV file. It may be saved by any spreadsheet; what is no number is told by its line.

    Exit code 0: all of it is suppressed now. 1: some lines were refused; the others are. 2: nothing was done.
    """
    wanted = Import(clean(reason or f"imported from {file.name}"), _country(context, country), dry_run)
    done = wanted.carry_out(context.ledger, read_cells(file, column))
    lines(report(done, dry_run=dry_run))
    sys.exit(1 if done.refused else 0)


def _country(context: Context, given: str) -> str:
    code = given.upper()
    if code and code_of(code) == "0":
        raise GatewayError(f"--country '{given}' is no country code; write two letters, like IN.")
    return code or context.settings.text("GATEWAY_COUNTRY")


def _one(written: str, country: str) -> str:
    told = read_known(written, country)
    if len(told.numbers) != 1:
        raise GatewayError(f"'{written}' {told.reason or 'is several numbers'}: write it like +919876543210.")
    return told.numbers[0]


def _row(one: RowMapping, *, phones: bool) -> dict[str, Any]:
    number = one["number"] if phones else phone.mask(one["number"])
    return {"number": number or "(erased)", "since": one["since"], "reason": one["reason"]}


def _refuse(found: list[tuple[str, str]]) -> None:
    """Say what is no number, and end so."""
    for written, reason in found:
        click.echo(f"'{written}' {reason}: write it like +919876543210.", err=True)
    if found:
        sys.exit(1)


COMMANDS = (suppress_command,)
