"""Deliveries whose request has left: what came of each, and what to do when nobody comes back to say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from gateway.model import Delivery, DeliveryState, Outcome, OutcomeKind
from gateway.store import attempts
from gateway.store.deliveries import NOT_LEFT, Next, of_next, of_row
from gateway.store.tables import SENDING, deliveries


def count(connection: Connection) -> int:
    """How many requests are out."""
    found = select(func.count()).select_from(deliveries).where(SENDING)
    return int(connection.execute(found).scalar_one())


def settle(
    connection: Connection, delivery_id: int, token: str, outcome: Outcome, following: Next, now: datetime
) -> bool:
    """Record what an attempt came to. Only the last claim's token may, it may come late, after `uncertain`, and
    while it is to be sent again; a yes that late may come under any token."""
    unknown = attempts.unknown(token)
    out = deliveries.c.state.in_((DeliveryState.SENDING, DeliveryState.UNCERTAIN))
    last = and_(deliveries.c.token == token, or_(out, and_(deliveries.c.state.in_(NOT_LEFT), unknown)))
    late = and_(deliveries.c.state.in_((*NOT_LEFT, DeliveryState.UNCERTAIN)), unknown)
    mine = and_(deliveries.c.id == delivery_id, or_(last, late) if outcome.kind is OutcomeKind.ACCEPTED else last)
    won = connection.execute(update(deliveries).where(mine).values(of_next(following, now))).rowcount == 1
    attempts.end(connection, token, outcome, now)
    return won


def renew(connection: Connection, tokens: Sequence[str], until: datetime) -> None:
    """Keep the leases of calls that are still out in this process."""
    connection.execute(update(deliveries).where(SENDING, deliveries.c.token.in_(tokens)).values(lease_until=until))


def expired(connection: Connection, now: datetime | None) -> list[Delivery]:
    """Deliveries whose worker is gone while their request was out; without `now`, all whose request is out.

    Those that a worker is writing down just now are left to it: each would wait for what the other has.
    """
    lost = SENDING if now is None else and_(SENDING, deliveries.c.lease_until < now)
    found = (
        select(deliveries)
        .where(lost)
        .order_by(deliveries.c.lease_until, deliveries.c.id)
        .with_for_update(skip_locked=True)
    )
    return [of_row(row) for row in connection.execute(found)]


def abandon(connection: Connection, delivery: Delivery, outcome: Outcome, following: Next, now: datetime) -> bool:
    """Say of one whose worker is gone that nobody knows; its token still settles it if an answer comes late."""
    mine = and_(deliveries.c.id == delivery.id, deliveries.c.token == delivery.token, SENDING)
    won = connection.execute(update(deliveries).where(mine).values(of_next(following, now))).rowcount == 1
    if won:
        attempts.end(connection, delivery.token, outcome, now)
    return won


def resolve(connection: Connection, delivery: Delivery, following: Next, now: datetime) -> bool:
    """Give one of which nobody knew whether it arrived another state; False when somebody was first."""
    same = and_(deliveries.c.id == delivery.id, deliveries.c.token == delivery.token)
    mine = update(deliveries).where(same, deliveries.c.state == DeliveryState.UNCERTAIN)
    return connection.execute(mine.values(of_next(following, now))).rowcount == 1
