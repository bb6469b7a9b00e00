"""A person writes back, or wants no more messages: what this means for what has not left."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState
from gateway.pipeline.following.steps import stop
from gateway.store import attempts, follow_ups, held
from gateway.store.deliveries import COUNTS, Next

log = logging.getLogger(__name__)

#: Of a follow-up: what ends it when the person writes back.
REPLIED = "replied"

#: How far AiSensy's clock may be behind ours.
_SKEW = timedelta(minutes=2)


def replied(connection: Connection, number: str, wrote: datetime, now: datetime) -> None:
    """The person behind a number wrote, which may be told late: follow-ups that ask for it end, if the lead's first
    call left before."""
    for one in follow_ups.not_left(connection, number, later_only=True):
        if REPLIED in one.plan.unless and _first_left(connection, one, wrote):
            then = Next(DeliveryState.CANCELLED, "the person replied", "unless")
            if stop(connection, one, then, now):
                log.info("d%d is cancelled: the person replied", one.id)


def opted_out(connection: Connection, number: str, now: datetime, reason: str) -> None:
    """Nothing more is sent to a number: its follow-ups end, and whatever else has not left is skipped."""
    for one in follow_ups.not_left(connection, number):
        state = DeliveryState.CANCELLED if one.step else DeliveryState.SKIPPED
        stop(connection, one, Next(state, f"the number is suppressed: {reason}", "suppressed"), now)


def receipts_came(connection: Connection, now: datetime) -> None:
    """The first receipt ever is here: from now on a reply can be known, so what waited for that goes on."""
    count = held.release(connection, now, [held.RECEIPTS])
    if count:
        log.warning("the first receipt came, %d follow-ups that waited for one go on", count)


def _may_have_left(connection: Connection, one: Delivery) -> bool:
    return one.state in COUNTS or attempts.in_doubt(connection, one.id)


def _first_left(connection: Connection, delivery: Delivery, wrote: datetime) -> bool:
    made = follow_ups.latest(connection, delivery.lead_id, delivery.round)
    return any(one.step == 0 and _may_have_left(connection, one) and one.created <= wrote + _SKEW for one in made)
