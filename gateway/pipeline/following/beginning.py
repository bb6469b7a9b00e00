"""The follow-ups of a lead as they are promised: with its first call, and visible from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState, Plan, PlanKind
from gateway.pipeline.following.steps import WAITS, stop, under_way
from gateway.pipeline.following.timing import when
from gateway.store import deliveries, follow_ups, held
from gateway.store.deliveries import NOT_LEFT, Next, Promise, Rank

#: Of a follow-up: what ends it when the person sends a form again.
AGAIN = "submitted again"


def promise(connection: Connection, first: Promise, now: datetime) -> list[int]:
    """Promise a lead's first call, and all that comes after it; the id of the first."""
    plans = first.plan.follow_ups
    alone = replace(first, plan=replace(first.plan, follow_ups=()))
    made = deliveries.add(connection, alone, now)
    if made is None:
        return []
    _end_older_rounds(connection, first, now)
    sequence = _Others(first, _of_others(connection, first))
    sequence.end(connection, now)
    under = under_way(connection, first.lead_id, sequence.waiting, first.plan.mapping, first.plan.rule)
    _promise_later(connection, first, plans, under, now)
    return [made]


def _promise_later(connection: Connection, first: Promise, plans: Sequence[Plan], stopped: str, now: datetime) -> None:
    due = now
    for step, plan in enumerate(plans, 1):
        due = when(plan.after, due, _number(first)) if plan.after else due
        # a call that cannot be made yet has no number of its own, and would not be found by it
        call = plan.call or {"destination": _number(first)}
        one = replace(first, plan=replace(plan, call=call), step=step, rank=Rank.FOLLOW_UP, waived=())
        deliveries.add(connection, one, now, _start(plan, stopped, due))


def _start(plan: Plan, stopped: str, due: datetime) -> Next:
    if stopped:
        return Next(DeliveryState.CANCELLED, stopped, "sequence", due=due)
    if plan.kind is not PlanKind.CALL:
        return Next(DeliveryState.HELD, plan.reason, hold=held.MAPPING, due=due)
    return Next(DeliveryState.HELD, WAITS, hold=held.STEP, due=due)


def _number(first: Promise) -> str:
    return str(first.plan.call.get("destination", ""))


def _end_older_rounds(connection: Connection, first: Promise, now: datetime) -> None:
    """Another round has follow-ups of its own."""
    made = deliveries.of_lead(connection, first.lead_id) if first.round > 1 else []
    older = [one for one in made if one.step and one.round < first.round and one.state in NOT_LEFT]
    for one in reversed(older):
        stop(connection, one, Next(DeliveryState.CANCELLED, f"round {first.round} takes its place"), now)


def _of_others(connection: Connection, first: Promise) -> list[Delivery]:
    """Follow-ups that have not left of other leads of this person."""
    found = follow_ups.not_left(connection, _number(first), later_only=True)
    return [one for one in found if one.lead_id != first.lead_id]


@dataclass(frozen=True, slots=True)
class _Others:
    """What waits for the same person, and the lead that has just come."""

    first: Promise
    waiting: list[Delivery]

    def end(self, connection: Connection, now: datetime) -> None:
        """End those that are sent only unless such a lead comes."""
        for one in list(self.waiting):
            if reason := self._ends(one):
                stop(connection, one, Next(DeliveryState.CANCELLED, reason, "unless"), now)
                self.waiting.remove(one)

    def _ends(self, one: Delivery) -> str:
        lead, rule = f"l{self.first.lead_id}", self.first.plan.rule
        if one.lead_id > self.first.lead_id:
            return ""
        if AGAIN in one.plan.unless:
            return f"the person submitted again, as {lead}"
        same_file = one.mapping == self.first.plan.mapping
        return f"the rule '{rule}' took {lead} of the same person" if same_file and rule in one.plan.unless else ""
