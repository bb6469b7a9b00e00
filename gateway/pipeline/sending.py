"""Delivery → Attempt: what may leave now.

Everything here runs inside one short transaction of the worker; the call itself is made in a thread,
after that transaction is durable.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, DeliveryState, Plan
from gateway.pipeline import following, gate, holding
from gateway.pipeline.contracts import objection
from gateway.pipeline.holding import CAMPAIGN_PATIENCE
from gateway.pipeline.pace import Pace
from gateway.pipeline.planning import Live, changed
from gateway.pipeline.rates import Rate
from gateway.settings import Settings
from gateway.store import deliveries, held, holds, leads
from gateway.store.deliveries import OPEN_STATES, Next
from gateway.store.holds import Hold

log = logging.getLogger(__name__)

#: A lease outlives the call's own deadline by this.
LEASE_MARGIN = timedelta(seconds=10)


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

    def claim(self, connection: Connection, ids: Sequence[int], idle: int, live: Live) -> list[Claimed]:
        """Mark what may leave of `ids`, and of what a hold may try, as sending: `idle` at most."""
        now = clock.now()
        allowed = self.rate.left(connection, self.pace.allowed(connection, idle), now)
        claimed = self._probe_account(connection, allowed, now, live)
        if claimed is None:
            claimed = self._probe_campaigns(connection, allowed, live)
            stopped = holds.all_of(connection)
            for delivery in deliveries.load(connection, ids[: allowed - len(claimed)]):
                claimed += self._claim_one(connection, delivery, live, stopped)
        if claimed:
            self.pace.answers = False
            self.rate.spend(connection, len(claimed), now)
        return claimed

    def _probe_account(self, connection: Connection, allowed: int, now: datetime, live: Live) -> list[Claimed] | None:
        """While the account is stopped: hold all that is due, and let one try. None when it is not stopped."""
        stopped = holds.all_of(connection, Hold.ACCOUNT)
        account = self.pace.destination
        if account not in stopped:
            return None
        held.hold_due(connection, account, stopped[account][0], now)
        return self._probe(connection, account, self.pace.probe_every, live) if allowed else []

    def _probe_campaigns(self, connection: Connection, allowed: int, live: Live) -> list[Claimed]:
        claimed: list[Claimed] = []
        for key in holds.all_of(connection, Hold.CAMPAIGN):
            if len(claimed) < allowed:
                claimed += self._probe(connection, key, self.pace.probe_every * CAMPAIGN_PATIENCE, live)
        return claimed

    def _probe(self, connection: Connection, key: str, every: timedelta, live: Live) -> list[Claimed]:
        """Let one held delivery through when its time has come; with none left, the hold is over."""
        now = clock.now()
        if not holds.take_probe(connection, key, now=now, following=now + every):
            return []
        found = deliveries.load(connection, held.by(connection, key, 1))
        if not found:
            holds.lift(connection, key)
            return []
        return self._claim_one(connection, found[0], live, {}, probe=key)

    def _claim_one(
        self,
        connection: Connection,
        delivery: Delivery,
        live: Live,
        stopped: Mapping[str, tuple[str, datetime]],
        probe: str = "",
    ) -> list[Claimed]:
        now = clock.now()
        if not probe and (delivery.state not in OPEN_STATES or delivery.due > now):
            return []  # another worker was first
        current = self._follow_mapping(connection, delivery, live)
        passed = current and self._through_the_gate(connection, current, live, now)
        if not passed:
            return []
        if hold := _in_the_way(connection, passed, live, stopped):
            if deliveries.change(connection, passed, hold, now):
                holding.stop(connection, hold, self.pace.probe_every)
            return []
        token, call = uuid.uuid4().hex, passed.plan.call
        if not deliveries.claim(connection, passed, token, dict(call), now=now, until=now + self.lease):
            return []
        return [Claimed(passed, token, call, now, probe)]

    def _follow_mapping(self, connection: Connection, delivery: Delivery, live: Live) -> Delivery | None:
        """The delivery as the live mapping wants it; None when it does not leave."""
        if delivery.mapping_version == live.version:
            return delivery
        made = changed(delivery, leads.load(connection, [delivery.lead_id])[0].lead, live)
        if isinstance(made, Next):
            log.warning("d%d (rule '%s') is %s: %s", delivery.id, delivery.rule, made.state, made.reason)
            following.change(connection, delivery, made, clock.now())
            return None
        return _replanned(connection, delivery, made, live)

    def _through_the_gate(
        self, connection: Connection, delivery: Delivery, live: Live, now: datetime
    ) -> Delivery | None:
        """The delivery as the limits let it leave; None when it does not."""
        word = gate.judge(connection, delivery, live, now)
        if isinstance(word, Next):
            following.change(connection, delivery, word, now)
            return None
        return _replanned(connection, delivery, word, live) if word else delivery


def _replanned(connection: Connection, delivery: Delivery, plan: Plan, live: Live) -> Delivery | None:
    if not deliveries.replan(connection, delivery, plan, live.version):
        return None
    call = plan.call
    now = {"campaign": call["campaignName"], "destination": call["destination"], "mapping_version": live.version}
    return replace(delivery, plan=plan, **now)


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
