"""Rows that do not fit together, found one kind after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, or_, select

from gateway.model import DeliveryState, EventState, LeadState
from gateway.store import held
from gateway.store.alerts import WITHOUT_A_HOLD
from gateway.store.deliveries import CLOSED
from gateway.store.tables import GOES_ON, HELD, alerts, attempts, deliveries, events, holds, leads

#: So many of a kind are named.
NAMED = 20


@dataclass(frozen=True, slots=True)
class Misfit:
    """One kind of disagreement, and the rows in which it shows."""

    count: int
    says: str
    ids: tuple[str, ...]  #: The first NAMED of them.

    def __str__(self) -> str:
        more = ", …" if self.count > len(self.ids) else ""
        return f"{self.count} {self.says}: {', '.join(self.ids)}{more}"


def misfits(connection: Connection) -> Iterator[Misfit]:
    """All that does not fit."""
    for kind, checks in (("e", _events()), ("l", _leads()), ("d", _deliveries()), ("", _stops())):
        for says, rows in checks.items():
            found = rows.subquery()
            count = connection.execute(select(func.count()).select_from(found)).scalar_one()
            if count:
                first = connection.scalars(select(found.c[0]).order_by(found.c[0]).limit(NAMED))
                yield Misfit(count, says, tuple(f"{kind}{one}" for one in first))


def _events() -> dict[str, Select[Any]]:
    with_lead = select(leads.c.id).where(leads.c.event_id == events.c.id).exists()
    found, read = select(events.c.id), events.c.state == EventState.READ
    return {
        "events are read, but no lead came of them": found.where(read, ~with_lead),
        "events are not read, yet have leads": found.where(~read, with_lead),
    }


def _leads() -> dict[str, Select[Any]]:
    found, state = select(leads.c.id), leads.c.state
    first = select(deliveries.c.id).where(
        deliveries.c.lead_id == leads.c.id, deliveries.c.round == leads.c.round, deliveries.c.step == 0
    )
    of_event = select(events.c.id).where(events.c.id == leads.c.event_id)
    by_itself = and_(leads.c.waits_for.in_(("lookup", "plan")), leads.c.due_at.is_(None))
    return {
        "leads are planned, but have no first call": found.where(state == LeadState.PLANNED, ~first.exists()),
        "leads came of no event": found.where(~of_event.exists()),
        "leads wait for something, but are never looked at": found.where(state == LeadState.WAITING, by_itself),
        "leads are duplicates of none": found.where(state == LeadState.DUPLICATE, leads.c.duplicate_of.is_(None)),
    }


def _deliveries() -> dict[str, Select[Any]]:
    found, state = select(deliveries.c.id), deliveries.c.state
    attempt = select(attempts.c.id).where(attempts.c.delivery_id == deliveries.c.id)
    taken = attempt.where(attempts.c.outcome == "accepted")
    out = state.in_((DeliveryState.SENDING, DeliveryState.UNCERTAIN))
    nothing_holds = and_(deliveries.c.hold.not_in(held.ALONE), deliveries.c.hold.not_in(select(holds.c.key)))
    return {
        "deliveries are accepted without an attempt that says so": found.where(
            state == DeliveryState.ACCEPTED, deliveries.c.settled_by == "", ~taken.exists()
        ),
        "deliveries are out or uncertain without an attempt": found.where(out, ~attempt.exists()),
        "deliveries are held, but nothing holds them": found.where(HELD, nothing_holds),
        "deliveries were accepted twice": _twice(),
        "deliveries are closed, yet have an attempt without an end": _without_end(),
        "follow-ups have no first call": found.where(deliveries.c.step > 0, ~_first().exists()),
        "follow-ups are held for a step that is over": _left_behind(),
    }


def _twice() -> Select[Any]:
    """Accepted by two answers, although no policy says to send again what may have arrived."""
    twice = select(attempts.c.delivery_id).where(attempts.c.outcome == "accepted")
    several = twice.group_by(attempts.c.delivery_id).having(func.count() > 1)
    by_policy = deliveries.c.plan.contains('"send_again":', autoescape=True)
    return select(deliveries.c.id).where(deliveries.c.id.in_(several), ~by_policy)


def _without_end() -> Select[Any]:
    """A call of which nobody waits for the answer any more."""
    mine = attempts.join(deliveries, deliveries.c.id == attempts.c.delivery_id)
    waited_for = and_(deliveries.c.state == DeliveryState.SENDING, deliveries.c.token == attempts.c.token)
    return select(deliveries.c.id).select_from(mine).where(attempts.c.ended_at.is_(None), ~waited_for)


def _first() -> Select[Any]:
    """The first calls in the same round of the same lead."""
    first = deliveries.alias("first")
    same = (first.c.lead_id == deliveries.c.lead_id, first.c.round == deliveries.c.round)
    return select(first.c.id).where(*same, first.c.step == 0).correlate(deliveries)


def _left_behind() -> Select[Any]:
    """Held for the call before, although that was accepted; or although there is none any more that could be."""
    earlier = deliveries.alias("earlier")
    same = (earlier.c.lead_id == deliveries.c.lead_id, earlier.c.round == deliveries.c.round)
    live = select(earlier.c.state).where(*same, earlier.c.step < deliveries.c.step, earlier.c.state.not_in(CLOSED))
    last = live.order_by(earlier.c.step.desc()).limit(1).correlate(deliveries).scalar_subquery()
    first = live.where(earlier.c.step == 0).correlate(deliveries).exists()
    over = or_(last == DeliveryState.ACCEPTED, ~first)
    return select(deliveries.c.id).where(HELD, deliveries.c.hold == held.STEP, over)


def _stops() -> dict[str, Select[Any]]:
    """By their keys: each stop is told by an alert that goes on, until both are over."""
    told = select(alerts.c.key).where(GOES_ON)
    stopped = select(holds.c.key)
    by_hold = told.where(alerts.c.key.not_in(WITHOUT_A_HOLD), alerts.c.key.not_in(stopped))
    return {
        "alerts go on, but nothing is stopped": by_hold,
        "stops have no alert": stopped.where(holds.c.key.not_in(told)),
    }
