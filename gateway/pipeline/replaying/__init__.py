"""A person asks for something again: an event, a lead or a delivery. Never twice by accident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import Connection

from gateway import clock, phone
from gateway.errors import GatewayError
from gateway.model import Delivery, DeliveryState, EventState, LeadState
from gateway.pipeline import following
from gateway.pipeline.replaying.calls import follow_up, may_have_left, release, sent
from gateway.pipeline.replaying.editing import edited
from gateway.pipeline.replaying.wishes import Edit, Replayed, Wish, read_id
from gateway.store import again, deliveries, events, leads
from gateway.store.deliveries import CLOSED, COUNTS, NOT_LEFT, Next
from gateway.store.erasures import ERASED
from gateway.store.leads import StoredLead

__all__ = ["Edit", "Replayed", "Wish", "read_id", "replay", "sent_already"]

Found = TypeVar("Found")

#: How what was sent already is sent all the same, at the command line.
AGAIN = "add --again to send one more"

#: Why what waits of a lead's old plan does not leave any more.
ANEW = "a person asked for its lead anew"


def replay(connection: Connection, name: str, wish: Wish) -> list[Replayed]:
    """Replay e12, l34 or d56. Raises GatewayError where the wish cannot be meant."""
    kind, number = read_id(name)
    if kind == "e":
        return _event(connection, number, wish)
    if kind == "l":
        return [_lead(connection, _one(leads.load(connection, [number]), name), wish)]
    return [_delivery(connection, _one(deliveries.load(connection, [number]), name), wish)]


def sent_already(connection: Connection, name: str) -> list[str]:
    """Who was messaged already, or may have been, of what a replay names: a sentence each."""
    kind, number = read_id(name)
    if kind == "d":
        found = deliveries.load(connection, [number])
    else:
        ids = [number] if kind == "l" else [stored.lead.id for stored in leads.of_event(connection, number)]
        found = [one for lead_id in ids for one in deliveries.of_lead(connection, lead_id)]
    known = [one for one in found if one.destination]  # of who was erased nothing is sent again
    left = [one for one in known if one.state not in NOT_LEFT and may_have_left(connection, one)]
    return [f"{phone.mask(one.destination)} ({one.campaign}) {sent(one)}" for one in left]


def _one(rows: Sequence[Found], name: str) -> Found:
    if not rows:
        raise GatewayError(f"There is no {name} in the ledger.")
    return rows[0]


def _event(connection: Connection, number: int, wish: Wish) -> list[Replayed]:
    event = _one(events.load(connection, [number]), f"e{number}")
    if event.state is EventState.READ:
        return [_lead(connection, stored, wish) for stored in leads.of_event(connection, number)]
    if event.reason == ERASED:
        return [Replayed(f"e{number}", False, "was erased: nothing is left of it to read")]
    if wish.edits:
        return [Replayed(f"e{number}", False, "has no lead yet whose answers could be changed")]
    events.renew(connection, number)
    return [Replayed(f"e{number}", True, "is read again")]


def _delivery(connection: Connection, delivery: Delivery, wish: Wish) -> Replayed:
    stored = leads.load(connection, [delivery.lead_id])[0]
    if stored.erased:
        return Replayed(f"d{delivery.id}", False, _refusal(stored))
    if delivery.step:
        return follow_up(connection, stored, delivery, wish)
    if delivery.state in CLOSED or wish.edits or (delivery.state in COUNTS and wish.again):
        return _lead(connection, stored, wish)
    if delivery.state in NOT_LEFT:
        return release(connection, delivery, wish)
    return Replayed(f"d{delivery.id}", False, sent(delivery), AGAIN)


def _lead(connection: Connection, stored: StoredLead, wish: Wish) -> Replayed:
    name = f"l{stored.lead.id}"
    here = _first_call(connection, stored)
    if refusal := _refusal(stored):
        return Replayed(name, False, refusal)
    left = here is not None and may_have_left(connection, here)
    if here is None and not wish.again and (gone := _left_after_all(connection, stored)):
        return Replayed(f"d{gone.id}", False, sent(gone), AGAIN)
    if here and not wish.again and (here.state in COUNTS or (left and wish.edits)):
        return Replayed(f"d{here.id}", False, sent(here), AGAIN)
    if wish.edits and not stored.lead.answers:
        return Replayed(name, False, "has no answers yet that could be changed: it waits for its look-up")
    if here and here.state in NOT_LEFT and not wish.edits:
        return release(connection, here, wish)
    return _open(connection, edited(connection, stored, wish), wish, next_round=left)


def _refusal(stored: StoredLead) -> str:
    """Why a lead is never replayed; "" where it may be."""
    if stored.erased:
        return f"was erased on {stored.erased:%d %b %Y}: nothing is left of it to send"
    if stored.state is LeadState.DUPLICATE:
        return f"is the same submission as l{stored.duplicate_of}; replay that one"
    return "is a test lead, which is never messaged" if stored.state is LeadState.TEST else ""


def _first_call(connection: Connection, stored: StoredLead) -> Delivery | None:
    """The call of a lead's present round that was made, or may yet be; None when there is none."""
    live = [one for one in _first_calls(connection, stored) if one.state not in CLOSED]
    return live[-1] if live else None


def _left_after_all(connection: Connection, stored: StoredLead) -> Delivery | None:
    """The closed first call of a lead's present round that reached the person, or may have; None: none did."""
    closed = [one for one in _first_calls(connection, stored) if one.state in CLOSED]
    return next((one for one in reversed(closed) if may_have_left(connection, one)), None)


def _first_calls(connection: Connection, stored: StoredLead) -> list[Delivery]:
    made = deliveries.of_lead(connection, stored.lead.id)
    return [one for one in made if (one.step, one.round) == (0, stored.round)]


def _open(connection: Connection, stored: StoredLead, wish: Wish, *, next_round: bool) -> Replayed:
    name, now = f"l{stored.lead.id}", clock.now()
    _take_back(connection, stored)
    if stored.state is not LeadState.PLANNED and not stored.lead.answers:
        done, says = again.look_up(connection, stored, wish.despite, now), "is looked up again"
    else:
        done = again.plan(connection, stored, wish.despite, now, next_round=next_round)
        says = f"is sent once more, in round {stored.round + 1}" if next_round else "is planned again"
    return Replayed(name, done, says if done else "has just changed; look again")


def _take_back(connection: Connection, stored: StoredLead) -> None:
    """What has not left of a lead that is planned anew: no message of the old plan comes beside the new one."""
    for one in reversed(deliveries.of_lead(connection, stored.lead.id)):
        doubtful = one.state in NOT_LEFT and may_have_left(connection, one)
        state = DeliveryState.UNCERTAIN if doubtful else DeliveryState.CANCELLED
        following.stop(connection, one, Next(state, ANEW, one.tag if doubtful else ""), clock.now())
