"""`gateway keep`: a stored lead becomes a sample, its people replaced."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway.cli.common import Context, pass_context, shorten
from gateway.cli.folder import live_in
from gateway.errors import GatewayError
from gateway.model import Event, Lead
from gateway.pipeline.replaying import read_id
from gateway.samples import with_invented
from gateway.samples.keeping import Kept, NotKept
from gateway.samples.keeping import keep as make
from gateway.store import events, leads


@click.command()
@click.argument("lead")
@click.option("--name", default="", metavar="CASE", help="The sample's name; without it, one made of rule and lead.")
@click.option("--samples", "folder", type=click.Path(path_type=Path), default=Path("samples"), show_default=True)
@pass_context
def keep(context: Context, lead: str, name: str, folder: Path) -> None:
    """Make a test of a stored lead, with invented people in it. LEAD is like l34; a sample and its plan are written.

    Names, phone numbers, e-mail addresses and ids become invented ones, wherever they stand; the mappings must still
    choose the same rule. `gateway test` runs the sample from then on.

    Exit code 0: kept. 1: the people in it cannot be replaced, nothing is written. 2: could not run.
    """
    found, event = _stored(context, lead)
    try:
        kept = make(found, event, live_in(context), with_invented(context.settings), folder, name)
    except NotKept as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    kept.write()
    click.echo(_story(kept))


def _stored(context: Context, name: str) -> tuple[Lead, Event]:
    _kind, number = read_id(name, "l")
    with context.ledger.read() as connection:
        found = leads.load(connection, [number])
        if not found:
            raise GatewayError(f"There is no lead {name} in the ledger.")
        (event,) = events.load(connection, [found[0].event_id])
    if not found[0].lead.answers or not event.body:
        raise GatewayError(f"l{number} has no answers to keep: they were never looked up, or its person was erased.")
    return found[0].lead, event


def _story(kept: Kept) -> str:
    plan = kept.planned.plan
    became = f"by rule '{plan.rule}' of {plan.mapping}" if plan and plan.rule else "as before"
    lines = [*map(str, kept.files), f"Its people are replaced, and it is {kept.planned.state} {became}."]
    if kept.free:
        lines += ["Look these over; what else they tell was kept word for word:"]
        lines += [f"  {name}: {shorten(text, 100)}" for name, text in kept.free]
    return "\n".join([*lines, "`gateway test` runs it from now on."])


COMMANDS = (keep,)
