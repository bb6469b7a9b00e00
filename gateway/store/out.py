"""Deliveries whose request has left: what came of each, and what to do when nobody comes back to say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, exists, func, or_, select, update

from gateway.model import Delivery, DeliveryState, Outcome, OutcomeKind
from gateway.store import attempts, rows
from gateway.store.deliveries import NOT_LEFT, Next, of_next, of_row
from gateway.store.tables import SENDING, deliveries

_later = deliveries.alias("later")
_WAITED_FOR = exists().where(
    _later.c.lead_id == deliveries.c.lead_id,
    _later.c.round == deliveries.c.round,
    _later.c.step > 0,
    _later.c.state.in_(NOT_LEFT),
)
_STANDS = select(
    deliveries.c.id, deliveries.c.state, deliveries.c.token, deliveries.c.receipt, _WAITED_FOR.label("waited_for")
).where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
_THIS = update(deliveries).where(deliveries.c.id == bindparam("this"))


@dataclass(frozen=True, slots=True)
class Stand:
    """How a delivery stands while a call of it is out."""

    token: str  #: Under which it is out; "" when it is not.
    receipt: str  #: WhatsApp's furthest word; "" for none.
    waited_for: bool  #: Some later call of its lead has not left.


@dataclass(frozen=True, slots=True)
class Settled:
    """What a call under a token came to, and what becomes of its delivery."""

    delivery_id: int
    token: str
    outcome: Outcome
    then: Next


def count(connection: Connection) -> int:
    """How many requests are out."""
    found = select(func.count()).select_from(deliveries).where(SENDING)
    return int(connection.execute(found).scalar_one())


def stand(connection: Connection, delivery_ids: Collection[int]) -> dict[int, Stand]:
    """Delivery → how it stands."""
    found = connection.execute(_STANDS, {"ids": list(delivery_ids)})
    return {
        row.id: Stand(row.token if row.state == DeliveryState.SENDING else "", row.receipt, bool(row.waited_for))
        for row in found
    }


def settle_all(connection: Connection, settled: Sequence[Settled], now: datetime) -> None:
    """Record what calls came to that are out under these very tokens, as `stand` has just told."""
    rows.change(connection, _THIS, [{"this": one.delivery_id} | of_next(one.then, now) for one in settled])
    attempts.end(connection, [(one.token, one.outcome) for one in settled], now)


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
    attempts.end(connection, [(token, outcome)], now)
    return won


def renew(connection: Connection, tokens: Sequence[str], until: datetime) -> None:
    """Keep the leases of calls that are still out in this process."""
    connection.execute(update(deliveries).where(SENDING, deliveries.c.token.in_(tokens)).values(lease_until=until))


def expired(connection: Connection, now: datetime | None) -> list[Delivery]:
    """Deliveries whose worker is gone while their request was out; without `now`, all whose request is out."""
    lost = SENDING if now is None else and_(SENDING, deliveries.c.lease_until < now)
    found = select(deliveries).where(lost).order_by(deliveries.c.lease_until, deliveries.c.id)
    return [of_row(row) for row in connection.execute(found)]


def resolve(connection: Connection, delivery: Delivery, following: Next, now: datetime) -> bool:
    """Give one of which nobody knew whether it arrived another state; False when somebody was first."""
    same = and_(deliveries.c.id == delivery.id, deliveries.c.token == delivery.token)
    mine = update(deliveries).where(same, deliveries.c.state == DeliveryState.UNCERTAIN)
    return connection.execute(mine.values(of_next(following, now))).rowcount == 1
