"""`gateway explain`: what the mappings would send, and why, word by word."""

from __future__ import annotations

from pathlib import Path

import click

from gateway import samples
from gateway.cli import explaining
from gateway.cli.common import Context, json_option, pass_context, to_json
from gateway.cli.folder import invented, live_in
from gateway.errors import GatewayError
from gateway.model import Event, LeadState
from gateway.pipeline.planning import Live, fate
from gateway.pipeline.replaying import read_id
from gateway.store import events, leads


@click.command()
@click.argument("what")
@json_option
@pass_context
def explain(context: Context, what: str, *, as_json: bool) -> None:
    """Say what the mappings would send, and why, word by word.

    WHAT is a sample's file (samples/website/price-list--json.json) or a stored event (e12). Nothing is sent.
    """
    live = live_in(context)
    explained = _sample(context, Path(what), live) if Path(what).is_file() else _stored(context, what, live)
    click.echo(to_json(explained.as_json()) if as_json else explained.as_text())


def _sample(context: Context, path: Path, live: Live) -> explaining.Explained:
    return explaining.Explained(*samples.run(samples.load(path), live, invented(context.settings)))


def _stored(context: Context, what: str, live: Live) -> explaining.Explained:
    """A stored event, with the answers that its look-ups brought."""
    event = _event(context, what)
    with context.ledger.read() as connection:
        stored = leads.of_event(connection, event.id)
    if not stored:
        return explaining.Explained(*samples.run(samples.Sample(Path(what), event, {}), live, context.settings))
    planned = [_planned(one, live) for one in stored]
    return explaining.Explained(event.state, event.reason, planned)


def _planned(stored: leads.StoredLead, live: Live) -> samples.Planned:
    if not stored.lead.answers or stored.state in (LeadState.TEST, LeadState.DUPLICATE):
        return samples.Planned(stored.lead, stored.state, stored.lead.reason, None)
    became = fate(stored.lead, live)
    return samples.Planned(stored.lead, became.state, became.reason, became.plan)


def _event(context: Context, what: str) -> Event:
    if "/" in what or "." in what:
        raise GatewayError(f"There is no file {what}; name a sample's file, or a stored event like e12.")
    _kind, number = read_id(what, "e")
    with context.ledger.read() as connection:
        found = events.load(connection, [number])
    if not found:
        raise GatewayError(f"There is no event {what} in the ledger.")
    return found[0]


COMMANDS = (explain,)
