"""What WhatsApp said of a delivery, and which delivery it may speak of."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, and_, case, exists, or_, select, update

from gateway.model import Delivery, DeliveryState, OutcomeKind
from gateway.store import deliveries as promised
from gateway.store.attempts import DOUBTFUL
from gateway.store.deliveries import COUNTS, NOT_LEFT
from gateway.store.tables import NAMED, TOLD, attempts, deliveries

#: WhatsApp's words, the furthest last: "failed" is more than "sent", and nothing once it was delivered after all.
ORDER = ("", "sent", "failed", "delivered", "read")

#: A number gets no more messages than these within the time that is looked at.
_MOST = 50

#: An attempt of it came to nobody knows what.
_IN_DOUBT = and_(attempts.c.delivery_id == deliveries.c.id, attempts.c.outcome == OutcomeKind.UNKNOWN)

#: It has not been settled by an answer, and may have arrived.
_OPEN = or_(
    deliveries.c.state == DeliveryState.UNCERTAIN,
    and_(deliveries.c.state.in_(NOT_LEFT), DOUBTFUL),
)


def by_message(connection: Connection, ids: Collection[str]) -> Delivery | None:
    """The delivery of one of these ids, AiSensy's or WhatsApp's."""
    for named, column in ((NAMED, deliveries.c.provider_id), (TOLD, deliveries.c.message_id)):
        found = connection.scalars(select(deliveries.c.id).where(named, column.in_(ids)).limit(1)).first()
        if found is not None:
            return promised.load(connection, [found])[0]
    return None


def lately(connection: Connection, number: str, *, since: datetime, until: datetime) -> list[Delivery]:
    """What left to this number and may have arrived there, the latest first."""
    earlier = exists().where(_IN_DOUBT, attempts.c.started_at <= until)  # it was sent again since
    left = and_(deliveries.c.left_at >= since, or_(deliveries.c.left_at <= until, earlier))
    arrived = or_(deliveries.c.state.in_(COUNTS), deliveries.c.settled_by != "", _OPEN)
    found = (
        select(deliveries.c.id)
        .where(deliveries.c.destination == number, left, arrived)
        .order_by(deliveries.c.left_at.desc(), deliveries.c.id.desc())
    )
    return promised.load(connection, list(connection.scalars(found.limit(_MOST))))


def note(
    connection: Connection, delivery_id: int, said: str, *, at: datetime, reason: str = "", provider_id: str = ""
) -> None:
    """Write down what WhatsApp said of a delivery, unless it said more before; in any order it ends the same."""
    further = deliveries.c.receipt.in_(ORDER[: ORDER.index(said)])
    values = {"receipt": said, "receipt_at": at, "receipt_reason": reason}
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id, further).values(values))
    if provider_id:
        named = case((deliveries.c.provider_id == "", provider_id), else_=deliveries.c.provider_id)
        connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(provider_id=named))


def settle(connection: Connection, delivery_id: int, now: datetime) -> bool:
    """Count as accepted what WhatsApp spoke of; False when it said nothing or an answer has settled it."""
    mine = and_(deliveries.c.id == delivery_id, deliveries.c.receipt != "", _OPEN)
    values = {
        "state": DeliveryState.ACCEPTED,
        "reason": "",
        "tag": "",
        "hold": "",
        "changed_at": now,
        "accepted_at": now,
        "settled_by": "receipt",
    }
    return connection.execute(update(deliveries).where(mine).values(values)).rowcount == 1
