"""What the gate asks of the ledger: what a person was sent, what a rule sent, and how old a lead is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Select, and_, bindparam, or_, select

from gateway.model import DeliveryState
from gateway.store import rows
from gateway.store.attempts import DOUBTFUL
from gateway.store.deliveries import COUNTS, NOT_LEFT
from gateway.store.tables import PUT_OFF, deliveries, leads

#: What arrived or may have: what is to be sent again, since nobody knows, too.
_COUNTS = or_(deliveries.c.state.in_(COUNTS), and_(deliveries.c.state.in_(NOT_LEFT), DOUBTFUL))

_MESSAGES = (
    select(
        deliveries.c.id,
        deliveries.c.lead_id,
        deliveries.c.round,
        deliveries.c.destination,
        deliveries.c.campaign,
        deliveries.c.left_at,
        deliveries.c.state,
        leads.c.source,
    )
    .join(leads, leads.c.id == deliveries.c.lead_id)
    .where(_COUNTS, deliveries.c.left_at > bindparam("since"))
    .where(deliveries.c.destination.in_(bindparam("numbers", expanding=True)))
    .order_by(deliveries.c.left_at)
)
_ORIGINS = select(leads.c.id, leads.c.source, leads.c.received_at, leads.c.submitted_at).where(
    leads.c.id.in_(bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Message:
    """A call that left, and arrived or may have."""

    delivery_id: int
    lead_id: int
    round: int
    number: str
    campaign: str
    left: datetime
    state: DeliveryState
    source: str  #: Of its lead.


def messages(connection: Connection, numbers: Collection[str], since: datetime) -> Iterator[Message]:
    """What left for some numbers since then."""
    for batch in rows.batches(sorted(numbers)):
        for row in connection.execute(_MESSAGES, {"numbers": batch, "since": since}):
            yield Message(
                row.id,
                row.lead_id,
                row.round,
                row.destination,
                row.campaign,
                row.left_at,
                DeliveryState(row.state),
                row.source,
            )


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a lead came from, and when."""

    source: str
    received: datetime
    submitted: datetime | None  #: When the form says that it was sent.


def origins(connection: Connection, lead_ids: Collection[int]) -> dict[int, Origin]:
    """Lead → where it came from."""
    found: dict[int, Origin] = {}
    for batch in rows.batches(sorted(lead_ids)):
        for row in connection.execute(_ORIGINS, {"ids": batch}):
            found[row.id] = Origin(row.source, row.received_at, row.submitted_at)
    return found


def sent_by_rule(
    connection: Connection, file: str, rule: str, since: datetime, limit: int, *, but: Collection[int]
) -> list[datetime]:
    """When the last calls of a rule left, newest first. `but`: the ids of those that do not count."""
    found = _of_rule(deliveries.c.left_at, file, rule).where(_COUNTS, deliveries.c.id.not_in(but))
    newest = found.where(deliveries.c.left_at > since).order_by(deliveries.c.left_at.desc())
    return list(connection.scalars(newest.limit(limit)))


def waiting_by_rule(connection: Connection, file: str, rule: str, since: datetime, limit: int) -> list[datetime]:
    """When those calls of a rule leave that `no_more_than` keeps back, the last first."""
    kept = _of_rule(deliveries.c.due_at, file, rule).where(PUT_OFF, deliveries.c.left_at.is_(None))
    last = kept.where(deliveries.c.due_at > since).order_by(deliveries.c.due_at.desc())
    return list(connection.scalars(last.limit(limit)))


def first_left(connection: Connection, lead_id: int, round_: int) -> datetime | None:
    """When the first call of a lead left; None: it has not."""
    found = select(deliveries.c.left_at).where(deliveries.c.lead_id == lead_id, deliveries.c.round == round_)
    counted = found.where(deliveries.c.step == 0, _COUNTS)
    return connection.scalars(counted.order_by(deliveries.c.left_at).limit(1)).first()


def planned_later(connection: Connection, number: str, lead_id: int) -> list[tuple[int, str, str]]:
    """The leads of a number that came after one: each with the mapping and the rule that planned it."""
    one = deliveries.c
    found = select(one.lead_id, one.mapping, one.rule).where(one.destination == number, one.step == 0)
    later = found.where(one.lead_id > lead_id).order_by(one.lead_id)
    return [(row.lead_id, row.mapping, row.rule) for row in connection.execute(later)]


def _of_rule(moment: Column[datetime], file: str, rule: str) -> Select[datetime]:
    return select(moment).where(deliveries.c.mapping == file, deliveries.c.rule == rule)
