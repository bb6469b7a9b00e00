"""The follow-ups of leads as they are promised: with the first call, and visible from then on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState, Plan, PlanKind
from gateway.pipeline.following.steps import WAITS, stop, under_way
from gateway.pipeline.following.timing import when
from gateway.store import follow_ups, held, promises
from gateway.store.deliveries import Next, Rank
from gateway.store.promises import Promise

#: Of a follow-up: what ends it when the person sends a form again.
AGAIN = "submitted again"


def promise(connection: Connection, firsts: Sequence[Promise], now: datetime) -> list[int]:
    """Promise the first calls of some leads, and all that comes after each; the ids of the first calls.

    A lead that has a live first call in this round already is left as it is.
    """
    made = promises.add(connection, [_alone(first) for first in firsts], now)
    begun = [first for first, made_as in zip(firsts, made, strict=True) if made_as is not None]
    _end_older_rounds(connection, begun, now)
    beginnings = _Beginnings(connection, begun, now)
    for first in begun:
        beginnings.begin(first)
    beginnings.promise_later()
    return [made_as for made_as in made if made_as is not None]


def _alone(first: Promise) -> Promise:
    """The first call without those after it."""
    return replace(first, plan=replace(first.plan, follow_ups=())) if first.plan.follow_ups else first


def _end_older_rounds(connection: Connection, firsts: Sequence[Promise], now: datetime) -> None:
    """Another round has follow-ups of its own."""
    rounds = {first.lead_id: first.round for first in firsts if first.round > 1}
    for one in follow_ups.of_leads(connection, list(rounds)):
        if one.round < rounds[one.lead_id]:
            stop(connection, one, Next(DeliveryState.CANCELLED, f"round {rounds[one.lead_id]} takes its place"), now)


class _Beginnings:
    """What begins with some first calls, one after the other: each may end what an earlier one of its person began."""

    def __init__(self, connection: Connection, firsts: Sequence[Promise], now: datetime) -> None:
        self.connection = connection
        self.now = now
        self.waiting = follow_ups.waiting(connection, {_number(first) for first in firsts})
        self.stale: set[str] = set()  # numbers of which more, or less, waits than was loaded
        self.later: list[Promise] = []

    def begin(self, first: Promise) -> None:
        """End what others wait for that such a lead ends, and promise what comes after it."""
        number = _number(first)
        if number in self.stale:
            self.promise_later()
            self.waiting |= follow_ups.waiting(self.connection, [number])
        others = [one for one in self.waiting.get(number, ()) if one.lead_id != first.lead_id]
        kept = [one for one in others if not self._end(one, first)]
        if len(kept) < len(others) or first.plan.follow_ups:
            self.stale.add(number)
        if first.plan.follow_ups:
            stopped = under_way(self.connection, first.lead_id, kept, first.plan.mapping, first.plan.rule)
            self.later += _later(first, stopped, self.now)

    def promise_later(self) -> None:
        """Promise the later calls that have come together."""
        promises.add(self.connection, self.later, self.now)
        self.later = []

    def _end(self, one: Delivery, first: Promise) -> bool:
        """Whether such a lead ends this follow-up of another one; then it is ended."""
        reason = _ends(one, first)
        if reason:
            stop(self.connection, one, Next(DeliveryState.CANCELLED, reason, "unless"), self.now)
        return bool(reason)


def _ends(one: Delivery, first: Promise) -> str:
    """Why a follow-up is not sent when such a lead comes; "" when it is."""
    lead, rule = f"l{first.lead_id}", first.plan.rule
    if one.lead_id > first.lead_id:
        return ""
    if AGAIN in one.plan.unless:
        return f"the person submitted again, as {lead}"
    same_file = one.mapping == first.plan.mapping
    return f"the rule '{rule}' took {lead} of the same person" if same_file and rule in one.plan.unless else ""


def _later(first: Promise, stopped: str, now: datetime) -> list[Promise]:
    """The calls after the first; `stopped`: why none of them is sent."""
    later, due = [], now
    for step, plan in enumerate(first.plan.follow_ups, 1):
        due = when(plan.after, due, _number(first)) if plan.after else due
        # a call that cannot be made yet has no number of its own, and would not be found by it
        whole = replace(plan, call=plan.call or {"destination": _number(first)})
        start = _start(plan, stopped, due)
        later.append(replace(first, plan=whole, step=step, rank=Rank.FOLLOW_UP, waived=(), start=start))
    return later


def _start(plan: Plan, stopped: str, due: datetime) -> Next:
    if stopped:
        return Next(DeliveryState.CANCELLED, stopped, "sequence", due=due)
    if plan.kind is not PlanKind.CALL:
        return Next(DeliveryState.HELD, plan.reason, hold=held.MAPPING, due=due)
    return Next(DeliveryState.HELD, WAITS, hold=held.STEP, due=due)


def _number(first: Promise) -> str:
    return str(first.plan.call.get("destination", ""))
