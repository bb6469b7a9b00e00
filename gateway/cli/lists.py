"""Commands that list what happened: events, leads, deliveries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import Connection, RowMapping

from gateway import phone, planjson
from gateway.cli.common import (
    Context,
    ago,
    json_option,
    limit_option,
    lines,
    pass_context,
    shorten,
    show,
    table,
    to_json,
)
from gateway.cli.explaining import plan_lines
from gateway.errors import GatewayError
from gateway.model import Answer, Delivery, DeliveryState, Event, EventState, LeadState, Plan
from gateway.pipeline.planning import who
from gateway.pipeline.replaying import read_id
from gateway.store import deliveries, events, holds, leads
from gateway.store.deliveries import OPEN_STATES
from gateway.store.leads import StoredLead

phones_option = click.option("--phones", is_flag=True, help="Show phone numbers in full.")


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
    """List what came in, the newest first; with an id (e12), show one whole, as it was posted."""
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
                _show_event(event, leads.of_event(connection, event.id), as_json=as_json)
        else:
            listed = events.listing(connection, state=state or "", source=source or "", limit=limit)
            show([_event_row(event) for event in listed], as_json=as_json, empty=_none(state, source, "No events yet."))


def _event_row(event: Event) -> dict[str, Any]:
    return {
        "id": f"e{event.id}",
        "came": event.received,
        "source": event.source,
        "form": event.form,
        "bytes": len(event.body),
        "state": str(event.state),
        "reason": event.reason,
    }


def _show_event(event: Event, stored: list[StoredLead], *, as_json: bool) -> None:
    body = event.body.decode("utf-8", "replace")
    if as_json:
        more = {"content_type": event.content_type, "query": event.query, "body": body}
        click.echo(to_json(_event_row(event) | more | {"leads": [f"l{one.lead.id}" for one in stored]}))
        return
    click.echo(table([_event_row(event)]))
    click.echo(f"leads: {', '.join(f'l{one.lead.id}' for one in stored) or 'none'}")
    click.echo(f"\n{event.content_type or '(no content type)'}\n{body}")


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
    """List leads, the newest first; with an id (l34), show one whole: answers, plan, deliveries."""
    with context.ledger.read() as connection:
        if lead_id:
            stored = _only(leads.load(connection, [read_id(lead_id, "l")[1]]), lead_id)
            made = deliveries.of_lead(connection, stored.lead.id)
            _show_lead(stored, made, as_json=as_json)
            return
        listed = _in_state(connection, state or "", source or "", limit)
        rows = [_lead_row(one, deliveries.of_lead(connection, one.lead.id), phones=phones) for one in listed]
    show(rows, as_json=as_json, empty=_none(state, source, "No leads yet."))


def _in_state(connection: Connection, state: str, source: str, limit: int) -> list[StoredLead]:
    """The latest leads that show this state: planned ones show that of their first delivery."""
    found = leads.listing(connection, state=state, source=source, limit=limit)
    if state in set(DeliveryState):
        made = deliveries.listing(connection, state=state, limit=limit)
        sent = leads.load(connection, [one.lead_id for one in made])
        shown = [(one, _first(one, deliveries.of_lead(connection, one.lead.id))) for one in sent]
        found += [one for one, first in shown if first and first.state == state and source in ("", one.lead.source)]
    return sorted(found, key=lambda one: -one.lead.id)[:limit]


def _lead_row(stored: StoredLead, made: list[Delivery], *, phones: bool) -> dict[str, Any]:
    first, plan = _first(stored, made), _plan(stored, made)
    call = plan.call if plan else {}
    destination = str(call.get("destination", ""))
    return {
        "id": f"l{stored.lead.id}",
        "came": stored.lead.received,
        "source": stored.lead.source,
        "form": stored.lead.form,
        "who": shorten(who(stored.lead, plan), 30),
        "phone": destination if phones else phone.mask(destination),
        "rule": plan.rule if plan else "",
        "campaign": call.get("campaignName", ""),
        "state": str(first.state if first else stored.state),
        "reason": shorten(first.reason if first else stored.lead.reason, 70),
    }


def _answer_name(answer: Answer) -> str:
    """The name that stays the same, and the one that people read."""
    steady, read = answer.names[0], answer.names[-1]
    return steady if steady == read else f"{steady} ({read})"


def _first(stored: StoredLead, made: list[Delivery]) -> Delivery | None:
    """The delivery whose state a planned lead shows."""
    firsts = [one for one in made if one.step == 0] if stored.state is LeadState.PLANNED else []
    return firsts[-1] if firsts else None


def _plan(stored: StoredLead, made: list[Delivery]) -> Plan | None:
    first = _first(stored, made)
    return first.plan if first else stored.plan


def _show_lead(stored: StoredLead, made: list[Delivery], *, as_json: bool) -> None:
    lead = stored.lead
    answers = {answer.names[0]: answer.value for answer in lead.answers}
    if as_json:
        row = _lead_row(stored, made, phones=True)
        found = _plan(stored, made)
        more = {"event": f"e{stored.event_id}", "submission": lead.submission, "answers": answers, "about": lead.about}
        said = {"plan": planjson.to_dict(found) if found else None}
        click.echo(to_json(row | more | said | {"deliveries": [f"d{one.id}" for one in made]}))
        return
    click.echo(table([_lead_row(stored, made, phones=True)]))
    click.echo(f"event: e{stored.event_id}   submission: {lead.submission or 'none'}")
    if stored.due:
        click.echo(f"tried again: {ago(stored.due)}")
    answers = {_answer_name(answer): answer.value for answer in lead.answers}
    for title, facts in (("answers", answers), ("about", lead.about)):
        click.echo(f"\n{title}")
        for name, value in facts.items():
            click.echo(f"  {name}: {value if isinstance(value, str) else ', '.join(value)}")
    if plan := _plan(stored, made):
        click.echo("\nplan")
        for line in plan_lines(plan):
            click.echo(line)
    if made:
        click.echo("\n" + table([_delivery_row(one, phones=True) for one in made]))


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
    """List promised messages, the newest first; with an id (d56), show one whole: call, why, every try."""
    with context.ledger.read() as connection:
        if delivery_id:
            one = _only(deliveries.load(connection, [read_id(delivery_id, "d")[1]]), delivery_id)
            _show_delivery(one, deliveries.attempts_of(connection, one.id), as_json=as_json)
            return
        listed = deliveries.listing(connection, state=state or "", campaign=campaign or "", limit=limit)
        stopped, slowed = holds.since(connection), holds.rests(connection)
    show(
        [_delivery_row(one, phones=phones) for one in listed],
        as_json=as_json,
        empty=_none(state, campaign, "No deliveries yet."),
    )
    if not as_json:
        lines(f"stopped: {key}, {ago(start)}: {reason}" for key, reason, start in stopped)
        lines(f"slowed: AiSensy is in trouble; one message is tried {ago(until)}" for _key, until in slowed)


def _delivery_row(one: Delivery, *, phones: bool) -> dict[str, Any]:
    return {
        "id": f"d{one.id}",
        "lead": f"l{one.lead_id}",
        "made": one.created,
        "campaign": one.campaign,
        "phone": one.destination if phones else phone.mask(one.destination),
        "rule": one.rule,
        "state": str(one.state),
        "due": one.due if one.state in OPEN_STATES else None,
        "reason": shorten(one.reason, 70),
    }


def _show_delivery(one: Delivery, attempts: Sequence[RowMapping], *, as_json: bool) -> None:
    if as_json:
        tries = [dict(row) | {"request": json.loads(row["request"])} for row in attempts]
        more = {"reason": one.reason, "message_id": one.message_id, "plan": planjson.to_dict(one.plan)}
        click.echo(to_json(_delivery_row(one, phones=True) | more | {"attempts": tries}))
        return
    click.echo(table([_delivery_row(one, phones=True) | {"reason": one.reason}]))
    click.echo("\ncampaign call (without the key)")
    click.echo(to_json(one.plan.call))
    click.echo("\nwhy")
    for line in plan_lines(one.plan):
        click.echo(line)
    click.echo("\nattempts")
    rows = [
        {"started": row["started_at"]} | {key: row[key] for key in ("outcome", "status", "tag", "text")}
        for row in attempts
    ]
    click.echo(table(rows) if rows else "none yet")


def _only(found: Sequence[Any], name: str) -> Any:
    if not found:
        raise GatewayError(f"There is no {name} in the ledger.")
    return found[0]


COMMANDS = (events_command, leads_command, deliveries_command)
