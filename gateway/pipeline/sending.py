"""Delivery → Attempt: what may leave now, and what becomes of it.

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

from gateway import clock, retry
from gateway.model import Delivery, DeliveryState, Outcome, OutcomeKind
from gateway.pipeline import holding
from gateway.pipeline.contracts import objection
from gateway.pipeline.holding import CAMPAIGN_PATIENCE
from gateway.pipeline.planning import Live, changed
from gateway.settings import Settings
from gateway.store import attempts, deliveries, holds, leads
from gateway.store.deliveries import OPEN_STATES, Next
from gateway.store.holds import Hold

log = logging.getLogger(__name__)

#: Two failures in a row of different deliveries slow the whole destination down.
STRIKES = 2

#: Refusals whose cause no text tells: one odd lead may be refused so (by a firewall, say) while all others pass.
UNEXPLAINED = ("auth", "bad_url", "unclassified")

#: A lease outlives the call's own deadline by this.
LEASE_MARGIN = timedelta(seconds=10)

GONE = Outcome(OutcomeKind.UNKNOWN, "interrupted", "the gateway stopped while this call was out")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is marked as sending, and the call to make for it."""

    delivery: Delivery
    token: str
    call: Mapping[str, Any]
    started: datetime
    probe: str = ""  #: The hold that this one tries; "" for none.


