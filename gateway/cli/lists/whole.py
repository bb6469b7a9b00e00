"""One event, lead or delivery, shown whole."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click
from sqlalchemy import RowMapping

from gateway import planjson
from gateway.cli.common import ago, lines, table, to_json
from gateway.cli.explain.words import plan_lines
from gateway.cli.lists.rows import delivery_row, event_row, lead_row, plan_of
from gateway.cli.lists.steps import fact_lines, receipt_lines
from gateway.model import Answer, Delivery, Event, Plan
from gateway.pipeline import origins
from gateway.pipeline.following.wording import whole_step
from gateway.pipeline.origins import Changes
from gateway.pipeline.person import first
from gateway.store.leads import StoredLead
from gateway.store.receipts import Stored


def show_event(event: Event, stored: list[StoredLead], *, as_json: bool) -> None:
    body = event.body.decode("utf-8", "replace")
    if as_json:
        more = {"content_type": event.content_type, "query": event.query, "body": body}
        click.echo(to_json(event_row(event) | more | {"leads": [f"l{one.lead.id}" for one in stored]}))
        return
    click.echo(table([event_row(event)]))
    click.echo(f"leads: {', '.join(f'l{one.lead.id}' for one in stored) or 'none'}")
    click.echo(f"\n{event.content_type or '(no content type)'}\n{body}")


def _answer_name(answer: Answer) -> str:
    """The name that stays the same, and the one that people read."""
    steady, read = answer.names[0], answer.names[-1]
    return steady if steady == read else f"{steady} ({read})"


def show_lead(stored: StoredLead, made: list[Delivery], changes: Changes, *, as_json: bool) -> None:
    lead, plan = stored.lead, plan_of(stored, made)
    one = first(stored, made)
    made_by = origins.of_delivery(one, changes) if one else origins.of_lead(stored, plan, changes)
    if as_json:
        click.echo(to_json(_lead_json(stored, made) | made_by))
        return
    click.echo(table([lead_row(stored, made, phones=True)]))
    click.echo(f"event: e{stored.event_id}   submission: {lead.submission or 'none'}")
    if stored.due:
        click.echo(f"tried again: {ago(stored.due)}")
    answers = {_answer_name(answer): answer.value for answer in lead.answers}
    for title, facts in (("answers", answers), ("about", lead.about)):
        click.echo(f"\n{title}")
        for name, value in facts.items():
            click.echo(f"  {name}: {value if isinstance(value, str) else ', '.join(value)}")
    lines(_edit_lines(stored))
    if plan:
        click.echo("\nplan")
        _show_plan(plan, made_by)
    if made:
        click.echo("\n" + table([delivery_row(one, phones=True) for one in made]))
        lines(f"d{one.id} is {whole_step(one)}" for one in made if one.step)


def _edit_lines(stored: StoredLead) -> Iterator[str]:
    """What a person changed before a replay, and what stood there first."""
    if stored.edits:
        yield "\nchanged by a person"
    for edit in stored.edits:
        yield f"  {edit['name']}: {edit['to'] or 'nothing'}, was {edit['from'] or 'nothing'}"


def _lead_json(stored: StoredLead, made: list[Delivery]) -> dict[str, Any]:
    lead, plan, one = stored.lead, plan_of(stored, made), first(stored, made)
    return lead_row(stored, made, phones=True) | {
        "reason": one.reason if one else lead.reason,
        "event": f"e{stored.event_id}",
        "submission": lead.submission,
        "answers": {answer.names[0]: answer.value for answer in lead.answers},
        "about": lead.about,
        "submitted": lead.submitted,
        "edits": stored.edits,
        "waived": stored.waived,
        "plan": planjson.to_dict(plan) if plan else None,
        "deliveries": [f"d{one.id}" for one in made],
    }


def _show_plan(plan: Plan, made_by: Mapping[str, Any]) -> None:
    lines([f"  {said}"] if (said := origins.words(made_by)) else [])
    lines(plan_lines(plan))


def show_delivery(
    one: Delivery, attempts: Sequence[RowMapping], receipts: Sequence[Stored], changes: Changes, *, as_json: bool
) -> None:
    made_by = origins.of_delivery(one, changes)
    if as_json:
        tries = [dict(row) | {"request": json.loads(row["request"])} for row in attempts]
        more = {"reason": one.reason, "plan": planjson.to_dict(one.plan)} | _facts(one)
        told = [{"at": each.happened or each.received, "kind": each.kind, "reason": each.reason} for each in receipts]
        click.echo(to_json(delivery_row(one, phones=True) | more | made_by | {"attempts": tries, "receipts": told}))
        return
    click.echo(table([delivery_row(one, phones=True) | {"reason": one.reason}]))
    lines(fact_lines(one))
    click.echo("\ncampaign call (without the key)")
    click.echo(to_json(one.plan.call))
    click.echo("\nwhy")
    _show_plan(one.plan, made_by)
    click.echo("\ntries")
    rows = [
        {"started": row["started_at"]} | {key: row[key] for key in ("outcome", "status", "tag", "text")}
        for row in attempts
    ]
    click.echo(table(rows) if rows else "none yet")
    if receipts:
        click.echo("\nreceipts")
        lines(receipt_lines(receipts))


def _facts(one: Delivery) -> dict[str, Any]:
    names = ("tag", "hold", "round", "left", "accepted", "message_id", "provider_id", "settled_by", "waived")
    return {name: getattr(one, name) for name in (*names, "receipt", "receipt_at", "receipt_reason")}
