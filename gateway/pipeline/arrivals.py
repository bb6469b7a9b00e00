"""A receipt → the delivery it speaks of, and what that means for one of which nobody knew whether it arrived."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, DeliveryState
from gateway.outbound.receipts import Kind, Receipt
from gateway.pipeline import following
from gateway.store import arrivals, deliveries
from gateway.store.deliveries import Next

log = logging.getLogger(__name__)

#: How long WhatsApp may take to speak of a message, and a person to answer it.
PATIENCE = timedelta(days=7)

#: How far AiSensy's clock may be behind ours.
SKEW = timedelta(minutes=2)

#: How long AiSensy takes at most to pass a call on: a message that it passed on then was called for shortly before.
PASSING_ON = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Joined:
    """The delivery that a receipt speaks of."""

    delivery: Delivery
    sure: bool = True  #: No other could be meant.


def join(connection: Connection, receipt: Receipt, happened: datetime) -> Joined | None:
    """By the message's id; else the latest call of this campaign to this number. None: it is none of ours."""
    known = arrivals.by_message(connection, receipt.ids)
    if known:
        return Joined(known)
    if not receipt.number or not (receipt.campaign or receipt.kind is Kind.REPLY):
        return None
    moment = receipt.left or happened
    left = arrivals.lately(connection, receipt.number, since=moment - PATIENCE, until=moment + SKEW)
    if receipt.kind is Kind.REPLY:
        return Joined(left[0], sure=False) if left else None
    return _likeliest([one for one in left if _may_be(one, receipt)], receipt, moment)


def _may_be(delivery: Delivery, receipt: Receipt) -> bool:
    return delivery.campaign == receipt.campaign and not (delivery.provider_id and receipt.provider_id)


def _likeliest(left: list[Delivery], receipt: Receipt, moment: datetime) -> Joined | None:
    """The latest; it is sure if it is the only one, or the only one that left just before the message was passed on."""
    near = [one for one in left if receipt.left and one.left and one.left >= moment - PASSING_ON]
    return Joined(left[0], sure=len(left) == 1 or len(near) == 1) if left else None


def doubt(joined: Joined | None, receipt: Receipt) -> str:
    """Why nothing is written down of a delivery; "" where it is."""
    if receipt.kind is Kind.REPLY:
        return ""
    if joined is None:
        return "none of the messages that left here fits it"
    if not joined.sure and joined.delivery.state is not DeliveryState.ACCEPTED:
        return f"it may speak of d{joined.delivery.id} or of another call to this number"
    return ""


def note(connection: Connection, one: Delivery, receipt: Receipt, said: Kind, happened: datetime) -> None:
    """Write down what WhatsApp said of a delivery."""
    arrivals.note(connection, one.id, said, at=happened, reason=receipt.reason, provider_id=receipt.provider_id)
    if said is Kind.FAILED:
        log.warning(
            "d%d (campaign %s) failed at WhatsApp: %s", one.id, one.campaign, receipt.reason or "it says no more"
        )
    settle(connection, one.id, clock.now())


def settle(connection: Connection, delivery_id: int, now: datetime) -> bool:
    """Settle one of which nobody knew whether it arrived, if WhatsApp spoke of it; whoever finds that out asks here."""
    if not arrivals.settle(connection, delivery_id, now):
        return False
    [one] = deliveries.load(connection, [delivery_id])
    log.warning("d%d (campaign %s) is accepted: WhatsApp says '%s'", one.id, one.campaign, one.receipt)
    following.moved(connection, one, Next(DeliveryState.ACCEPTED, settled_by="receipt"), now)
    return True
