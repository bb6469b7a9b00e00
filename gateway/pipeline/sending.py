"""Delivery → Attempt: what may leave now.

Everything here runs inside one short transaction of the worker; the call itself is made in a thread,
after that transaction is durable.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway import clock
from gateway.pipeline import holding
from gateway.pipeline.answer import Claimed
from gateway.pipeline.candidates import prepare
from gateway.pipeline.holding import CAMPAIGN_PATIENCE
from gateway.pipeline.leaving import Leaving
from gateway.pipeline.pace import Pace
from gateway.pipeline.planning import Live
from gateway.pipeline.rates import Rate
from gateway.settings import Settings
from gateway.store import claims, coming, deliveries, held, holds, rows, standing
from gateway.store.claims import Claim
from gateway.store.coming import Coming
from gateway.store.deliveries import OPEN_STATES
from gateway.store.holds import Hold
from gateway.store.standing import Standing

log = logging.getLogger(__name__)

#: What is put off for a fault of ours is tried again after this.
FAULT, FAULT_REST = "a fault of the gateway while it was to leave", timedelta(minutes=5)

#: A lease outlives the call's own deadline by this.
LEASE_MARGIN = timedelta(seconds=10)

#: So many that a hold keeps back are held against the limits, to find one that may try it.
TRIALS = 10


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

    def claim(
        self, connection: Connection, standing_now: Standing, ids: Sequence[int], idle: int, live: Live
    ) -> list[Claimed]:
        """Mark what may leave of `ids`, and of what a hold may try, as sending: `idle` at most.

        One that meets a fault of ours is put off alone: it neither keeps back the others nor the answers that this
        transaction writes down.
        """
        claimed = self._attempt(connection, standing_now, ids, idle, live)
        if claimed is not None:
            return claimed
        claimed = []
        for one in ids:
            alone = self._attempt(connection, standing.look(connection), [one], idle - len(claimed), live)
            claimed += alone or []
            if alone is None:
                deliveries.put_off(connection, one, clock.now() + FAULT_REST, FAULT)
        return claimed

    def left(self, claimed: Sequence[Claimed]) -> None:
        """The claim is durable, and these leave: what was known of AiSensy and of our key is used up."""
        if claimed:
            self.pace.answers = False
        if any(one.probe == self.pace.destination for one in claimed):
            self.pace.welcome = False

    def _attempt(
        self, connection: Connection, standing: Standing, ids: Sequence[int], idle: int, live: Live
    ) -> list[Claimed] | None:
        """None, and nothing of it, where a fault of ours is met, or a text that the database refuses."""
        try:
            with connection.begin_nested():
                return self._claim_all(connection, standing, ids, idle, live)
        except Exception as error:
            if isinstance(error, DBAPIError) and not rows.is_refusal(error):
                raise  # the database is away: the whole turn is tried again
            log.exception("what is due cannot be claimed: %d deliveries", len(ids))
            return None

    def _claim_all(
        self, connection: Connection, standing: Standing, ids: Sequence[int], idle: int, live: Live
    ) -> list[Claimed]:
        now = clock.now()
        wanted = self.pace.allowed(connection, standing, idle)
        allowed = self.rate.left(connection, standing, wanted, now)
        found = self._found(connection, standing, ids, allowed, now)
        claimed = self._claim(connection, standing, found, allowed, live, now) if found else []
        if claimed:
            self.rate.spend(connection, standing, len(claimed), now)
        return claimed

    def look_again(self) -> bool:
        """Whether more may leave at once, behind what was stopped at the last claim."""
        again, self._again = self._again, False
        return again

    def _found(
        self, connection: Connection, standing: Standing, ids: Sequence[int], allowed: int, now: datetime
    ) -> list[tuple[Coming, str]]:
        """What may be tried: while the account is stopped, that alone; each with the hold that it tries, or ""."""
        account = self.pace.destination
        if account in standing.holds:
            holding.hold_due(connection, account, standing.holds[account].reason)
            if not allowed or self.pace.worth_asking_about_key(connection, standing):
                return []
            return self._trials(connection, standing, account, self.pace.probe_every)
        if not allowed:
            return []
        found = self._campaign_trials(connection, standing, allowed)
        due = coming.load(connection, ids)
        return found + [(one, "") for one in due if one.delivery.state in OPEN_STATES and one.delivery.due <= now]

    def _campaign_trials(self, connection: Connection, standing: Standing, allowed: int) -> list[tuple[Coming, str]]:
        """Of each of `allowed` stopped campaigns, those of which one may try."""
        found: dict[str, list[tuple[Coming, str]]] = {}
        for key in standing.stopped(Hold.CAMPAIGN):
            trials = self._trials(connection, standing, key, self.pace.probe_every * CAMPAIGN_PATIENCE)
            if trials:
                found[key] = trials
            if len(found) == allowed:
                break
        return [one for trials in found.values() for one in trials]

    def _trials(
        self, connection: Connection, standing: Standing, key: str, every: timedelta
    ) -> list[tuple[Coming, str]]:
        """Some held deliveries, the first of which that passes the gate tries, when the hold's time has come; with
        none left, the hold is over."""
        now = clock.now()
        if standing.holds[key].probe > now:
            return []
        holds.take_probe(connection, key, now=now, following=now + every)
        found = coming.load(connection, held.by(connection, key, TRIALS))
        if not found:
            holding.lift(connection, [key])
            del standing.holds[key]
        return [(one, key) for one in found]

    def _claim(
        self,
        connection: Connection,
        standing: Standing,
        found: Sequence[tuple[Coming, str]],
        allowed: int,
        live: Live,
        now: datetime,
    ) -> list[Claimed]:
        """Claim what may leave, in its order: of those that would try one hold one, and of one lead's calls in one
        round one, as what becomes of the first changes what is known of the others."""
        prepared = prepare(connection, [(one.delivery, probe) for one, probe in found], live)
        leaving = Leaving(connection, standing, [one for one, _probe in found], prepared, live, now)
        claimed: list[Claimed] = []
        met: set[tuple[int, int]] = set()
        tried: set[str] = set()
        for one in prepared:
            if len(claimed) == allowed:
                break
            if one.probe in tried:
                continue
            sequence = (one.delivery.lead_id, one.delivery.round)
            passed = None if sequence in met else leaving.judge(one, self.pace.probe_every)
            self._again = self._again or passed is None
            met.add(sequence)
            if passed:
                tried |= {one.probe} - {""}
                claimed.append(Claimed(passed, uuid.uuid4().hex, passed.plan.call, now, one.probe))
        leave = [Claim(one.delivery, one.token, one.call) for one in claimed]
        claims.write(connection, leave, now=now, until=now + self.lease)
        return claimed
