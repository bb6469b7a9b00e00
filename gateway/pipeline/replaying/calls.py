"""One call again: one that has not left goes at once, a follow-up that was closed is opened alone."""

from __future__ import annotations

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, DeliveryState, OutcomeKind
from gateway.pipeline import following, holding
from gateway.pipeline.replaying.wishes import Replayed, Wish
from gateway.store import again, attempts, deliveries, holds, promises
from gateway.store.deliveries import CLOSED, COUNTS, NOT_LEFT, Next, Rank
from gateway.store.leads import StoredLead
from gateway.store.promises import Promise

#: What WhatsApp says of a message that it has.
_ARRIVED = ("sent", "delivered", "read")


def release(connection: Connection, delivery: Delivery, wish: Wish) -> Replayed:
    """Let one that has not left go at once, if nothing but its time is in the way."""
    name, now = f"d{delivery.id}", clock.now()
    if wish.despite and not _lifted(connection, delivery, wish):
        return Replayed(name, False, "has just changed; look again")
    if delivery.state is DeliveryState.HELD and delivery.hold == holding.contract_key(delivery.campaign):
        holding.lift(connection, [delivery.hold])
        return Replayed(name, True, f"is held with all of '{delivery.hold}'; what is right by now leaves at once")
    if delivery.state is DeliveryState.HELD and holds.probe_now(connection, delivery.hold, now):
        return Replayed(name, True, f"is held with all of '{delivery.hold}'; one of them is tried at once")
    left = deliveries.change(connection, delivery, Next(DeliveryState.SCHEDULED, due=now), now)
    return Replayed(name, left, "is due now" if left else "has just changed; look again")


def _lifted(connection: Connection, delivery: Delivery, wish: Wish) -> bool:
    """Lift limits for one that stays as it is; False when it changed meanwhile."""
    same = Next(delivery.state, delivery.reason, delivery.tag, delivery.hold)
    if not deliveries.change(connection, delivery, same, clock.now()):
        return False
    again.waive(connection, delivery.id, wish.despite)
    return True


def follow_up(connection: Connection, stored: StoredLead, delivery: Delivery, wish: Wish) -> Replayed:
    """The same for a later call; the calls before it are left as they are."""
    name = f"d{delivery.id}"
    if refusal := _refusal(connection, stored, delivery, wish):
        return Replayed(name, False, *refusal)
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
    [made] = promises.add(connection, [promise], clock.now())
    if made is None:
        return Replayed(name, False, "was opened again already, by a later delivery of the same step")
    return Replayed(name, True, f"is opened again, as d{made}")


def _refusal(connection: Connection, stored: StoredLead, delivery: Delivery, wish: Wish) -> tuple[str, ...]:
    """Why a follow-up is left alone, and what to do instead; empty where it is not."""
    lead = f"l{stored.lead.id}"
    if wish.edits:
        return (f"is a follow-up; change the answers of its lead, {lead}",)
    if may_have_left(connection, delivery) and delivery.state not in NOT_LEFT:
        return sent(delivery), f"a follow-up is sent again only with its lead: `gateway replay {lead} --again`"
    if delivery.round != stored.round:
        return (f"belongs to round {delivery.round} of {lead}, which is in round {stored.round} by now",)
    waits = following.in_the_way(connection, delivery)
    return (f"{waits.reason}; see {lead}",) if waits else ()


def may_have_left(connection: Connection, delivery: Delivery) -> bool:
    """Whether it counts as a message: it was taken, or of one of its tries nobody knows what came. That a person says
    it was not sent holds until AiSensy or WhatsApp say that it was."""
    if delivery.state in COUNTS or delivery.receipt in _ARRIVED:
        return True
    came = attempts.outcomes(connection, delivery.id)
    return OutcomeKind.ACCEPTED in came or (OutcomeKind.UNKNOWN in came and not delivery.settled_by)


def sent(delivery: Delivery) -> str:
    """What is known of a delivery that left."""
    if delivery.state is DeliveryState.ACCEPTED:
        return f"was accepted by AiSensy on {delivery.accepted:%d %b %Y at %H:%M} UTC"
    if delivery.state is DeliveryState.SENDING:
        return "is being sent at this moment"
    if delivery.settled_by:
        return "reached the person after all, as AiSensy or WhatsApp said later"
    return "may have reached the person (no answer came)"
