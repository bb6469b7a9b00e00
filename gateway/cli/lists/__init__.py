"""Commands that list what happened: events, leads, deliveries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import click
from sqlalchemy import Connection

from gateway.cli.common import Context, ago, json_option, limit_option, lines, pass_context, phones_option, show, soon
from gateway.cli.lists.rows import delivery_row, event_row, lead_row
from gateway.cli.lists.whole import show_delivery, show_event, show_lead
from gateway.errors import GatewayError
from gateway.model import DeliveryState, EventState, LeadState
from gateway.pipeline.person import first
from gateway.pipeline.replaying import read_id
from gateway.store import attempts, deliveries, events, holds, leads, receipts, versions
from gateway.store.leads import StoredLead

Found = TypeVar("Found")


def _none(state: str | None, place: str | None, otherwise: str) -> str:
    return "None of these." if state or place else otherwise


def _states(kind: Any) -> click.Choice[str]:
    return click.Choice([str(state) for state in kind])


@click.command("events")
@click.option("--state", type=_states(EventState), help="Only these.")
@click.option("--source", help="Only of this source.")
@click.option("--body", is_flag=True, help="With an id: only the body, byte for byte; save it as a sample.")
@click.option("--refused", is_flag=True, help="Instead: requests that were not stored, counted by cause.")
@limit_option
@json_option
@click.argument("event_id", required=False)
@pass_context
def events_command(
    context: Context, state: str, source: str, limit: int, event_id: str, *, body: bool, refused: bool, as_json: bool
) -> None:
    """List what came in, the newest first. With an id (e12), show one whole, as it was posted."""
    with context.ledger.read() as connection:
        if refused:
            rows = [
                {"last" if name == "last_at" else name: value for name, value in row.items()}
                for row in events.refused(connection)
            ]
            show(rows, as_json=as_json, empty="No request was refused.")
        elif event_id:
            event = _only(events.load(connection, [read_id(event_id, "e")[1]]), event_id)
            if body:
                click.echo(event.body, nl=False)
            else:
                show_event(event, leads.of_event(connection, event.id), as_json=as_json)
        else:
            listed = events.listing(connection, state=state or "", source=source or "", limit=limit)
            show([event_row(event) for event in listed], as_json=as_json, empty=_none(state, source, "No events yet."))


@click.command("leads")
@click.option("--state", type=_states((*LeadState, *DeliveryState)), help="Only these.")
@click.option("--source", help="Only of this source.")
@limit_option
@phones_option
@json_option
@click.argument("lead_id", required=False)
@pass_context
def leads_command(
    context: Context, state: str, source: str, limit: int, lead_id: str, *, phones: bool, as_json: bool
) -> None:
    """List leads, the newest first. With an id (l34), show one whole: answers, plan, deliveries."""
    with context.ledger.read() as connection:
        if lead_id:
            stored = _only(leads.load(connection, [read_id(lead_id, "l")[1]]), lead_id)
            made = deliveries.of_lead(connection, stored.lead.id)
            show_lead(stored, made, versions.changes(connection), as_json=as_json)
            return
        listed = _in_state(connection, state or "", source or "", limit)
        rows = [lead_row(one, deliveries.of_lead(connection, one.lead.id), phones=phones) for one in listed]
    show(rows, as_json=as_json, empty=_none(state, source, "No leads yet."))


def _in_state(connection: Connection, state: str, source: str, limit: int) -> list[StoredLead]:
    """The latest leads that show this state: planned ones show that of their first delivery."""
    found = leads.listing(connection, state=state, source=source, limit=limit)
    if state in set(DeliveryState):
        made = deliveries.listing(connection, state=state, step=0, limit=limit)
        sent = leads.load(connection, [one.lead_id for one in made])
        shown = [(one, first(one, deliveries.of_lead(connection, one.lead.id))) for one in sent]
        found += [one for one, its in shown if its and its.state == state and source in ("", one.lead.source)]
    return sorted(found, key=lambda one: -one.lead.id)[:limit]


@click.command("deliveries")
@click.option("--state", type=_states(DeliveryState), help="Only these.")
@click.option("--campaign", help="Only of this campaign.")
@limit_option
@phones_option
@json_option
@click.argument("delivery_id", required=False)
@pass_context
def deliveries_command(
    context: Context, state: str, campaign: str, limit: int, delivery_id: str, *, phones: bool, as_json: bool
) -> None:
    """List messages, the newest first. With an id (d56), show one whole: call, why, every try."""
    with context.ledger.read() as connection:
        if delivery_id:
            one = _only(deliveries.load(connection, [read_id(delivery_id, "d")[1]]), delivery_id)
            tries = attempts.of(connection, one.id)
            told = receipts.of_delivery(connection, one.id)
            show_delivery(one, tries, told, versions.changes(connection), as_json=as_json)
            return
        listed = deliveries.listing(connection, state=state or "", campaign=campaign or "", limit=limit)
        stopped, slowed = holds.since(connection), holds.rests(connection)
    show(
        [delivery_row(one, phones=phones) for one in listed],
        as_json=as_json,
        empty=_none(state, campaign, "No deliveries yet."),
    )
    if not as_json:
        lines(f"stopped: {key}, {ago(start)}: {reason}" for key, reason, start in stopped)
        lines(f"slowed: AiSensy is in trouble; one message is tried {soon(until)}" for _key, until in slowed)


def _only(found: Sequence[Found], name: str) -> Found:
    if not found:
        raise GatewayError(f"There is no {name} in the ledger.")
    return found[0]


COMMANDS = (events_command, leads_command, deliveries_command)
