"""Deliveries: what is due, and what becomes of what has not left."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, union_all, update

from gateway import planjson
from gateway.model import Delivery, DeliveryState, Plan
from gateway.store import rows
from gateway.store.tables import OPEN, deliveries

#: States from which a delivery leaves by itself, when it is due.
OPEN_STATES = (DeliveryState.SCHEDULED, DeliveryState.RETRYING)

#: States in which nothing has left yet, or a definite no came back.
NOT_LEFT = (*OPEN_STATES, DeliveryState.HELD)

#: States that count as a message to the person: it arrived, or may have.
COUNTS = (DeliveryState.ACCEPTED, DeliveryState.SENDING, DeliveryState.UNCERTAIN)

#: States that leave room for another delivery of the same step and round.
CLOSED = (DeliveryState.FAILED, DeliveryState.CANCELLED, DeliveryState.SKIPPED)


class Rank(IntEnum):
    """What leaves first, of what is due."""

    FRESH = 0  #: A lead's first call.
    RELEASED = 1  #: It was held with others, which now leave together: the newest lead first.
    FOLLOW_UP = 2
    REPLAY = 3  #: A person asked for it again.


_ORDER = (deliveries.c.due_at, deliveries.c.lead_id.desc())


def _due_of(rank: Rank) -> Select[Any]:
    """Of one rank: each is read by itself, so that what is due later in it keeps nobody busy."""
    due_now = select(deliveries.c.id, deliveries.c.rank, *_ORDER[:1], deliveries.c.lead_id).where(
        OPEN, deliveries.c.rank == int(rank), deliveries.c.due_at <= bindparam("now")
    )
    return select(due_now.order_by(*_ORDER).limit(bindparam("most")).subquery(f"rank_{rank:d}"))


_found = union_all(*map(_due_of, Rank)).subquery("due")
_DUE = select(_found.c.id).order_by(_found.c.rank, _found.c.due_at, _found.c.lead_id.desc()).limit(bindparam("most"))
_LOAD = select(deliveries).where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
_OF_LEAD = select(deliveries).where(deliveries.c.lead_id == bindparam("lead")).order_by(deliveries.c.id)

#: One that nobody changed since it was loaded: `this` was in the state `was` and `had` this token.
UNCHANGED = update(deliveries).where(
    deliveries.c.id == bindparam("this"),
    deliveries.c.state == bindparam("was"),
    deliveries.c.token == bindparam("had"),
)


@dataclass(frozen=True, slots=True)
class Next:
    """What becomes of a delivery after an attempt, or by a person's word."""

    state: DeliveryState
    reason: str = ""
    tag: str = ""
    hold: str = ""
    due: datetime | None = None  #: None: as it was.
    tries: int | None = None  #: None: as it was.
    message_id: str = ""
    settled_by: str = ""  #: "receipt" or "person", where no answer said it.
    rank: Rank | None = None  #: None: as it was.


def due(connection: Connection, now: datetime, limit: int) -> list[int]:
    """The ids of what may leave now: by rank, then the longest due; of those due together, the newest lead first."""
    return list(connection.scalars(_DUE, {"now": now, "most": limit}))


def still_due(connection: Connection, ids: Sequence[int], now: datetime) -> list[int]:
    """Those of these that may leave now, in their order."""
    due_now = select(deliveries.c.id).where(deliveries.c.id.in_(ids), OPEN, deliveries.c.due_at <= now)
    found = set(connection.scalars(due_now))
    return [one for one in ids if one in found]


def load(connection: Connection, ids: Sequence[int]) -> list[Delivery]:
    found = connection.execute(_LOAD, {"ids": ids}) if ids else ()
    known = {row.id: of_row(row) for row in found}
    return [known[wanted] for wanted in ids if wanted in known]


def replan(connection: Connection, delivery: Delivery, plan: Plan, version: int | None) -> bool:
    """Let what has not left follow the mapping that is live now; False when it changed meanwhile."""
    return _update(connection, delivery, of_plan(plan, version))


