"""`gateway explain`: what the mappings would send, and why, word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from gateway import samples
from gateway.cli.common import Context, json_option, pass_context, to_json
from gateway.cli.explain import words
from gateway.cli.folder import live_in, unfinished_in
from gateway.errors import GatewayError
from gateway.model import Delivery, Event
from gateway.pipeline.planning import Live
from gateway.pipeline.replaying import read_id
from gateway.store import deliveries, events, leads
from gateway.store.leads import StoredLead

Found = TypeVar("Found")


@click.command()
@click.argument("what")
@json_option
@pass_context
def explain(context: Context, what: str, *, as_json: bool) -> None:
    """Say what the mappings would send, and why, word by word.

    WHAT is a sample's file (samples/website/price-list--json.json), a stored event (e12), a lead (l34) or a
    delivery (d56). The mappings are those of the folder, be they live or not. Nothing is sent.
    """
    live = replace(live_in(context), unreadable=unfinished_in(context))
    explained = _sample(context, Path(what), live) if Path(what).is_file() else _stored(context, what, live)
    click.echo(to_json(explained.as_json()) if as_json else explained.as_text())


def _sample(context: Context, path: Path, live: Live) -> words.Explained:
    state, note, planned = samples.run(samples.load(path), live, samples.with_invented(context.settings))
    return words.Explained("event", state, note, planned, live)


def _stored(context: Context, what: str, live: Live) -> words.Explained:
    if "/" in what or "." in what:
        raise GatewayError(f"There is no file {what}; name a sample's file, or what is stored: e12, l34 or d56.")
    kind, number = read_id(what)
    if kind == "e":
        return _event(context, _only(_load_event(context, number), what), live)
    with context.ledger.read() as connection:
        if kind == "l":
            stored = _only(leads.load(connection, [number]), what)
            return words.Explained("lead", stored.state, stored.lead.reason, [samples.of_lead(stored, live)], live)
        delivery = _only(deliveries.load(connection, [number]), what)
        return _delivery(delivery, leads.load(connection, [delivery.lead_id])[0], live)


def _load_event(context: Context, number: int) -> list[Event]:
    with context.ledger.read() as connection:
        return events.load(connection, [number])


def _event(context: Context, event: Event, live: Live) -> words.Explained:
    """A stored event, with the answers that its look-ups brought."""
    with context.ledger.read() as connection:
        stored = leads.of_event(connection, event.id)
    if not stored:
        sample = samples.Sample(Path(f"e{event.id}"), event, {})
        return words.Explained("event", *samples.run(sample, live, context.settings), live)
    return words.Explained("event", event.state, event.reason, [samples.of_lead(one, live) for one in stored], live)


def _delivery(delivery: Delivery, stored: StoredLead, live: Live) -> words.Explained:
    hint = (
        f"`gateway deliveries d{delivery.id}` shows the plan that it was made by. "
        f"Of its lead l{stored.lead.id} the mappings of the folder make:"
    )
    return words.Explained("delivery", delivery.state, delivery.reason, [samples.of_lead(stored, live)], live, hint)


def _only(found: Sequence[Found], name: str) -> Found:
    if not found:
        raise GatewayError(f"There is no {name} in the ledger.")
    return found[0]


COMMANDS = (explain,)
