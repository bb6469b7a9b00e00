"""A person asks for something again: an event, a lead or a delivery. Never twice by accident."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from gateway import clock
from gateway.errors import GatewayError
from gateway.model import Delivery, DeliveryState, EventState, LeadState
from gateway.store import deliveries, events, leads
from gateway.store.deliveries import CLOSED, NOT_LEFT, Next
from gateway.store.leads import StoredLead

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did with one thing, in a sentence; `done` is False when it was left alone."""

    id: str
    done: bool
    says: str


def replay(connection: Connection, name: str, *, again: bool = False) -> list[Replayed]:
    """Replay e12, l34 or d56. `again`: also what was sent, or may have been."""
    kind, number = _parse(name)
    if kind == "e":
        return _event(connection, number, again=again)
    if kind == "l":
        return [_lead(connection, _one(leads.load(connection, [number]), name), again=again)]
    delivery = _one(deliveries.load(connection, [number]), name)
    return [_delivery(connection, delivery, again=again)]


def _parse(name: str) -> tuple[str, int]:
    kind, number = name[:1].lower(), name[1:]
    if kind not in {"e", "l", "d"} or not number.isascii() or not number.isdigit():
        raise GatewayError(f"'{name}' is no id: write e12 for an event, l34 for a lead, d56 for a delivery.")
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
    if delivery.state in NOT_LEFT:
        deliveries.change(connection, delivery, Next(DeliveryState.SCHEDULED, due=now), now)
        return Replayed(name, True, "leaves at once")
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


def chosen(connection: Connection, state: str) -> list[str]:
    """The ids of everything in one state; a word that leads and deliveries share means both."""
    if state not in {*LeadState, *DeliveryState, *EventState}:
        raise GatewayError(f"'{state}' is no state of a lead, a delivery or an event.")
    if state in set(EventState):
        return [f"e{event.id}" for event in events.listing(connection, state=state, limit=None)]
    found = [f"l{stored.lead.id}" for stored in leads.listing(connection, state=state, limit=None)]
    return found + [f"d{delivery.id}" for delivery in deliveries.listing(connection, state=state, limit=None)]
