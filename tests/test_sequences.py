"""Whatever happens in whatever order: no follow-up leaves before its turn, or after what ends it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from gateway import clock
from gateway.model import After, Delivery, DeliveryState, LeadState, Outcome, OutcomeKind, Plan, PlanKind
from gateway.pipeline import cancelling, following
from gateway.pipeline.following import beginning
from gateway.pipeline.following.timing import when
from gateway.store import claims, follow_ups, out, rows, tables
from gateway.store.claims import Claim
from gateway.store.deliveries import CLOSED, COUNTS, NOT_LEFT, OPEN_STATES, Next
from gateway.store.ledger import Ledger
from gateway.store.promises import Promise

NUMBER = "+919876543210"
STATES = {
    "accepted": (DeliveryState.ACCEPTED, OutcomeKind.ACCEPTED),
    "failed": (DeliveryState.FAILED, OutcomeKind.RECIPIENT),
    "uncertain": (DeliveryState.UNCERTAIN, OutcomeKind.UNKNOWN),
}
EVENTS = st.lists(st.sampled_from([*STATES, "reply", "cancel", "opt out", "wait"]), min_size=1, max_size=14)
UNLESS = st.lists(st.booleans(), min_size=1, max_size=4)


def plan(step: int, *, replied: bool = False) -> Plan:
    call = {"campaignName": f"campaign_{step}", "destination": NUMBER}
    after = After(3600, "", "1 hour") if step else None
    return Plan(PlanKind.CALL, "x.yaml", "Rule", call=call, after=after, unless=("replied",) if replied else ())


class Life:
    """One lead with follow-ups, and what happens to it."""

    def __init__(self, connection: Connection, unless: Sequence[bool]) -> None:
        self.connection = connection
        self.now = clock.now()
        event = {"received_at": self.now, "body": b"", "state": "read", "source": "website"}
        event_id = rows.insert(connection, tables.events, event)
        lead = {"event_id": event_id, "received_at": self.now, "state": LeadState.PLANNED}
        self.lead_id = rows.insert(connection, tables.leads, lead)
        later = tuple(plan(step, replied=each) for step, each in enumerate(unless, 1))
        whole = plan(0)
        whole = Plan(whole.kind, whole.mapping, whole.rule, call=whole.call, follow_ups=later)
        beginning.promise(connection, [Promise(self.lead_id, 1, whole, 1)], clock.now())
        self.stopped = ""  # "reply" or "opt out", once it came
        self.left: list[int] = []

    def meet(self, event: str) -> None:
        if event in STATES:
            self._send(event)
        elif event == "reply":
            self.stopped = self.stopped or ("reply" if self.left else "")
            following.replied(self.connection, NUMBER, self.now, self.now)
        elif event == "opt out":
            self.stopped = "opt out"
            following.opted_out(self.connection, NUMBER, self.now, "asked")
        elif event == "cancel":
            waiting = [one for one in self.made() if one.state in NOT_LEFT]
            if waiting:
                cancelling.cancel(self.connection, f"d{waiting[-1].id}")
        else:
            self.now += timedelta(hours=2)

    def made(self) -> list[Delivery]:
        return follow_ups.latest(self.connection, self.lead_id, 1)

    def _send(self, event: str) -> None:
        """What is due leaves, and this comes of it; what is uncertain already is settled so."""
        state, kind = STATES[event]
        for one in self.made():
            if one.state in OPEN_STATES and one.due <= self.now:
                assert following.in_the_way(self.connection, one) is None
                self._check(one)
                token = uuid.uuid4().hex
                claims.write(self.connection, [Claim(one, token, {})], now=self.now, until=self.now)
                self.left.append(one.step)
                self._settle(one, token, Next(state), kind)
            elif one.state is DeliveryState.UNCERTAIN:
                self._settle(one, one.token, Next(state), kind)

    def _settle(self, one: Delivery, token: str, then: Next, kind: OutcomeKind) -> None:
        if out.settle(self.connection, one.id, token, Outcome(kind, "", ""), then, self.now):
            following.moved(self.connection, one, then, self.now)

    def _check(self, one: Delivery) -> None:
        before = [each for each in self.made() if each.step < one.step and each.state not in CLOSED]
        assert not one.step or before[-1].state is DeliveryState.ACCEPTED
        assert self.stopped != "opt out"
        assert not (self.stopped == "reply" and "replied" in one.plan.unless and 0 in self.left[:1])
        assert all(one.due - each.accepted >= timedelta(seconds=10) for each in before if each.accepted)

    def nothing_is_forgotten(self) -> None:
        """A call that waits for its turn has one before it that may still come, or nobody knows of."""
        for one in self.made():
            if one.state is DeliveryState.HELD:
                before = [each for each in self.made() if each.step < one.step and each.state not in CLOSED]
                assert before[-1].state in (*NOT_LEFT, *COUNTS)
                assert before[-1].state is not DeliveryState.ACCEPTED


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(unless=UNLESS, events=EVENTS)
def test_no_follow_up_leaves_before_its_turn_or_after_what_ends_it(
    ledger: Ledger, unless: list[bool], events: list[str]
) -> None:
    with ledger.write("test") as connection, connection.begin_nested() as undone:
        life = Life(connection, unless)
        for event in events:
            life.meet(event)
            life.nothing_is_forgotten()
        undone.rollback()


@pytest.mark.parametrize("at", ["09:00", "23:30"])
def test_a_time_of_day_is_by_the_recipients_clock(ledger: Ledger, at: str) -> None:
    del ledger
    accepted = clock.now()
    due = when(After(86_400, at), accepted, NUMBER)
    assert (due + timedelta(hours=5, minutes=30)).strftime("%H:%M") == at
    assert timedelta(seconds=10) <= due - accepted <= timedelta(days=2)
