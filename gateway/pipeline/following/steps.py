"""The calls of a lead in their order: what the end of one means for those that come after it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState, PlanKind
from gateway.pipeline.following.timing import when
from gateway.store import attempts, deliveries, follow_ups, held
from gateway.store.deliveries import CLOSED, COUNTS, NOT_LEFT, OPEN_STATES, Next

#: Why a follow-up waits.
WAITS = "waits until the message before it is accepted"

#: Of one that waits or is scheduled: what holds it while its turn has not come; "" for nothing.
_NOT_BEGUN = (held.STEP, held.MAPPING, "")


def under_way(connection: Connection, lead_id: int, waiting: Iterable[Delivery], mapping: str, rule: str) -> str:
    """Why a lead begins no sequence beside those of other leads that `waiting` belongs to; "" when none of this rule
    has begun."""
    same = (one for one in waiting if (one.mapping, one.rule) == (mapping, rule) and one.lead_id != lead_id)
    begun = next((one for one in same if _has_begun(connection, one, lead_id)), None)
    return f"the same person is in this sequence already, as l{begun.lead_id}" if begun else ""


def _has_begun(connection: Connection, one: Delivery, lead_id: int) -> bool:
    """Whether the first message of its lead has left; of two that are out at one time, the earlier lead's goes on."""
    left = COUNTS if one.lead_id < lead_id else (DeliveryState.ACCEPTED,)
    made = follow_ups.latest(connection, one.lead_id, one.round)
    return any(each.step == 0 and each.state in left for each in made)


def change(connection: Connection, delivery: Delivery, then: Next, now: datetime) -> bool:
    """Give a delivery that has not left another state, and tell its follow-ups; False when it changed meanwhile."""
    then = as_known(connection, delivery, then)
    if not deliveries.change(connection, delivery, then, now):
        return False
    moved(connection, delivery, then, now)
    return True


def stop(connection: Connection, delivery: Delivery, then: Next, now: datetime) -> bool:
    """The same for one that must not leave, whatever it is changed to meanwhile; False when it left."""
    current = [delivery]
    while current and current[0].state in NOT_LEFT:
        if change(connection, current[0], then, now):
            return True
        current = deliveries.load(connection, [delivery.id])
    return False


def as_known(connection: Connection, delivery: Delivery, then: Next, *, but: str = "") -> Next:
    """What becomes of a delivery; but of one that may have arrived nobody can say that it was not sent.

    `but`: the token of a try that leaves no doubt.
    """
    if then.state not in CLOSED or not attempts.doubts(connection, delivery.id, but):
        return then
    return Next(
        DeliveryState.UNCERTAIN, f"it may have arrived, and is not sent again: {then.reason}", then.tag or delivery.tag
    )


def moved(connection: Connection, delivery: Delivery, then: Next, now: datetime) -> None:
    """A delivery is in another state: what this means for the calls after it.

    Whoever settles, cancels, resolves or skips a delivery calls this in the same transaction.
    """
    if not follow_ups.wait(connection, delivery.lead_id, delivery.round):
        return
    if delivery.step == 0 and (reason := _why_no_more(connection, delivery, then)):
        _end(connection, delivery, Next(DeliveryState.CANCELLED, reason, then.tag), now)
    elif then.state in CLOSED or then.state is DeliveryState.ACCEPTED:
        _go_on(connection, delivery, now)
    elif then.state in OPEN_STATES and then.due:
        _expect(connection, _later(connection, delivery), then.due, now)


def in_the_way(connection: Connection, delivery: Delivery) -> Next | None:
    """What keeps a follow-up from leaving now; None when the call before it was accepted, and it can be made."""
    if delivery.step == 0:
        return None
    made = follow_ups.latest(connection, delivery.lead_id, delivery.round)
    before = _before(made, delivery.step)
    if before is None or before.state is not DeliveryState.ACCEPTED:
        return Next(DeliveryState.HELD, WAITS, hold=held.STEP)
    if delivery.plan.kind is not PlanKind.CALL:
        return Next(DeliveryState.HELD, delivery.plan.reason, hold=held.MAPPING)
    return None


def _why_no_more(connection: Connection, first: Delivery, then: Next) -> str:
    """Why nothing comes after a lead's first call; "" where something does."""
    if then.state is DeliveryState.ACCEPTED:
        waiting = follow_ups.not_left(connection, first.destination, later_only=True)
        return under_way(connection, first.lead_id, waiting, first.mapping, first.rule)
    if then.state not in CLOSED:
        return ""
    became = "failed" if then.state is DeliveryState.FAILED else f"was {then.state}"
    return f"the first message {became}" + (f": {then.reason}" if then.reason else "")


def _end(connection: Connection, first: Delivery, ended: Next, now: datetime) -> None:
    for one in reversed(_later(connection, first)):
        _set(connection, one, ended, now)


def _go_on(connection: Connection, delivery: Delivery, now: datetime) -> None:
    """A call is over: the next one counts from now, if the last one before it that was not closed was accepted."""
    made = follow_ups.latest(connection, delivery.lead_id, delivery.round)
    coming = [one for one in made if one.step > delivery.step and one.state not in CLOSED]
    before = _before(made, coming[0].step) if coming else None
    if before is None or before.state is not DeliveryState.ACCEPTED:
        return
    begun = _begin(coming[0], now)
    if begun and not deliveries.change(connection, coming[0], begun, now):
        _go_on(connection, delivery, now)  # a person was faster: the one after it may be the next
    elif begun and begun.due:
        _expect(connection, coming[1:], begun.due, now)


def _begin(one: Delivery, now: datetime) -> Next | None:
    """What becomes of a call whose turn has come; None when it has begun already."""
    begun = one.state not in (DeliveryState.HELD, DeliveryState.SCHEDULED) or one.hold not in _NOT_BEGUN
    if begun or one.plan.after is None:
        return None
    due = when(one.plan.after, now, one.destination)
    if one.hold == held.MAPPING:
        return Next(DeliveryState.HELD, one.reason, one.tag, one.hold, due)
    return Next(DeliveryState.SCHEDULED, due=due)


def _expect(connection: Connection, later: Sequence[Delivery], since: datetime, now: datetime) -> None:
    """Move what is expected of calls that wait for those before them."""
    for one in later:
        if one.state is not DeliveryState.HELD or one.hold != held.STEP or one.plan.after is None:
            return
        since = when(one.plan.after, since, one.destination)
        deliveries.change(connection, one, Next(one.state, one.reason, one.tag, one.hold, since), now)


def _later(connection: Connection, delivery: Delivery) -> list[Delivery]:
    """The calls after this one that have not left."""
    made = follow_ups.latest(connection, delivery.lead_id, delivery.round)
    return [one for one in made if one.step > delivery.step and one.state in NOT_LEFT]


def _before(made: Sequence[Delivery], step: int) -> Delivery | None:
    """The last call before a step that was not closed: what it waits for. None: there is none, so it never leaves."""
    first = [one for one in made if one.step == 0 and one.state not in CLOSED]
    live = [one for one in made if one.step < step and one.state not in CLOSED]
    return live[-1] if first else None


def _set(connection: Connection, one: Delivery, then: Next, now: datetime) -> None:
    """As `stop`, where nobody is to be told: all of them end together."""
    while not deliveries.change(connection, one, then, now):
        [one] = deliveries.load(connection, [one.id])
        if one.state not in NOT_LEFT:
            return
