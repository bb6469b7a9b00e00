"""`gateway why`: all that is known of one person, and why nothing was sent."""

from __future__ import annotations

import re
import sys

import click

from gateway.cli.common import Context, json_option, limit_option, lines, pass_context, phones_option, to_json
from gateway.cli.why.story import story_lines
from gateway.cli.why.telling import Teller
from gateway.pipeline.person import read_number, tell, tell_of_lead
from gateway.pipeline.person.reasons import look
from gateway.pipeline.publishing import load_live
from gateway.store import versions


@click.command()
@click.argument("who", nargs=-1, required=True)
@limit_option
@phones_option
@json_option
@pass_context
def why(context: Context, who: tuple[str, ...], limit: int, *, phones: bool, as_json: bool) -> None:
    """Say what became of one person, and why nothing was sent. It tells every lead, plan and message, the oldest first.

    WHO is a phone number, written in any way, or a lead (l34), whose person is meant.

    Exit code 0: found. 1: nobody typed this number. 2: could not run.
    """
    written = " ".join(who)
    live = load_live(context.ledger, context.settings)
    with context.ledger.read() as connection:
        if re.fullmatch(r"[lL][0-9]{1,18}", written):
            story = tell_of_lead(connection, int(written[1:]), live, limit)
        else:
            number = read_number(written, context.settings.text("GATEWAY_COUNTRY"))
            story = tell(connection, number, live, limit)
        world = look(connection, live, story.chapters)
        told = Teller(story, world, versions.changes(connection), phones=phones).told()
    if as_json:
        click.echo(to_json(told))
    else:
        lines(story_lines(story, told))
    sys.exit(0 if story.chapters else 1)


COMMANDS = (why,)
