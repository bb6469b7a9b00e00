"""The later calls of leads: which of them wait, and what else waits for the same number."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, and_, bindparam, select

from gateway.model import Delivery
from gateway.store import deliveries as promised
from gateway.store import rows
from gateway.store.deliveries import NOT_LEFT
from gateway.store.tables import deliveries

_WAITS = and_(deliveries.c.step > 0, deliveries.c.state.in_(NOT_LEFT))

#: The last step of each lead before the others.
_ORDER = (deliveries.c.lead_id, deliveries.c.step.desc(), deliveries.c.id)

_OF_ROUND = (
    select(deliveries.c.id)
    .where(deliveries.c.lead_id == bindparam("lead_id"), deliveries.c.round == bindparam("of_round"), _WAITS)
    .limit(1)
)
_LATER = select(deliveries).where(_WAITS).order_by(*_ORDER)
_OF_LEADS = _LATER.where(deliveries.c.lead_id.in_(bindparam("ids", expanding=True)))
_TO_NUMBERS = _LATER.where(deliveries.c.destination.in_(bindparam("numbers", expanding=True)))


def wait(connection: Connection, lead_id: int, round_: int) -> bool:
    """Whether a later call of this round has not left."""
    return connection.execute(_OF_ROUND, {"lead_id": lead_id, "of_round": round_}).first() is not None


def latest(connection: Connection, lead_id: int, round_: int) -> list[Delivery]:
    """The latest delivery of each step of a round, the first call before the others."""
    made = [one for one in promised.of_lead(connection, lead_id) if one.round == round_]
    by_step = {one.step: one for one in made}  # of those of one step, the last one counts
    return [by_step[step] for step in sorted(by_step)]


def of_leads(connection: Connection, lead_ids: Sequence[int]) -> list[Delivery]:
    """The later calls of these leads that have not left, in whatever round; the last step of each before the others."""
    found: list[Delivery] = []
    for batch in rows.batches(lead_ids):
        found += map(promised.of_row, connection.execute(_OF_LEADS, {"ids": batch}))
    return found


def waiting(connection: Connection, numbers: Collection[str]) -> dict[str, list[Delivery]]:
    """What waits for each of these numbers, of later calls alone; the last step of each lead before the others."""
    found: dict[str, list[Delivery]] = {number: [] for number in numbers}
    for batch in rows.batches(list(found)):
        for row in connection.execute(_TO_NUMBERS, {"numbers": batch}):
            found[row.destination].append(promised.of_row(row))
    return found


def not_left(connection: Connection, number: str, *, later_only: bool = False) -> list[Delivery]:
    """What has not left to a number, the last step of each lead before the others; with `later_only`, follow-ups."""
    found = select(deliveries).where(deliveries.c.destination == number, deliveries.c.state.in_(NOT_LEFT))
    if later_only:
        found = found.where(deliveries.c.step > 0)
    return [promised.of_row(row) for row in connection.execute(found.order_by(*_ORDER))]
