"""What is kept back: by a hold, or until something else has come about. Nothing is wrong with its leads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, case, func, select, update

from gateway.model import DeliveryState
from gateway.store.deliveries import Rank
from gateway.store.tables import HELD, OPEN, deliveries, holds

#: Keeps back what no better mapping has been found for.
MAPPING = "mapping"

#: Keeps back a follow-up until the step before it is accepted.
STEP = "step"

#: Keeps back a follow-up while nobody can know whether the person replied.
RECEIPTS = "receipts"

#: What keeps back without a row among the holds.
ALONE = (MAPPING, STEP, RECEIPTS)


#: Every delivery has one of these ranks; said so, the index by rank and due time finds what is due.
_ANY_RANK = deliveries.c.rank.in_([int(rank) for rank in Rank])

_KEYS = select(holds.c.key)


def _first_hold(*after: ColumnElement[bool]) -> ScalarSelect[Any]:
    return select(func.min(deliveries.c.hold)).where(HELD, *after).scalar_subquery()


_each = select(_first_hold().label("hold")).cte("in_use", recursive=True)
_each = _each.union_all(select(_first_hold(deliveries.c.hold > _each.c.hold)).where(_each.c.hold.is_not(None)))

#: Each hold that keeps something back: one step in the index for each of them, however much it keeps.
_IN_USE = select(_each.c.hold).where(_each.c.hold.is_not(None))


def by(connection: Connection, hold: str, limit: int) -> list[int]:
    """The ids of what one hold keeps back, those first that were tried longest ago."""
    found = select(deliveries.c.id).where(HELD, deliveries.c.hold == hold)
    return list(connection.scalars(found.order_by(deliveries.c.changed_at, deliveries.c.id).limit(limit)))


def kinds(connection: Connection, hold: str) -> list[int]:
    """Of what one hold keeps back, an id for each rule and version: calls of one rule differ in their words alone."""
    found = select(func.min(deliveries.c.id)).where(HELD, deliveries.c.hold == hold)
    alike = (deliveries.c.mapping, deliveries.c.mapping_version, deliveries.c.rule, deliveries.c.step)
    return list(connection.scalars(found.group_by(*alike)))


def by_campaign(connection: Connection) -> dict[str, int]:
    """Campaign → how many of its deliveries are held, by whatever stops a message that could leave."""
    stopped = select(deliveries.c.campaign, func.count()).where(HELD, deliveries.c.hold != STEP)
    return {row[0]: row[1] for row in connection.execute(stopped.group_by(deliveries.c.campaign))}


def waiting(connection: Connection, now: datetime) -> int:
    """How many would leave now, but for the pace and the rate."""
    due_now = select(func.count()).select_from(deliveries).where(OPEN, _ANY_RANK, deliveries.c.due_at <= now)
    return int(connection.execute(due_now).scalar_one())


def last_tag(connection: Connection, hold: str) -> str:
    """What the last refusal under a hold was about: "no_credit", "auth", …"""
    found = select(deliveries.c.tag).where(HELD, deliveries.c.hold == hold, deliveries.c.tag != "")
    return connection.scalars(found.order_by(deliveries.c.changed_at.desc()).limit(1)).first() or ""


def hold_due(connection: Connection, hold: str, reason: str, now: datetime) -> int:
    """Hold all that would leave now; how many those are."""
    due_now = update(deliveries).where(OPEN, _ANY_RANK, deliveries.c.due_at <= now)
    values = {"state": DeliveryState.HELD, "hold": hold, "reason": reason, "changed_at": now}
    return connection.execute(due_now.values(values)).rowcount


def release_orphans(connection: Connection, now: datetime) -> None:
    """Let what is held by a hold that is gone leave."""
    known = {*ALONE, *connection.scalars(_KEYS)}
    gone = [key for key in connection.scalars(_IN_USE) if key not in known]
    if gone:
        release(connection, now, gone)


def release(connection: Connection, now: datetime, keys: Collection[str]) -> int:
    """Let what some holds kept back leave, all of it together; how many those are."""
    kept = update(deliveries).where(HELD, deliveries.c.hold.in_(keys))
    return connection.execute(kept.values(_released(now))).rowcount


def _released(now: datetime) -> dict[str, Any]:
    """All of it leaves now, with one due time; a follow-up keeps its own, by which it may be too old."""
    due_at = case((deliveries.c.step > 0, deliveries.c.due_at), else_=now)
    rank = case((deliveries.c.rank == Rank.FRESH, Rank.RELEASED), else_=deliveries.c.rank)
    return {
        "state": DeliveryState.SCHEDULED,
        "hold": "",
        "reason": "",
        "due_at": due_at,
        "rank": rank,
        "changed_at": now,
    }
