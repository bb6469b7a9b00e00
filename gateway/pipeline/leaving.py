"""What a call passes before it leaves: the live mapping, the limits, what its campaign wants, and what is stopped."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState, Plan
from gateway.pipeline import following, gate, holding
from gateway.pipeline.candidates import Candidate
from gateway.pipeline.contracts import objection
from gateway.pipeline.gate.case import as_planned
from gateway.pipeline.planning import Live
from gateway.store import contracts, deliveries
from gateway.store.coming import Coming
from gateway.store.contracts import Told
from gateway.store.deliveries import Next
from gateway.store.standing import Standing

log = logging.getLogger(__name__)


class Leaving:
    """What some calls pass that would leave in one transaction."""

    def __init__(
        self,
        connection: Connection,
        standing: Standing,
        found: Sequence[Coming],
        prepared: Sequence[Candidate],
        live: Live,
        now: datetime,
    ) -> None:
        """`prepared`: what was found, as the live mapping wants it."""
        self.connection = connection
        self.standing = standing
        origins = {one.delivery.lead_id: one.origin for one in found}
        self.gate = gate.Gate(connection, [one.delivery for one in prepared if not one.end], live, now, origins)
        self.told = {one.delivery.campaign: one.told for one in found}

    def judge(self, one: Candidate, probe_every: timedelta) -> Delivery | None:
        """The delivery as it may leave; None when it does not, which is written down."""
        delivery = self._as_live(one) and self._within_limits(one.delivery)
        if not delivery:
            return None
        if hold := self._in_the_way(delivery, trying=bool(one.probe)):
            if deliveries.change(self.connection, delivery, hold, self.gate.now):
                holding.stop(self.connection, hold, probe_every)
            return None
        self.gate.left(delivery)
        return delivery

    def _as_live(self, one: Candidate) -> bool:
        """Write down what the live mapping makes of a delivery; False when it does not leave."""
        delivery = one.delivery
        if one.end:
            log.warning("d%d (rule '%s') is %s: %s", delivery.id, delivery.rule, one.end.state, one.end.reason)
            following.change(self.connection, delivery, one.end, self.gate.now)
            return False
        return not one.is_changed or self._replan(delivery, delivery.plan)

    def _within_limits(self, delivery: Delivery) -> Delivery | None:
        """The delivery as the limits let it leave; None when it does not."""
        word = following.in_the_way(self.connection, delivery) or self.gate.judge(delivery)
        if isinstance(word, Next):
            following.change(self.connection, delivery, word, self.gate.now)
            return None
        if word is None:
            return delivery
        return as_planned(delivery, word) if self._replan(delivery, word) else None

    def _replan(self, delivery: Delivery, plan: Plan) -> bool:
        return deliveries.replan(self.connection, delivery, plan, delivery.mapping_version)

    def _in_the_way(self, delivery: Delivery, *, trying: bool) -> Next | None:
        """What a delivery is held by, were it to leave now; None when it may. `trying`: it is to try a hold."""
        if reason := objection(self._told(delivery.campaign), self.gate.live, delivery.plan.call):
            return Next(DeliveryState.HELD, reason, hold=holding.contract_key(delivery.campaign))
        for key in () if trying else holding.campaign_keys(delivery):
            if key in self.standing.holds:
                return Next(DeliveryState.HELD, self.standing.holds[key].reason, hold=key)
        return None

    def _told(self, campaign: str) -> Told | None:
        """AiSensy's word on a campaign, which may be another one than when the delivery was loaded."""
        if campaign not in self.told:
            self.told[campaign] = contracts.of(self.connection, campaign)
        return self.told[campaign]
