"""What becomes of a delivery whose request has left, and what that means for the others."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock, retry
from gateway.model import Delivery, DeliveryState, Outcome, OutcomeKind
from gateway.pipeline import arrivals, following, holding
from gateway.pipeline.answer import Answer, Claimed
from gateway.pipeline.pace import Pace
from gateway.store import attempts, out
from gateway.store.deliveries import Next
from gateway.store.out import Settled, Stand

log = logging.getLogger(__name__)

#: Refusals whose cause no text tells: one odd lead may be refused so (by a firewall, say) while all others pass.
UNEXPLAINED = ("auth", "bad_url", "unclassified")

#: So many times a call that may have arrived is made again, where its rule says so.
REPEATS = 3

#: A receipt may still tell whether it arrived; so long nothing is sent again.
TIME_FOR_A_RECEIPT = timedelta(minutes=2)

GONE = Outcome(OutcomeKind.UNKNOWN, "interrupted", "the gateway stopped while this call was out")


class Settling:
    """Writes down what came of calls."""

    def __init__(self, pace: Pace) -> None:
        self.pace = pace

    def settle(self, connection: Connection, answers: Sequence[Answer]) -> None:
        """Record what came of some calls, and what it means for the others."""
        now = clock.now()
        known = out.stand(connection, [answer.claimed.delivery.id for answer in answers])
        calls = Counter(answer.claimed.delivery.id for answer in answers)
        twice = {delivery_id for delivery_id, count in calls.items() if count > 1}
        plain = [answer for answer in answers if _is_plain(answer.claimed, twice, known)]
        then = self._settle_plain(connection, plain, known, now)
        together = set(then)
        for answer in answers:
            alone = answer.claimed.token not in together
            if alone and (became := self._settle_alone(connection, answer, now)):
                then[answer.claimed.token] = became
        changed = [answer for answer in answers if answer.claimed.token in then]
        self.pace.note(connection, changed)
        for answer in changed:
            self._hold(connection, answer, then[answer.claimed.token])

    def _settle_plain(
        self, connection: Connection, answers: Sequence[Answer], known: Mapping[int, Stand], now: datetime
    ) -> dict[str, Next]:
        """Those of which no other call has to be told, together; what becomes of each, by its token."""
        refused = [one.claimed.delivery.id for one in answers if one.outcome.kind is not OutcomeKind.ACCEPTED]
        taken = attempts.with_outcome(connection, refused, OutcomeKind.ACCEPTED)
        settled = []
        for answer in answers:
            then = self._then(connection, answer, now)
            then = _unless_taken(then, taken=answer.claimed.delivery.id in taken)
            settled.append(Settled(answer.claimed.delivery.id, answer.claimed.token, answer.outcome, then))
        out.settle_all(connection, settled, now)
        for answer, one in zip(answers, settled, strict=True):
            _tell(answer.claimed.delivery, answer.outcome, one.then)
            if one.then.state is not DeliveryState.ACCEPTED and known[one.delivery_id].receipt:
                arrivals.settle(connection, one.delivery_id, now)  # a receipt was here before the answer
        return {one.token: one.then for one in settled}

    def _settle_alone(self, connection: Connection, answer: Answer, now: datetime) -> Next | None:
        """One that came late, or that others wait for; None when it changes nothing."""
        delivery, outcome = answer.claimed.delivery, answer.outcome
        taken = attempts.with_outcome(connection, [delivery.id], OutcomeKind.ACCEPTED)
        then = _unless_taken(self._then(connection, answer, now), taken=bool(taken))
        if not out.settle(connection, delivery.id, answer.claimed.token, outcome, then, now):
            log.warning("d%d: an answer came late and changes nothing: %s", delivery.id, outcome.text)
            return None
        following.moved(connection, delivery, then, now)
        _tell(delivery, outcome, then)
        if then.state is not DeliveryState.ACCEPTED:
            arrivals.settle(connection, delivery.id, now)  # a receipt may have been here before the answer
        return then

    def _hold(self, connection: Connection, answer: Answer, then: Next) -> None:
        """What was tried is over, or something is stopped."""
        probe = answer.claimed.probe
        if answer.outcome.kind is OutcomeKind.ACCEPTED and probe:
            holding.lift(connection, [probe])
        elif then.hold:  # one that tried this very hold was counted when it was held first
            holding.stop(connection, then, self.pace.probe_every, messages=0 if probe == then.hold else 1)

    def _then(self, connection: Connection, answer: Answer, now: datetime) -> Next:
        claimed, outcome = answer.claimed, answer.outcome
        delivery, text, tag = claimed.delivery, outcome.text, outcome.tag
        if outcome.kind is OutcomeKind.ACCEPTED:
            return Next(DeliveryState.ACCEPTED, "", tag, message_id=outcome.message_id)
        if tag in UNEXPLAINED and attempts.refused_alone(connection, delivery.id, tag):
            alone = Next(DeliveryState.FAILED, f"AiSensy refuses this one alone: {text}", tag)
            return following.as_known(connection, delivery, alone, but=claimed.token)
        if outcome.kind is OutcomeKind.UNKNOWN:
            return _in_doubt(connection, delivery, outcome, claimed.token, now)
        settled = {
            OutcomeKind.RECIPIENT: Next(DeliveryState.FAILED, text, tag),
            OutcomeKind.ACCOUNT: Next(DeliveryState.HELD, text, tag, hold=self.pace.destination),
            OutcomeKind.CONFIG: Next(DeliveryState.HELD, text, tag, hold=holding.refused_key(delivery, tag)),
        }
        if claimed.probe and outcome.kind is OutcomeKind.TRANSIENT:
            return Next(DeliveryState.HELD, text, tag, hold=claimed.probe)
        then = settled.get(outcome.kind)
        return then or following.as_known(connection, delivery, _after_a_no(delivery, outcome, now), but=claimed.token)


def _is_plain(claimed: Claimed, twice: Collection[int], known: Mapping[int, Stand]) -> bool:
    """Whether a call is out as it was claimed, and no later call waits for it. `twice`: deliveries of which two calls
    are answered at one time."""
    stand = known.get(claimed.delivery.id)
    if stand is None or stand.token != claimed.token:
        return False
    return not stand.waited_for and claimed.delivery.id not in twice


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


def _unless_taken(then: Next, *, taken: bool) -> Next:
    """What becomes of a delivery; but one of which an earlier try was taken, as a late answer said, has arrived."""
    if then.state is DeliveryState.ACCEPTED or not taken:
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
    taken = attempts.with_outcome(connection, [one.id for one in lost], OutcomeKind.ACCEPTED)
    for delivery in lost:
        then = _in_doubt(connection, delivery, GONE, delivery.token, now)
        then = _unless_taken(then, taken=delivery.id in taken)
        out.settle_all(connection, [Settled(delivery.id, delivery.token, GONE, then)], now)
        _tell(delivery, GONE, then)
        following.moved(connection, delivery, then, now)
        arrivals.settle(connection, delivery.id, now)
