"""A person asks for something again: an event, a lead or a delivery. Never twice by accident."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from gateway import clock, phone
from gateway.errors import GatewayError
from gateway.model import Delivery, DeliveryState, Event, EventState, Lead, LeadState
from gateway.pipeline import holding
from gateway.store import deliveries, events, holds, leads
from gateway.store.deliveries import CLOSED, NOT_LEFT, Next
from gateway.store.leads import StoredLead
from gateway.store.rows import batches

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did with one thing, in a sentence; `done` is False when it was left alone."""

    id: str
    done: bool
    says: str


def replay(connection: Connection, name: str, *, again: bool = False) -> list[Replayed]:
    """Replay e12, l34 or d56. `again`: also what was sent, or may have been."""
    kind, number = read_id(name)
    if kind == "e":
        return _event(connection, number, again=again)
    if kind == "l":
        return [_lead(connection, _one(leads.load(connection, [number]), name), again=again)]
    delivery = _one(deliveries.load(connection, [number]), name)
    return [_delivery(connection, delivery, again=again)]


def read_id(name: str, kinds: str = "eld") -> tuple[str, int]:
    """The kind and number of an id like e12; raises GatewayError when it is none of these kinds."""
    kind, number = name[:1].lower(), name[1:]
    if not kind or kind not in kinds or not re.fullmatch(r"[0-9]{1,18}", number):
        known = {"e": "e12 for an event", "l": "l34 for a lead", "d": "d56 for a delivery"}
        raise GatewayError(f"'{name}' is no id here: write {', '.join(known[one] for one in kinds)}.")
    return kind, int(number)


def _one(rows: list[Found], name: str) -> Found:
    if not rows:
        raise GatewayError(f"There is no {name} in the ledger.")
    return rows[0]


def _event(connection: Connection, number: int, *, again: bool) -> list[Replayed]:
    event = _one(events.load(connection, [number]), f"e{number}")
    if event.state is EventState.READ:
        return [_lead(connection, stored, again=again) for stored in leads.of_event(connection, number)]
    events.renew(connection, number)
    return [Replayed(f"e{number}", True, "is read again")]


def _lead(connection: Connection, stored: StoredLead, *, again: bool) -> Replayed:
    name, now = f"l{stored.lead.id}", clock.now()
    if stored.state is LeadState.PLANNED:
        return _planned(connection, stored, again=again)
    if stored.state is LeadState.WAITING:
        leads.wake_one(connection, stored.lead.id, now)
        return Replayed(name, True, "is tried at once")
    if stored.state is LeadState.DUPLICATE:
        return Replayed(name, False, f"is the same submission as l{stored.duplicate_of}; replay that one")
    if stored.state is LeadState.TEST:
        return Replayed(name, False, "is a test lead, which is never messaged")
    if not stored.lead.answers:
        leads.look_up_again(connection, [stored.lead.id], now)
        return Replayed(name, True, "is looked up again")
    leads.plan_again(connection, [stored.lead.id], now)
    return Replayed(name, True, "is planned again")


def _planned(connection: Connection, stored: StoredLead, *, again: bool) -> Replayed:
    name, now = f"l{stored.lead.id}", clock.now()
    live = [one for one in deliveries.of_lead(connection, stored.lead.id) if one.state not in CLOSED]
    here = [one for one in live if one.round == stored.round]
    if not here:
        leads.plan_again(connection, [stored.lead.id], now)
        return Replayed(name, True, "is planned again")
    if here[-1].state in NOT_LEFT or not again:
        return _delivery(connection, here[-1], again=again)
    leads.plan_again(connection, [stored.lead.id], now, next_round=True)
    return Replayed(name, True, f"is sent once more, in round {stored.round + 1}")


def _delivery(connection: Connection, delivery: Delivery, *, again: bool) -> Replayed:
    name, now = f"d{delivery.id}", clock.now()
    if delivery.state is DeliveryState.HELD and delivery.hold == holding.contract_key(delivery.campaign):
        holding.lift(connection, [delivery.hold])
        return Replayed(name, True, f"is held with all of '{delivery.hold}'; what is right by now leaves at once")
    if delivery.state is DeliveryState.HELD and holds.probe_now(connection, delivery.hold, now):
        return Replayed(name, True, f"is held with all of '{delivery.hold}'; one of them is tried at once")
    if delivery.state in NOT_LEFT:
        left = deliveries.change(connection, delivery, Next(DeliveryState.SCHEDULED, due=now), now)
        return Replayed(name, left, "leaves at once" if left else "has just changed; look again")
    if delivery.state in CLOSED or again:
        return _lead(connection, leads.load(connection, [delivery.lead_id])[0], again=again)
    return Replayed(name, False, f"{sent(delivery)}; add --again to send one more")


def sent(delivery: Delivery) -> str:
    """What is known of a delivery that left."""
    if delivery.state is DeliveryState.ACCEPTED:
        return f"was accepted by AiSensy on {delivery.accepted:%d %b %Y at %H:%M} UTC"
    if delivery.state is DeliveryState.SENDING:
        return "is being sent at this moment"
    return "may have reached the person (no answer came)"


def sent_already(connection: Connection, name: str) -> list[str]:
    """Who was messaged already, or may have been, of what a replay names: a sentence each."""
    kind, number = read_id(name)
    if kind == "d":
        found = deliveries.load(connection, [number])
    else:
        ids = [number] if kind == "l" else [stored.lead.id for stored in leads.of_event(connection, number)]
        found = [one for lead_id in ids for one in deliveries.of_lead(connection, lead_id)]
    left = (DeliveryState.ACCEPTED, DeliveryState.SENDING, DeliveryState.UNCERTAIN)
    return [f"{phone.mask(one.destination)} ({one.campaign}) {sent(one)}" for one in found if one.state in left]


def chosen(connection: Connection, state: str, *, source: str | None = None, form: str | None = None) -> list[str]:
    """The ids of everything in one state; a word that leads and deliveries share means both.

    `source` and `form`: only of these; None for all, "" for what names none.
    """
    if state not in {*LeadState, *DeliveryState, *EventState}:
        raise GatewayError(f"'{state}' is no state of a lead, a delivery or an event.")

    def wanted(one: Lead | Event) -> bool:
        return source in (None, one.source) and form in (None, one.form)

    if state in set(EventState):
        return [f"e{event.id}" for event in events.listing(connection, state=state, limit=None) if wanted(event)]
    found = [one.lead.id for one in leads.listing(connection, state=state, limit=None) if wanted(one.lead)]
    made = deliveries.listing(connection, state=state, limit=None)
    if (source, form) != (None, None):
        theirs = {lead.id for lead in load_leads(connection, [one.lead_id for one in made]) if wanted(lead)}
        made = [one for one in made if one.lead_id in theirs]
    return [f"l{lead_id}" for lead_id in found] + [f"d{one.id}" for one in made]


def load_leads(connection: Connection, ids: list[int]) -> Iterator[Lead]:
    """Leads by their ids, of which a statement takes only so many."""
    for batch in batches(ids):
        yield from (stored.lead for stored in leads.load(connection, batch))
