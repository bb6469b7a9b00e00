"""A person says what became of a message of which nobody knew whether it arrived."""

from __future__ import annotations

import logging
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState
from gateway.pipeline import following
from gateway.store import out
from gateway.store.deliveries import Next, Rank
from gateway.store.erasures import ERASED

log = logging.getLogger(__name__)

PERSON = "person"


class Word(StrEnum):
    """What a person may say."""

    SENT = "sent"  #: It arrived: it counts as accepted.
    NOT_SENT = "not-sent"  #: It did not, and shall not: it failed for good.
    SEND_AGAIN = "send-again"  #: It is sent once more, even if it arrived.


def resolve(connection: Connection, delivery: Delivery, word: Word, now: datetime) -> str:
    """Settle one by a person's word; a sentence that says why not, "" when it is done."""
    if delivery.state is not DeliveryState.UNCERTAIN:
        return f"is {delivery.state}, so there is nothing to resolve"
    if word is Word.SEND_AGAIN and delivery.reason == ERASED:
        return "is of a person who was erased: nothing is left of it to send"
    then = _then(delivery, word, now)
    if not out.resolve(connection, delivery, then, now):
        return "has just been settled; look again"
    following.moved(connection, delivery, then, now)
    log.warning("d%d (campaign %s) is %s: a person says '%s'", delivery.id, delivery.campaign, then.state, word)
    return ""


def _then(delivery: Delivery, word: Word, now: datetime) -> Next:
    if word is Word.SENT:
        return Next(DeliveryState.ACCEPTED, "a person says that it was sent", delivery.tag, settled_by=PERSON)
    if word is Word.NOT_SENT:
        return Next(DeliveryState.FAILED, "a person says that it was not sent", delivery.tag, settled_by=PERSON)
    reason = "a person wants it sent again"
    return Next(DeliveryState.SCHEDULED, reason, delivery.tag, due=now, tries=0, rank=Rank.REPLAY)
