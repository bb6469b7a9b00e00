"""How AiSensy is doing under our key, and so how much may leave at one time."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock, retry
from gateway.model import Outcome, OutcomeKind
from gateway.pipeline.holding import counted, lasted
from gateway.settings import Settings
from gateway.store import alerts, held, holds, out
from gateway.store.holds import Hold

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
        if not holds.pace(connection, self.destination)[2]:
            alerts.end(connection, alerts.TROUBLE, clock.now(), held.waiting)

    def worth_asking(self, connection: Connection) -> bool:
        """Whether one delivery could leave if only the service answers again."""
        slow, rested = self._known(connection)
        return slow and rested and not self.answers

    def worth_asking_about_key(self, connection: Connection) -> bool:
        """Whether a delivery may be tried under a refused key or plan, if only a question finds it well."""
        stopped = holds.all_of(connection, Hold.ACCOUNT).get(self.destination)
        if self.welcome or stopped is None or stopped[1] > clock.now():
            return False
        return held.last_tag(connection, self.destination) in TOLD_BY_A_QUESTION

    def refused(self, connection: Connection) -> None:
        """The key or plan is still not taken: the next question is as far away as the next trial would be."""
        now = clock.now()
        holds.take_probe(connection, self.destination, now=now, following=now + self.probe_every)

    def well(self, connection: Connection) -> bool:
        """Whether nothing is known to trouble the service or the account."""
        slow, _rested = self._known(connection)
        return not slow and self.destination not in holds.all_of(connection, Hold.ACCOUNT)

    def allowed(self, connection: Connection, idle: int) -> int:
        """How many may leave: all that have a thread, or one at a time while the service is in trouble."""
        slow, rested = self._known(connection)
        if not slow:
            return idle
        return 1 if rested and self.answers and not out.count(connection) else 0

    def note(self, connection: Connection, delivery_id: int, outcome: Outcome, started: datetime) -> None:
        """Learn from one answer. `started`: when its request left."""
        if outcome.kind in (OutcomeKind.TRANSIENT, OutcomeKind.UNKNOWN):
            self._strike(connection, delivery_id, outcome, started)
        elif holds.recover(connection, self.destination):
            self._recovered(connection)

    def _known(self, connection: Connection) -> tuple[bool, bool]:
        """Whether the service is in trouble, and whether its rest is over."""
        strikes, until, _step = holds.pace(connection, self.destination)
        return strikes >= STRIKES, until is None or until <= clock.now()

    def _recovered(self, connection: Connection) -> None:
        now = clock.now()
        over = alerts.end(connection, alerts.TROUBLE, now, held.waiting)
        after = f" after {lasted(now - over.started)}, {counted(over.messages)} waited" if over else ""
        log.warning("AiSensy answers again%s: full speed", after)

    def _strike(self, connection: Connection, delivery_id: int, outcome: Outcome, started: datetime) -> None:
        strikes = holds.strike(connection, self.destination, delivery_id)
        if strikes < STRIKES:
            return
        _strikes, until, step = holds.pace(connection, self.destination)
        if until is not None and started < until:
            return  # it left before the rest began, so it says nothing new
        if step == 0:
            log.error("AiSensy is in trouble, one delivery at a time from now on: %s", outcome.text)
            alerts.begin(connection, alerts.TROUBLE, f"AiSensy is in trouble: {outcome.text}", clock.now())
        seconds = retry.rest(step + 1, doubtful=outcome.kind is OutcomeKind.UNKNOWN)
        seconds = max(seconds, min(outcome.retry_after or 0.0, retry.LONGEST_WAIT))
        holds.rest(connection, self.destination, seconds, step=step + 1, now=clock.now())