def change(connection: Connection, delivery: Delivery, following: Next, now: datetime) -> bool:
    """Give a delivery that has not left another state; False when it changed meanwhile."""
    return _update(connection, delivery, of_next(following, now))


def put_off(connection: Connection, delivery_id: int, until: datetime, reason: str) -> None:
    """Let one that is due leave later; what else it says is not read, as it may be what is wrong."""
    mine = update(deliveries).where(deliveries.c.id == delivery_id, OPEN)
    connection.execute(mine.values(due_at=until, reason=reason))


def waiting_for(connection: Connection, numbers: Collection[str]) -> set[str]:
    """Those of these numbers that something waits for."""
    found: set[str] = set()
    for batch in rows.batches(list(numbers)):
        theirs = select(deliveries.c.destination).where(deliveries.c.destination.in_(batch))
        found |= set(connection.scalars(theirs.where(deliveries.c.state.in_(NOT_LEFT)).distinct()))
    return found


def of_lead(connection: Connection, lead_id: int) -> list[Delivery]:
    return [of_row(row) for row in connection.execute(_OF_LEAD, {"lead": lead_id})]


def listing(
    connection: Connection, *, state: str = "", campaign: str = "", step: int | None = None, limit: int | None = 50
) -> list[Delivery]:
    """The latest deliveries, newest first."""
    found = select(deliveries).order_by(deliveries.c.id.desc()).limit(limit)
    if step is not None:
        found = found.where(deliveries.c.step == step)
    if state:
        found = found.where(deliveries.c.state == state)
    if campaign:
        found = found.where(deliveries.c.campaign == campaign)
    return [of_row(row) for row in connection.execute(found)]


def _update(connection: Connection, delivery: Delivery, values: dict[str, Any]) -> bool:
    """Change one that has not left, unless it was changed since it was loaded."""
    if delivery.state not in NOT_LEFT:
        return False
    this = {"this": delivery.id, "was": delivery.state, "had": delivery.token}
    return connection.execute(UNCHANGED, this | values).rowcount == 1


def of_plan(plan: Plan, version: int | None) -> dict[str, Any]:
    """The columns that come of a plan."""
    return {
        "plan": planjson.dumps(plan),
        "mapping": plan.mapping,
        "mapping_version": version,
        "rule": plan.rule,
        "campaign": plan.call.get("campaignName", ""),
        "destination": plan.call.get("destination", ""),
    }


def of_next(following: Next, now: datetime) -> dict[str, Any]:
    """The columns that change when a delivery moves on."""
    values: dict[str, Any] = {
        "state": following.state,
        "reason": following.reason,
        "tag": following.tag,
        "hold": following.hold,
        "changed_at": now,
        "lease_until": None,
    }
    if following.due is not None:
        values["due_at"] = following.due
    if following.tries is not None:
        values["tries"] = following.tries
    if following.state is DeliveryState.ACCEPTED:
        values |= {"accepted_at": now, "message_id": following.message_id}
    if following.rank is not None:
        values["rank"] = following.rank
    if following.settled_by:
        values["settled_by"] = following.settled_by
    return values


def of_row(row: Row[Any]) -> Delivery:
    """A row of the table as a noun."""
    return Delivery(
        id=row.id,
        lead_id=row.lead_id,
        step=row.step,
        round=row.round,
        mapping=row.mapping,
        first_version=row.first_version,
        mapping_version=row.mapping_version,
        rule=row.rule,
        campaign=row.campaign,
        destination=row.destination,
        plan=planjson.loads(row.plan),
        state=DeliveryState(row.state),
        reason=row.reason,
        tag=row.tag,
        hold=row.hold,
        due=row.due_at,
        tries=row.tries,
        token=row.token,
        created=row.created_at,
        changed=row.changed_at,
        accepted=row.accepted_at,
        message_id=row.message_id,
        rank=row.rank,
        left=row.left_at,
        waived=tuple(row.waived.split()),
        settled_by=row.settled_by,
        receipt=row.receipt,
        receipt_at=row.receipt_at,
        receipt_reason=row.receipt_reason,
        provider_id=row.provider_id,
    )
