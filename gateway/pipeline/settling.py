"""What becomes of a delivery whose request has left, and what that means for the others."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock, retry
from gateway.model import Delivery, DeliveryState, Outcome, OutcomeKind
from gateway.pipeline import arrivals, following, holding
from gateway.pipeline.pace import Pace
from gateway.pipeline.sending import Claimed
from gateway.store import attempts, out
from gateway.store.deliveries import Next

log = logging.getLogger(__name__)

#: Refusals whose cause no text tells: one odd lead may be refused so (by a firewall, say) while all others pass.
UNEXPLAINED = ("auth", "bad_url", "unclassified")

#: So many times a call that may have arrived is made again, where its rule says so.
REPEATS = 3

#: A receipt may still tell whether it arrived; so long nothing is sent again.
TIME_FOR_A_RECEIPT = timedelta(minutes=2)

GONE = Outcome(OutcomeKind.UNKNOWN, "interrupted", "the gateway stopped while this call was out")


class Settling:
    """Writes down what came of each call."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def settle(self, connection: Connection, claimed: Claimed, outcome: Outcome) -> None:
        """Record what came of a call, and what it means for the others."""
        now = clock.now()
        then = _unless_taken(connection, claimed.delivery, self._then(connection, claimed, outcome, now))
        if not out.settle(connection, claimed.delivery.id, claimed.token, outcome, then, now):
            log.warning("d%d: an answer came late and changes nothing: %s", claimed.delivery.id, outcome.text)
            return
        following.moved(connection, claimed.delivery, then, now)
        _tell(claimed.delivery, outcome, then)
        if then.state is not DeliveryState.ACCEPTED:
            arrivals.settle(connection, claimed.delivery.id, now)  # a receipt may have been here before the answer
        self.pace.note(connection, claimed.delivery.id, outcome, claimed.started)
        if outcome.kind is OutcomeKind.ACCEPTED and claimed.probe:
            holding.lift(connection, [claimed.probe])
        elif then.hold:
            again = claimed.probe == then.hold  # it was counted when it was held first
            holding.stop(connection, then, self.pace.probe_every, messages=0 if again else 1)

    def _then(self, connection: Connection, claimed: Claimed, outcome: Outcome, now: datetime) -> Next:
        delivery, text, tag = claimed.delivery, outcome.text, outcome.tag
        if tag in UNEXPLAINED and attempts.refused_alone(connection, delivery.id, tag):
            alone = Next(DeliveryState.FAILED, f"AiSensy refuses this one alone: {text}", tag)
            return following.as_known(connection, delivery, alone, but=claimed.token)
        if outcome.kind is OutcomeKind.UNKNOWN:
            return _in_doubt(connection, delivery, outcome, claimed.token, now)
        settled = {
            OutcomeKind.ACCEPTED: Next(DeliveryState.ACCEPTED, "", tag, message_id=outcome.message_id),
            OutcomeKind.RECIPIENT: Next(DeliveryState.FAILED, text, tag),
            OutcomeKind.ACCOUNT: Next(DeliveryState.HELD, text, tag, hold=self.pace.destination),
            OutcomeKind.CONFIG: Next(DeliveryState.HELD, text, tag, hold=holding.refused_key(delivery, tag)),
        }
        if claimed.probe and outcome.kind is OutcomeKind.TRANSIENT:
            return Next(DeliveryState.HELD, text, tag, hold=claimed.probe)
        then = settled.get(outcome.kind)
        return then or following.as_known(connection, delivery, _after_a_no(delivery, outcome, now), but=claimed.token)


def _tell(delivery: Delivery, outcome: Outcome, then: Next) -> None:
    """Name in the log what nobody knows of."""
    if outcome.kind is OutcomeKind.UNKNOWN:
        again = f"; it is sent again: {then.reason}" if then.state is DeliveryState.RETRYING else f": {then.reason}"
        log.error("d%d (campaign %s) is uncertain%s", delivery.id, delivery.campaign, again)


def _in_doubt(connection: Connection, delivery: Delivery, outcome: Outcome, token: str, now: datetime) -> Next:
    """It may have arrived: it waits for a word on it, unless its rule says to send it again."""
    if not delivery.plan.send_again:
        return Next(DeliveryState.UNCERTAIN, outcome.text, outcome.tag)
    count = attempts.doubts(connection, delivery.id, but=token) + 1
    if count > REPEATS:
        reason = f"{outcome.text}; it was sent again {REPEATS} times, and is not any more"
        return Next(DeliveryState.UNCERTAIN, reason, outcome.tag)
    reason = f"{outcome.text}; sent again by its rule (if_uncertain), {count} of {REPEATS}"
    return Next(DeliveryState.RETRYING, reason, outcome.tag, due=now + TIME_FOR_A_RECEIPT)


def _unless_taken(connection: Connection, delivery: Delivery, then: Next) -> Next:
    """What becomes of a delivery; but one of which an earlier try was taken, as a late answer said, has arrived."""
    if then.state is DeliveryState.ACCEPTED or OutcomeKind.ACCEPTED not in attempts.outcomes(connection, delivery.id):
        return then
    return Next(DeliveryState.ACCEPTED, "an earlier try was taken, as its late answer said", then.tag)


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
    lost = out.expired(connection, None if everyone else now)
    for delivery in lost:
        then = _unless_taken(connection, delivery, _in_doubt(connection, delivery, GONE, delivery.token, now))
        if out.abandon(connection, delivery, GONE, then, now):
            _tell(delivery, GONE, then)
            following.moved(connection, delivery, then, now)
            arrivals.settle(connection, delivery.id, now)
