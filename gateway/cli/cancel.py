"""Takes messages back before they leave."""

from __future__ import annotations

import sys

import click

from gateway.cli.common import Context, json_option, pass_context, show
from gateway.pipeline.cancelling import cancel


@click.command("cancel")
@click.argument("ids", nargs=-1, required=True)
@click.option("--follow-ups", is_flag=True, help="Only the follow-ups; a first message that has not left still leaves.")
@json_option
@pass_context
def cancel_command(context: Context, ids: tuple[str, ...], *, follow_ups: bool, as_json: bool) -> None:
    """Take back messages that have not left. IDS are d12 for one, l34 for all of a lead.

    `gateway replay d12` lets it leave after all.

    Exit code 0: all were taken back. 1: some could not be, because they left or were closed before. 2: could not run.
    """
    with context.ledger.write("cancel") as connection:
        done = [one for name in ids for one in cancel(connection, name, follow_ups=follow_ups)]
    rows = [{"id": one.id, "done": "yes" if one.done else "no", "what": one.says} for one in done]
    show(rows, as_json=as_json, empty="Nothing was taken back.")
    sys.exit(0 if all(one.done for one in done) else 1)


COMMANDS = (cancel_command,)
