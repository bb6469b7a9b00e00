"""Events, leads and deliveries as rows of a table, the same in every command."""

from __future__ import annotations

from typing import Any

from gateway import phone
from gateway.cli.common import shorten
from gateway.model import Delivery, Event, Plan
from gateway.pipeline.following.wording import due, step
from gateway.pipeline.person import first
from gateway.pipeline.planning import who
from gateway.store.leads import StoredLead


def event_row(event: Event) -> dict[str, Any]:
    return {
        "id": f"e{event.id}",
        "came": event.received,
        "source": event.source,
        "form": event.form,
        "bytes": len(event.body),
        "state": str(event.state),
        "reason": event.reason,
    }


def lead_row(stored: StoredLead, made: list[Delivery], *, phones: bool) -> dict[str, Any]:
    shown, plan = first(stored, made), plan_of(stored, made)
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
        "state": str(shown.state if shown else stored.state),
        "reason": shorten(shown.reason if shown else stored.lead.reason, 70),
    }


def plan_of(stored: StoredLead, made: list[Delivery]) -> Plan | None:
    """The plan that is shown of a lead: that of its first delivery, or why it has none."""
    shown = first(stored, made)
    return shown.plan if shown else stored.plan


def delivery_row(one: Delivery, *, phones: bool) -> dict[str, Any]:
    return {
        "id": f"d{one.id}",
        "lead": f"l{one.lead_id}",
        "made": one.created,
        "campaign": one.campaign,
        "phone": one.destination if phones else phone.mask(one.destination),
        "rule": one.rule,
        "step": step(one),
        "state": str(one.state),
        "due": due(one),
        "reason": shorten(one.reason, 70),
    }
