"""Receipts: stored before they are answered, read once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, and_, select, update

from gateway.store import jobs, rows
from gateway.store.jobs import Kind
from gateway.store.tables import NEW, READ, receipts

REPLY = "reply"

_ADD = rows.unless_there(receipts, receipts.c.id)


@dataclass(frozen=True, slots=True)
class Arrived:
    """One receipt as it came in."""

    notification: str  #: AiSensy's id of it; "" where it has none.
    body: bytes
    received: datetime


@dataclass(frozen=True, slots=True)
class Stored:
    """One receipt as it stands in the ledger."""

    id: int
    received: datetime
    body: bytes
    state: str  #: "new", "read", "ignored" or "unreadable".
    reason: str
    kind: str  #: "sent", "delivered", "read", "failed" or "reply"; "" for what is none of these.
    number: str  #: E.164.
    campaign: str
    happened: datetime | None
    message_id: str
    delivery_id: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What reading a receipt came to."""

    state: str
    reason: str = ""
    kind: str = ""
    number: str = ""
    campaign: str = ""
    happened: datetime | None = None
    message_id: str = ""
    delivery_id: int | None = None


def add(connection: Connection, found: Sequence[Arrived]) -> None:
    """Store receipts; a notification that is here already is left as it is."""
    values = [
        {"notification": one.notification, "received_at": one.received, "body": one.body, "state": "new"}
        for one in sorted(found, key=attrgetter("notification"))  # in one order: another web process may store the same
    ]
    fresh = list(connection.scalars(_ADD[connection.dialect.name], values))
    jobs.announce(connection, Kind.RECEIPT, fresh)


def new(connection: Connection, limit: int) -> list[int]:
    """The ids of receipts not yet read, oldest first."""
    return list(connection.scalars(select(receipts.c.id).where(NEW).order_by(receipts.c.id).limit(limit)))


def load(connection: Connection, ids: Sequence[int]) -> list[Stored]:
    found = connection.execute(select(receipts).where(receipts.c.id.in_(ids)).order_by(receipts.c.id))
    return [_stored(row) for row in found]


def settle(connection: Connection, receipt_id: int, settled: Settled) -> bool:
    """Write down what a new receipt says; False when another worker was first."""
    mine = update(receipts).where(receipts.c.id == receipt_id, NEW)
    values = {
        "state": settled.state,
        "reason": settled.reason,
        "kind": settled.kind,
        "number": settled.number,
        "campaign": settled.campaign,
        "happened_at": settled.happened,
        "message_id": settled.message_id,
        "delivery_id": settled.delivery_id,
    }
    return connection.execute(mine.values(values)).rowcount == 1


def ever(connection: Connection) -> bool:
    """Whether any receipt has ever told something: only then can a reply be known."""
    found = select(receipts.c.id).where(READ).order_by(receipts.c.id).limit(1)
    return connection.execute(found).first() is not None


def replied_since(connection: Connection, number: str, since: datetime) -> datetime | None:
    """When the person last wrote to us, not before `since`; None: they did not, as far as receipts tell."""
    theirs = and_(receipts.c.number == number, receipts.c.kind == REPLY, receipts.c.happened_at >= since)
    found = select(receipts.c.happened_at).where(theirs).order_by(receipts.c.happened_at.desc()).limit(1)
    return connection.execute(found).scalar()


def of_delivery(connection: Connection, delivery_id: int) -> list[Stored]:
    """What WhatsApp said about one delivery, in the order in which it happened."""
    found = select(receipts).where(receipts.c.delivery_id == delivery_id)
    return [_stored(row) for row in connection.execute(found.order_by(receipts.c.happened_at, receipts.c.id))]


def listing(connection: Connection, *, state: str = "", kind: str = "", limit: int | None = 50) -> list[Stored]:
    """The latest receipts, newest first."""
    found = select(receipts).order_by(receipts.c.id.desc()).limit(limit)
    if state:
        found = found.where(receipts.c.state == state)
    if kind:
        found = found.where(receipts.c.kind == kind)
    return [_stored(row) for row in connection.execute(found)]


def _stored(row: Row[Any]) -> Stored:
    return Stored(
        id=row.id,
        received=row.received_at,
        body=row.body,
        state=row.state,
        reason=row.reason,
        kind=row.kind,
        number=row.number,
        campaign=row.campaign,
        happened=row.happened_at,
        message_id=row.message_id,
        delivery_id=row.delivery_id,
    )
