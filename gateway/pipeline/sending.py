"""Delivery → Attempt: what may leave now.

Everything here runs inside one short transaction of the worker; the call itself is made in a thread,
after that transaction is durable.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, DeliveryState
from gateway.pipeline import following, gate, holding
from gateway.pipeline.candidates import Candidate, prepare
from gateway.pipeline.contracts import objection
from gateway.pipeline.gate.case import as_planned
from gateway.pipeline.holding import CAMPAIGN_PATIENCE
from gateway.pipeline.pace import Pace
from gateway.pipeline.planning import Live
from gateway.pipeline.rates import Rate
from gateway.settings import Settings
from gateway.store import deliveries, held, holds
from gateway.store.deliveries import OPEN_STATES, Next
from gateway.store.holds import Hold

log = logging.getLogger(__name__)

#: A lease outlives the call's own deadline by this.
LEASE_MARGIN = timedelta(seconds=10)

#: So many that a hold keeps back are held against the limits, to find one that may try it.
TRIALS = 10


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is marked as sending, and the call to make for it."""

    delivery: Delivery
    token: str
    call: Mapping[str, Any]
    started: datetime
    probe: str = ""  #: The hold that this one tries; "" for none.


class Sending:
    """Hands out what may leave."""

    def __init__(self, settings: Settings, pace: Pace) -> None:
        self.pace = pace
        self.rate = Rate(settings)
        self.lease = timedelta(seconds=settings.number("GATEWAY_DEADLINE")) + LEASE_MARGIN
        self._again = False  # something was stopped at the last claim: what is due behind it may leave

    def start(self, connection: Connection) -> None:
        """At a worker's start settings may have changed: what they make untrue is over."""
        self.pace.start(connection)
        self.rate.start(connection, clock.now())

    def claim(self, connection: Connection, ids: Sequence[int], idle: int, live: Live) -> list[Claimed]:
        """Mark what may leave of `ids`, and of what a hold may try, as sending: `idle` at most."""
        now = clock.now()
        allowed = self.rate.left(connection, self.pace.allowed(connection, idle), now)
        found = self._found(connection, ids, allowed, now)
        claimed = self._claim(connection, prepare(connection, found, live), allowed, live) if found else []
        if claimed:
            self.pace.answers = False
            self.rate.spend(connection, len(claimed), now)
        return claimed

    def look_again(self) -> bool:
        """Whether more may leave at once, behind what was stopped at the last claim."""
        again, self._again = self._again, False
        return again

    def _found(
        self, connection: Connection, ids: Sequence[int], allowed: int, now: datetime
    ) -> list[tuple[Delivery, str]]:
        """What may be tried: while the account is stopped, that alone; each with the hold that it tries, or ""."""
        stopped = holds.all_of(connection, Hold.ACCOUNT)
        account = self.pace.destination
        if account in stopped:
            holding.hold_due(connection, account, stopped[account][0])
            if not allowed or self.pace.worth_asking_about_key(connection):
                return []
            return self._trials(connection, account, self.pace.probe_every)
        if not allowed:
            return []
        found = self._campaign_trials(connection, allowed)
        due = deliveries.load(connection, ids)
        return found + [(one, "") for one in due if one.state in OPEN_STATES and one.due <= now]

    def _campaign_trials(self, connection: Connection, allowed: int) -> list[tuple[Delivery, str]]:
        """Of each of `allowed` stopped campaigns, those of which one may try."""
        found: dict[str, list[tuple[Delivery, str]]] = {}
        for key in holds.all_of(connection, Hold.CAMPAIGN):
            trials = self._trials(connection, key, self.pace.probe_every * CAMPAIGN_PATIENCE)
            if trials:
                found[key] = trials
            if len(found) == allowed:
                break
        return [one for trials in found.values() for one in trials]

    def _trials(self, connection: Connection, key: str, every: timedelta) -> list[tuple[Delivery, str]]:
        """Some held deliveries, the first of which that passes the gate tries, when the hold's time has come; with
        none left, the hold is over."""
        now = clock.now()
        if not holds.take_probe(connection, key, now=now, following=now + every):
            return []
        found = deliveries.load(connection, held.by(connection, key, TRIALS))
        if not found:
            holding.lift(connection, [key])
        return [(one, key) for one in found]

    def _claim(self, connection: Connection, found: Sequence[Candidate], allowed: int, live: Live) -> list[Claimed]:
        """Claim what may leave, in its order; of those that would try one hold, one."""
        at_the_gate = gate.enter(connection, [one.delivery for one in found if not one.end], live, clock.now())
        stopped = holds.all_of(connection)
        claimed: list[Claimed] = []
        for one in found:
            if len(claimed) == allowed:
                break
            if one.probe and any(other.probe == one.probe for other in claimed):
                continue
            got = self._claim_one(connection, one, at_the_gate, {} if one.probe else stopped)
            claimed += [got] if got else []
            self._again = self._again or not got
        if any(one.probe == self.pace.destination for one in claimed):
            self.pace.welcome = False
        return claimed

    def _claim_one(
        self,
        connection: Connection,
        one: Candidate,
        at_the_gate: gate.Gate,
        stopped: Mapping[str, tuple[str, datetime]],
    ) -> Claimed | None:
        now = at_the_gate.now
        passed = self._as_live(connection, one, now) and _through(connection, one.delivery, at_the_gate)
        if not passed:
            return None
        if hold := _in_the_way(connection, passed, at_the_gate.live, stopped):
            if deliveries.change(connection, passed, hold, now):
                holding.stop(connection, hold, self.pace.probe_every)
            return None
        token, call = uuid.uuid4().hex, passed.plan.call
        if not deliveries.claim(connection, passed, token, dict(call), now=now, until=now + self.lease):
            return None
        at_the_gate.left(passed)
        return Claimed(passed, token, call, now, one.probe)

    def _as_live(self, connection: Connection, one: Candidate, now: datetime) -> bool:
        """Write down what the live mapping makes of a delivery; False when it does not leave."""
        delivery = one.delivery
        if one.end:
            log.warning("d%d (rule '%s') is %s: %s", delivery.id, delivery.rule, one.end.state, one.end.reason)
            following.change(connection, delivery, one.end, now)
            return False
        return not one.is_changed or deliveries.replan(connection, delivery, delivery.plan, delivery.mapping_version)


def _through(connection: Connection, delivery: Delivery, at_the_gate: gate.Gate) -> Delivery | None:
    """The delivery as the limits let it leave; None when it does not."""
    word = following.in_the_way(connection, delivery) or at_the_gate.judge(delivery)
    if isinstance(word, Next):
        following.change(connection, delivery, word, at_the_gate.now)
        return None
    if word is None:
        return delivery
    return (
        as_planned(delivery, word) if deliveries.replan(connection, delivery, word, delivery.mapping_version) else None
    )


def _in_the_way(
    connection: Connection, delivery: Delivery, live: Live, stopped: Mapping[str, tuple[str, datetime]]
) -> Next | None:
    """What a delivery is held by, were it to leave now; None when it may."""
    if reason := objection(connection, live, delivery.plan.call):
        return Next(DeliveryState.HELD, reason, hold=holding.contract_key(delivery.campaign))
    for key in holding.campaign_keys(delivery):
        if key in stopped:
            return Next(DeliveryState.HELD, stopped[key][0], hold=key)
    return None
