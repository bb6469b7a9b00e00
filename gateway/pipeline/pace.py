"""How AiSensy is doing under our key, and so how much may leave at one time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from gateway import clock, retry
from gateway.model import OutcomeKind
from gateway.pipeline.answer import Answer
from gateway.pipeline.holding import counted, lasted
from gateway.settings import Settings
from gateway.store import alerts, held, holds, out
from gateway.store.holds import Health, Hold
from gateway.store.standing import Standing

log = logging.getLogger(__name__)

#: Two failures in a row of different deliveries slow the whole destination down.
STRIKES = 2


#: Refusals of an account that a question, which sends nothing, may meet too. Missing credit is not seen by one.
TOLD_BY_A_QUESTION = ("auth", "no_plan", "no_key")


class Pace:
    """All that has a thread, one at a time, or nothing for now."""

    def __init__(self, settings: Settings, account: str) -> None:
        """`account` names the API key without telling it: what an account hold is about."""
        self.destination = f"{Hold.ACCOUNT} {account or 'without a key'}"
        self.probe_every = timedelta(seconds=settings.number("GATEWAY_PROBE"))
        self.answers = False  #: The service was seen to answer since the last rest.
        self.welcome = False  #: Our key and plan were seen to be taken since the last trial under them.

    def start(self, connection: Connection) -> None:
        """Trouble that was met under another key says nothing of this one."""
        if not holds.health(connection, self.destination).step:
            alerts.end(connection, alerts.TROUBLE, clock.now(), held.waiting)

    def worth_asking(self, standing: Standing) -> bool:
        """Whether one delivery could leave if only the service answers again."""
        slow, rested = self._known(standing)
        return slow and rested and not self.answers

    def worth_asking_about_key(self, connection: Connection, standing: Standing) -> bool:
        """Whether a delivery may be tried under a refused key or plan, if only a question finds it well."""
        stopped = standing.holds.get(self.destination)
        if self.welcome or stopped is None or stopped.probe > clock.now():
            return False
        return held.last_tag(connection, self.destination) in TOLD_BY_A_QUESTION

    def refused(self, connection: Connection) -> None:
        """The key or plan is still not taken: the next question is as far away as the next trial would be."""
        now = clock.now()
        holds.take_probe(connection, self.destination, now=now, following=now + self.probe_every)

    def well(self, standing: Standing) -> bool:
        """Whether nothing is known to trouble the service or the account."""
        slow, _rested = self._known(standing)
        return not slow and self.destination not in standing.holds

    def allowed(self, connection: Connection, standing: Standing, idle: int) -> int:
        """How many may leave: all that have a thread, or one at a time while the service is in trouble."""
        slow, rested = self._known(standing)
        if not slow:
            return idle
        return 1 if rested and self.answers and not out.count(connection) else 0

    def note(self, connection: Connection, answers: Sequence[Answer]) -> None:
        """Learn from some answers, in the order in which they came."""
        before = now_is = holds.health(connection, self.destination)
        for answer in answers:
            if answer.outcome.kind in (OutcomeKind.TRANSIENT, OutcomeKind.UNKNOWN):
                now_is = _struck(connection, now_is, answer)
            elif now_is.strikes:
                now_is = _recovered(connection, now_is)
        if now_is != before:
            holds.note(connection, self.destination, now_is)

    def _known(self, standing: Standing) -> tuple[bool, bool]:
        """Whether the service is in trouble, and whether its rest is over."""
        health = standing.health.get(self.destination, Health())
        return health.strikes >= STRIKES, health.until is None or health.until <= clock.now()


def _recovered(connection: Connection, health: Health) -> Health:
    """A definite answer came: full speed again."""
    if health.step:
        now = clock.now()
        over = alerts.end(connection, alerts.TROUBLE, now, held.waiting)
        after = f" after {lasted(now - over.started)}, {counted(over.messages)} waited" if over else ""
        log.warning("AiSensy answers again%s: full speed", after)
    return Health()


def _struck(connection: Connection, health: Health, answer: Answer) -> Health:
    """One more failure in a row; the same delivery failing again is no news."""
    outcome, delivery_id = answer.outcome, answer.claimed.delivery.id
    if health.last != delivery_id:
        health = replace(health, strikes=health.strikes + 1, last=delivery_id)
    if health.strikes < STRIKES:
        return health
    if health.until is not None and answer.claimed.started < health.until:
        return health  # it left before the rest began, so it says nothing new
    now = clock.now()
    if health.step == 0:
        log.error("AiSensy is in trouble, one delivery at a time from now on: %s", outcome.text)
        alerts.begin(connection, alerts.TROUBLE, f"AiSensy is in trouble: {outcome.text}", now)
    seconds = retry.rest(health.step + 1, doubtful=outcome.kind is OutcomeKind.UNKNOWN)
    seconds = max(seconds, min(outcome.retry_after or 0.0, retry.LONGEST_WAIT))
    return replace(health, until=now + timedelta(seconds=seconds), step=health.step + 1)
