"""One call again: one that has not left goes at once, a follow-up that was closed is opened alone."""

from __future__ import annotations

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, DeliveryState
from gateway.pipeline import following, holding
from gateway.pipeline.replaying.wishes import Replayed, Wish
from gateway.store import again, attempts, deliveries, holds
from gateway.store.deliveries import CLOSED, COUNTS, Next, Promise, Rank
from gateway.store.leads import StoredLead


def release(connection: Connection, delivery: Delivery, wish: Wish) -> Replayed:
    """Let one that has not left go at once, if nothing but its time is in the way."""
    name, now = f"d{delivery.id}", clock.now()
    if delivery.state is DeliveryState.HELD and delivery.hold == holding.contract_key(delivery.campaign):
        holding.lift(connection, [delivery.hold])
        return Replayed(name, True, f"is held with all of '{delivery.hold}'; what is right by now leaves at once")
    if delivery.state is DeliveryState.HELD and holds.probe_now(connection, delivery.hold, now):
        return Replayed(name, True, f"is held with all of '{delivery.hold}'; one of them is tried at once")
    left = deliveries.change(connection, delivery, Next(DeliveryState.SCHEDULED, due=now), now)
    if left and wish.despite:
        again.waive(connection, delivery.id, wish.despite)
    return Replayed(name, left, "leaves at once" if left else "has just changed; look again")


def follow_up(connection: Connection, stored: StoredLead, delivery: Delivery, wish: Wish) -> Replayed:
    """The same for a later call; the calls before it are left as they are."""
    name = f"d{delivery.id}"
    if refusal := _refusal(connection, stored, delivery, wish):
        return Replayed(name, False, refusal)
    if delivery.state not in CLOSED:
        return release(connection, delivery, wish)
    promise = Promise(
        stored.lead.id,
        stored.round,
        delivery.plan,
        delivery.mapping_version,
        step=delivery.step,
        rank=Rank.REPLAY,
        waived=wish.despite,
    )
    made = deliveries.add(connection, promise, clock.now())
    if made is None:
        return Replayed(name, False, "was opened again already, by a later delivery of the same step")
    return Replayed(name, True, f"leaves at once, as d{made}")


def _refusal(connection: Connection, stored: StoredLead, delivery: Delivery, wish: Wish) -> str:
    lead = f"l{stored.lead.id}"
    if wish.edits:
        return f"is a follow-up; change the answers of its lead, {lead}"
    if delivery.state in COUNTS:
        return f"{sent(delivery)}; a follow-up is sent again only with its lead: `gateway replay {lead} --again`"
    if delivery.round != stored.round:
        return f"belongs to round {delivery.round} of {lead}, which is in round {stored.round} by now"
    waits = following.in_the_way(connection, delivery)
    return f"{waits.reason}; see {lead}" if waits else ""


def may_have_left(connection: Connection, delivery: Delivery) -> bool:
    """Whether it counts as a message: it was taken, or of one of its tries nobody knows what came."""
    return delivery.state in COUNTS or attempts.doubts(connection, delivery.id, "") > 0


def sent(delivery: Delivery) -> str:
    """What is known of a delivery that left."""
    if delivery.state is DeliveryState.ACCEPTED:
        return f"was accepted by AiSensy on {delivery.accepted:%d %b %Y at %H:%M} UTC"
    if delivery.state is DeliveryState.SENDING:
        return "is being sent at this moment"
    return "may have reached the person (no answer came)"
