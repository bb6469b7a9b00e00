"""The later calls of a lead: which of them wait, and what else waits for the same number."""

from __future__ import annotations

from sqlalchemy import Connection, select

from gateway.model import Delivery
from gateway.store import deliveries as promised
from gateway.store.deliveries import NOT_LEFT
from gateway.store.tables import deliveries


def wait(connection: Connection, lead_id: int, round_: int) -> bool:
    """Whether a later call of this round has not left."""
    later = select(deliveries.c.id).where(deliveries.c.lead_id == lead_id, deliveries.c.round == round_)
    waiting = later.where(deliveries.c.step > 0, deliveries.c.state.in_(NOT_LEFT))
    return connection.execute(waiting.limit(1)).first() is not None


def latest(connection: Connection, lead_id: int, round_: int) -> list[Delivery]:
    """The latest delivery of each step of a round, the first call before the others."""
    made = [one for one in promised.of_lead(connection, lead_id) if one.round == round_]
    by_step = {one.step: one for one in made}  # of those of one step, the last one counts
    return [by_step[step] for step in sorted(by_step)]


def not_left(connection: Connection, number: str, *, later_only: bool = False) -> list[Delivery]:
    """What has not left to a number, the last step of each lead before the others; with `later_only`, follow-ups."""
    found = select(deliveries.c.id).where(deliveries.c.destination == number, deliveries.c.state.in_(NOT_LEFT))
    if later_only:
        found = found.where(deliveries.c.step > 0)
    order = (deliveries.c.lead_id, deliveries.c.step.desc(), deliveries.c.id)
    return promised.load(connection, list(connection.scalars(found.order_by(*order))))
