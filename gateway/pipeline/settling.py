"""What becomes of a delivery whose request has left, and what that means for the others."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock, retry
from gateway.model import Delivery, DeliveryState, Outcome, OutcomeKind
from gateway.pipeline import following, holding
from gateway.pipeline.pace import Pace
from gateway.pipeline.sending import Claimed
from gateway.store import attempts, deliveries
from gateway.store.deliveries import Next

log = logging.getLogger(__name__)

#: Refusals whose cause no text tells: one odd lead may be refused so (by a firewall, say) while all others pass.
UNEXPLAINED = ("auth", "bad_url", "unclassified")

GONE = Outcome(OutcomeKind.UNKNOWN, "interrupted", "the gateway stopped while this call was out")


class Settling:
    """Writes down what came of each call."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def settle(self, connection: Connection, claimed: Claimed, outcome: Outcome) -> None:
        """Record what came of a call, and what it means for the others."""
        now = clock.now()
        then = self._then(claimed.delivery, outcome, now)
        if outcome.tag in UNEXPLAINED and attempts.refused_alone(connection, claimed.delivery.id, outcome.tag):
            then = Next(DeliveryState.FAILED, f"AiSensy refuses this one alone: {outcome.text}", outcome.tag)
        if not deliveries.settle(connection, claimed.delivery.id, claimed.token, outcome, then, now):
            return
        following.moved(connection, claimed.delivery, then, now)
        if then.state is DeliveryState.UNCERTAIN:
            log.error("d%d (campaign %s) is uncertain: %s", claimed.delivery.id, claimed.delivery.campaign, then.reason)
        self.pace.note(connection, claimed.delivery.id, outcome, claimed.started)
        if outcome.kind is OutcomeKind.ACCEPTED and claimed.probe:
            count = holding.lift(connection, [claimed.probe])
            log.warning("%s works again, %d held messages leave", claimed.probe, count)
        elif then.hold:
            holding.stop(connection, then, self.pace.probe_every)

    def _then(self, delivery: Delivery, outcome: Outcome, now: datetime) -> Next:
        text, tag = outcome.text, outcome.tag
        settled = {
            OutcomeKind.ACCEPTED: Next(DeliveryState.ACCEPTED, "", tag, message_id=outcome.message_id),
            OutcomeKind.RECIPIENT: Next(DeliveryState.FAILED, text, tag),
            OutcomeKind.UNKNOWN: Next(DeliveryState.UNCERTAIN, text, tag),
            OutcomeKind.ACCOUNT: Next(DeliveryState.HELD, text, tag, hold=self.pace.destination),
            OutcomeKind.CONFIG: Next(DeliveryState.HELD, text, tag, hold=holding.refused_key(delivery, tag)),
        }
        return settled.get(outcome.kind) or _after_a_no(delivery, outcome, now)


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
