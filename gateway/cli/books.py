"""`gateway audit`: the books are held against themselves."""

from __future__ import annotations

import sys

import click

from gateway import clock
from gateway.cli.common import Context, json_option, pass_context, to_json
from gateway.store import books


@click.command("audit")
@json_option
@pass_context
def audit_command(context: Context, *, as_json: bool) -> None:
    """Prove that nothing disappeared. Counted are events, leads and their first deliveries; apart from these,
    follow-ups and receipts.

    Exit code 0: they balance. 1: they do not, and it says where, with the first 20 of each kind.
    """
    with context.ledger.read() as connection:
        found = books.audit(connection)
    if as_json:
        click.echo(
            to_json({"at": clock.now(), "balanced": found.balanced} | _counts(found) | {"mistakes": found.mistakes})
        )
    else:
        for title, counts in _counts(found).items():
            parts = " + ".join(f"{count} {state}" for state, count in sorted(counts.items()))
            click.echo(f"{title:<18} {sum(counts.values()):>7} = {parts or '0'}")
        for mistake in found.mistakes:
            click.echo(f"wrong: {mistake}")
        click.echo("The books balance." if found.balanced else "The books do not balance.")
    sys.exit(0 if found.balanced else 1)


def _counts(found: books.Books) -> dict[str, dict[str, int]]:
    return {
        "events": found.events,
        "leads": found.leads,
        "planned leads": found.planned,
        "follow-ups": found.follow_ups,
        "receipts": found.receipts,
    }


COMMANDS = (audit_command,)
