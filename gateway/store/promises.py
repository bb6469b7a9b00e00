"""Calls as they are promised: many at once, one at most for each step and round of a lead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateway.model import DeliveryState, Plan
from gateway.store import rows
from gateway.store.deliveries import Next, Rank, of_next, of_plan
from gateway.store.tables import deliveries

#: What keeps a second live delivery of one step and round out is a unique index.
_ADD = rows.unless_there(deliveries, deliveries.c.id, deliveries.c.lead_id, deliveries.c.step, deliveries.c.round)

_AT_ONCE = Next(DeliveryState.SCHEDULED)


@dataclass(frozen=True, slots=True)
class Promise:
    """A call that is to be made."""

    lead_id: int
    round: int
    plan: Plan
    version: int | None  #: Of the mappings that planned it.
    step: int = 0
    rank: Rank = Rank.FRESH
    waived: tuple[str, ...] = ()
    start: Next = _AT_ONCE  #: How it begins.


def add(connection: Connection, promised: Sequence[Promise], now: datetime) -> list[int | None]:
    """Promise some calls, no two of them for one step and round of a lead; the id of each, in their order.

    None for one whose lead has a live delivery of this step and round already.
    """
    if not promised:
        return []
    made = connection.execute(_ADD[connection.dialect.name], [_row(one, now) for one in promised])
    ids = {(row.lead_id, row.step, row.round): row.id for row in made}
    return [ids.get((one.lead_id, one.step, one.round)) for one in promised]


def _row(promise: Promise, now: datetime) -> dict[str, Any]:
    return {
        "lead_id": promise.lead_id,
        "first_version": promise.version,
        "round": promise.round,
        "step": promise.step,
        "rank": promise.rank,
        "waived": " ".join(promise.waived),
        "due_at": now,
        "created_at": now,
        **of_plan(promise.plan, promise.version),
        **of_next(promise.start, now),
    }
