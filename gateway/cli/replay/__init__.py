"""`gateway replay`: process something again, as it is or with other answers."""

from __future__ import annotations

import sys
from typing import Any

import click

from gateway.cli.common import Context, json_option, pass_context, show
from gateway.cli.replay.asking import nothing, question, warn
from gateway.cli.replay.doing import carry_out, foretell
from gateway.cli.replay.typed import Typed
from gateway.mapping.limits import NAMES
from gateway.store import chosen


@click.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--state", help="All in this state: unmapped, failed, unreadable, held, …")
@click.option("--since", metavar="TIME", help="What came since 2d, 3h, 2026-11-20 or '2026-11-20 14:00' (UTC).")
@click.option("--until", metavar="TIME", help="What came before then; a day alone counts to its end.")
@click.option("--source", help="Only of this source.")
@click.option("--form", help="Only of this form; '' for leads that name none.")
@click.option("--rule", help="Only what this rule decided.")
@click.option("--error", metavar="TEXT", help="Only with this tag, or this text in its reason.")
@click.option("--despite", multiple=True, metavar="LIMIT", help=f"Lift this limit for them: {', '.join(NAMES)} or all.")
@click.option("--set", "answers", multiple=True, metavar="NAME=TEXT", help="Change this answer first.")
@click.option("--phone", metavar="NUMBER", help="Change the phone number first, wherever the mapping looks for it.")
@click.option("--again", is_flag=True, help="Also what was sent already, or may have been: one more message.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done, and what the limits would say.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def replay_command(context: Context, /, **given: Any) -> None:
    """Process events, leads or deliveries again. IDS are e12, l34, d56; the running worker does it.

    Nobody is messaged twice unless you say --again, and the limits hold unless you say --despite. Without IDS, name
    what to replay by what it is like; it first shows how many and how old.
    """
    typed = Typed.of(context, given)
    with context.ledger.read() as connection:
        names = list(typed.ids) or chosen.ids(connection, typed.like)
        asked = question(connection, names, typed)
    if not names:
        nothing(typed)
        return
    if typed.dry_run:
        foretell(context, names, typed)
        return
    warn(asked, yes=typed.yes)
    done = carry_out(context, names, typed)
    rows = [{"id": one.id, "done": "yes" if one.done else "no", "what": one.told} for one in done]
    show(rows, as_json=typed.as_json, empty="Nothing was replayed.")
    sys.exit(0 if all(one.done for one in done) else 1)


COMMANDS = (replay_command,)