class Sending:
    """Hands out what may leave, and settles what came of it."""

    def __init__(self, settings: Settings, account: str) -> None:
        """`account` names the API key without telling it: what an account hold is about."""
        self.destination = f"{Hold.ACCOUNT} {account or 'without a key'}"
        self.probe_every = timedelta(seconds=settings.number("GATEWAY_PROBE"))
        self.lease = timedelta(seconds=settings.number("GATEWAY_DEADLINE")) + LEASE_MARGIN
        self.answers = False  #: The service was seen to answer since the last rest.

    def worth_asking(self, connection: Connection) -> bool:
        """Whether one delivery could leave if only the service answers again."""
        slow, rested = self._pace(connection)
        return slow and rested and not self.answers

    def claim(self, connection: Connection, ids: Sequence[int], idle: int, live: Live) -> list[Claimed]:
        """Mark what may leave of `ids`, and of what a hold may try, as sending: `idle` at most."""
        now = clock.now()
        allowed = self._allowed(connection, idle)
        claimed = self._probe_account(connection, allowed, now, live)
        if claimed is None:
            claimed = self._probe_campaigns(connection, allowed, live)
            stopped = holds.all_of(connection)
            for delivery in deliveries.load(connection, ids[: allowed - len(claimed)]):
                claimed += self._claim_one(connection, delivery, live, stopped)
        if claimed:
            self.answers = False
        return claimed

    def well(self, connection: Connection) -> bool:
        """Whether nothing is known to trouble the service or the account."""
        slow, _rested = self._pace(connection)
        return not slow and self.destination not in holds.all_of(connection, Hold.ACCOUNT)

    def _pace(self, connection: Connection) -> tuple[bool, bool]:
        """Whether the service is in trouble, and whether its rest is over."""
        strikes, until, _step = holds.pace(connection, self.destination)
        return strikes >= STRIKES, until is None or until <= clock.now()

    def _allowed(self, connection: Connection, idle: int) -> int:
        """How many may leave: all that have a thread, or one at a time while the service is in trouble."""
        slow, rested = self._pace(connection)
        if not slow:
            return idle
        return 1 if rested and self.answers and not deliveries.sending(connection) else 0

    def _probe_account(self, connection: Connection, allowed: int, now: datetime, live: Live) -> list[Claimed] | None:
        """While the account is stopped: hold all that is due, and let one try. None when it is not stopped."""
        stopped = holds.all_of(connection, Hold.ACCOUNT)
        if self.destination not in stopped:
            return None
        deliveries.hold_due(connection, self.destination, stopped[self.destination][0], now)
        return self._probe(connection, self.destination, self.probe_every, live) if allowed else []

    def _probe_campaigns(self, connection: Connection, allowed: int, live: Live) -> list[Claimed]:
        claimed: list[Claimed] = []
        for key in holds.all_of(connection, Hold.CAMPAIGN):
            if len(claimed) < allowed:
                claimed += self._probe(connection, key, self.probe_every * CAMPAIGN_PATIENCE, live)
        return claimed

    def _probe(self, connection: Connection, key: str, every: timedelta, live: Live) -> list[Claimed]:
        """Let one held delivery through when its time has come; with none left, the hold is over."""
        now = clock.now()
        if not holds.take_probe(connection, key, now=now, following=now + every):
            return []
        found = deliveries.load(connection, deliveries.held(connection, key, 1))
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
        if current is None:
            return []
        if hold := _in_the_way(connection, current, live, stopped):
            if deliveries.change(connection, current, hold, now):
                holding.stop(connection, hold, self.probe_every)
            return []
        token, call = uuid.uuid4().hex, current.plan.call
        if not deliveries.claim(connection, current, token, dict(call), now=now, until=now + self.lease):
            return []
        return [Claimed(current, token, call, now, probe)]

    def _follow_mapping(self, connection: Connection, delivery: Delivery, live: Live) -> Delivery | None:
        """The delivery as the live mapping wants it; None when it does not leave."""
        if delivery.mapping_version == live.version:
            return delivery
        made = changed(delivery, leads.load(connection, [delivery.lead_id])[0].lead, live)
        if isinstance(made, Next):
            log.warning("d%d (rule '%s') is %s: %s", delivery.id, delivery.rule, made.state, made.reason)
            deliveries.change(connection, delivery, made, clock.now())
            return None
        if not deliveries.replan(connection, delivery, made, live.version):
            return None
        return replace(delivery, plan=made, campaign=made.call["campaignName"], mapping_version=live.version)

    def settle(self, connection: Connection, claimed: Claimed, outcome: Outcome) -> None:
        """Record what came of a call, and what it means for the others."""
        now = clock.now()
        following = self._following(claimed.delivery, outcome, now)
        if outcome.tag in UNEXPLAINED and attempts.refused_alone(connection, claimed.delivery.id, outcome.tag):
            following = Next(DeliveryState.FAILED, f"AiSensy refuses this one alone: {outcome.text}", outcome.tag)
        if not deliveries.settle(connection, claimed.delivery.id, claimed.token, outcome, following, now):
            return
        if following.state is DeliveryState.UNCERTAIN:
            log.error(
                "d%d (campaign %s) is uncertain: %s", claimed.delivery.id, claimed.delivery.campaign, following.reason
            )
        if outcome.kind in (OutcomeKind.TRANSIENT, OutcomeKind.UNKNOWN):
            self._strike(connection, claimed, outcome, now)
        elif holds.recover(connection, self.destination):
            log.warning("AiSensy answers again: full speed")
        if outcome.kind is OutcomeKind.ACCEPTED and claimed.probe:
            count = holding.lift(connection, [claimed.probe])
            log.warning("%s works again, %d held messages leave", claimed.probe, count)
        elif following.hold:
            holding.stop(connection, following, self.probe_every)

    def _following(self, delivery: Delivery, outcome: Outcome, now: datetime) -> Next:
        text, tag = outcome.text, outcome.tag
        settled = {
            OutcomeKind.ACCEPTED: Next(DeliveryState.ACCEPTED, "", tag, message_id=outcome.message_id),
            OutcomeKind.RECIPIENT: Next(DeliveryState.FAILED, text, tag),
            OutcomeKind.UNKNOWN: Next(DeliveryState.UNCERTAIN, text, tag),
            OutcomeKind.ACCOUNT: Next(DeliveryState.HELD, text, tag, hold=self.destination),
            OutcomeKind.CONFIG: Next(DeliveryState.HELD, text, tag, hold=holding.refused_key(delivery, tag)),
        }
        return settled.get(outcome.kind) or _after_a_no(delivery, outcome, now)

    def _strike(self, connection: Connection, claimed: Claimed, outcome: Outcome, now: datetime) -> None:
        strikes = holds.strike(connection, self.destination, claimed.delivery.id)
        if strikes < STRIKES:
            return
        _strikes, until, step = holds.pace(connection, self.destination)
        if until is not None and claimed.started < until:
            return  # it left before the rest began, so it says nothing new
        if step == 0:
            log.error("AiSensy is in trouble, one delivery at a time from now on: %s", outcome.text)
        seconds = retry.rest(step + 1, doubtful=outcome.kind is OutcomeKind.UNKNOWN)
        seconds = max(seconds, min(outcome.retry_after or 0.0, retry.LONGEST_WAIT))
        holds.rest(connection, self.destination, seconds, step=step + 1, now=now)


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


def _after_a_no(delivery: Delivery, outcome: Outcome, now: datetime) -> Next:
    tries = delivery.tries + 1
    wait = retry.delay(tries, outcome.retry_after)
    if wait is None:
        return Next(DeliveryState.FAILED, f"gave up after {tries} tries: {outcome.text}", outcome.tag, tries=tries)
    due = now + timedelta(seconds=wait)
    return Next(DeliveryState.RETRYING, outcome.text, outcome.tag, due=due, tries=tries)


def give_up_lost(connection: Connection, *, everyone: bool = False) -> None:
    """Deliveries whose worker is gone become uncertain; `everyone`: no other worker can be alive."""
    now = clock.now()
    lost = deliveries.expired(connection, None if everyone else now)
    for delivery in lost:
        log.error("d%d (campaign %s) is uncertain: %s", delivery.id, delivery.campaign, GONE.text)
        deliveries.abandon(connection, delivery, GONE, now)
