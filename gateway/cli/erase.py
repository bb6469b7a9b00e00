"""`gateway erase`: takes a person out of the ledger."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from gateway import clock, phone
from gateway.cli.common import Context, lines, pass_context
from gateway.errors import GatewayError
from gateway.pipeline.erasing import Found, find
from gateway.pipeline.erasing import erase as take_out
from gateway.pipeline.person import Number, read_number
from gateway.pipeline.publishing import load_live


@click.command()
@click.argument("number", nargs=-1, required=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_context
def erase(context: Context, number: tuple[str, ...], *, dry_run: bool, yes: bool) -> None:
    """Take a person out of the ledger, for good: answers, plans, calls, receipts and whatever waits for them.

    NUMBER is their phone number with its country. What was counted stays counted, so the books still balance.

    Exit code 0: removed. 1: nothing is known of this number. 2: could not run, nothing was changed.
    """
    wanted = _whole(" ".join(number), context.settings.text("GATEWAY_COUNTRY"))
    live = load_live(context.ledger, context.settings)
    with context.ledger.read() as connection:
        found = find(connection, wanted, live)
    if found.nothing:
        click.echo(f"Nothing is known of {phone.mask(wanted.e164)}.")
        sys.exit(1)
    lines(_told(found))
    if dry_run:
        click.echo("Nothing was changed.")
        return
    _confirm(yes=yes)
    with context.ledger.read() as connection:
        found = find(connection, wanted, live)  # once more: what came while a person was asked goes, too
    with context.ledger.write("erase") as connection:
        take_out(connection, found, clock.now())
    click.echo("It is removed." if context.ledger.forget() else _STILL_THERE)


#: Somebody read for long, so that the file of what was written last could not be emptied.
_STILL_THERE = (
    "It is removed, but the file gateway.db-wal may still hold traces, as somebody is reading: they go by themselves."
)


def _whole(written: str, country: str) -> Number:
    number = read_number(written, country)
    if not number.e164:
        raise GatewayError(f"'{written}' names no country: write it like +919876543210, so that nobody else is meant.")
    return number


def _told(found: Found) -> Iterator[str]:
    yield f"Known of {phone.mask(found.number)}:"
    yield f"  leads                 {len(found.leads):>5}"
    tries = f"(tries: {found.attempts}; what has not left is cancelled)"
    yield f"  messages              {len(found.deliveries):>5}   {tries}"
    yield f"  requests of forms     {len(found.events):>5}   (and {len(found.loose)} that became no lead)"
    yield f"  receipts              {len(found.receipts):>5}"
    if found.shared:
        ids = ", ".join(f"e{event_id}" for event_id in found.shared)
        yield f"{ids} brought others' leads as well: the request goes whole, their leads stay."
    if found.suppressed:
        yield "The number is suppressed, and stays so: only a hash of it is kept."


def _confirm(*, yes: bool) -> None:
    question = "Remove all of it, for good?"
    if yes:
        return
    if not sys.stdin.isatty():
        raise GatewayError(f"{question} Add --yes to say so.")
    if not click.confirm(question):
        raise GatewayError("Nothing was removed.")


COMMANDS = (erase,)
