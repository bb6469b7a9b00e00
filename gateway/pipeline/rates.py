"""How many calls may leave: a token bucket in the ledger, true for all processes together."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.pipeline.holding import counted
from gateway.settings import Settings
from gateway.store import alerts, budgets, held
from gateway.store.budgets import Bucket
from gateway.store.standing import Standing

log = logging.getLogger(__name__)

#: The buckets' keys.
SECOND, DAY = "second", "day"

#: The clocks of two machines may differ by so much. A clock that lies further back was set back.
SKEW = timedelta(seconds=10)

#: Seconds a worker waits at least before it looks again.
SOON = 0.01

#: What adding up seconds may lose of a token.
_CRUMB = 1e-6


def refilled(bucket: Bucket, rate: float, now: datetime) -> Bucket:
    """A bucket as it is now: `rate` tokens a second more, as many as a second's worth (one, at least) at most.

    >>> from datetime import UTC
    >>> start = datetime(2026, 11, 1, tzinfo=UTC)
    >>> refilled(Bucket(0.0, start), 5, start + timedelta(seconds=0.4)).tokens
    2.0
    >>> refilled(Bucket(3.0, start), 5.0, start + timedelta(hours=1)).tokens
    5.0
    >>> refilled(Bucket(3.0, start), 5, start - timedelta(hours=1)) == Bucket(3.0, start - timedelta(hours=1))
    True
    """
    elapsed = now - bucket.at
    if -SKEW <= elapsed < timedelta():
        return bucket
    tokens = bucket.tokens + max(elapsed.total_seconds(), 0.0) * rate
    return Bucket(min(tokens, max(1.0, rate)), now)


def of_today(bucket: Bucket, now: datetime) -> Bucket:
    """A day's bucket as it is now: its tokens go down from 0 and start anew after midnight (UTC). A clock that is set
    back a little opens no new day, and one that had been days ahead blocks none.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 11, 1, 12, tzinfo=UTC)
    >>> [of_today(Bucket(-7.0, noon), noon + timedelta(hours=step)).tokens for step in (11, 12, -13, -25)]
    [-7.0, 0.0, -7.0, 0.0]
    """
    later = now.date() > bucket.at.date()
    return Bucket(0.0, now) if later or bucket.at - now > timedelta(days=1) else bucket


class Rate:
    """Calls per second and per day."""

    def __init__(self, settings: Settings) -> None:
        self.a_second = settings.rate
        self.a_day = settings.number("GATEWAY_RATE_DAY")
        self._wait: float | None = None  # seconds until more may leave, if that is soon

    def start(self, connection: Connection, now: datetime) -> None:
        """Where no limit of a day is set any more, none is used up."""
        if not self.a_day:
            self._not_used_up(connection, now)

    def pause(self, longest: float) -> float:
        """Seconds after which a look is worth while: `longest`, unless more may leave before."""
        wait, self._wait = self._wait, None
        return longest if wait is None else min(longest, max(wait, SOON))

    def left(self, connection: Connection, standing: Standing, wanted: int, now: datetime) -> int:
        """How many of `wanted` calls may leave now."""
        for count in (self._left_today, self._left_now):
            wanted = count(connection, standing, wanted, now) if wanted > 0 else 0
        return wanted

    def spend(self, connection: Connection, standing: Standing, count: int, now: datetime) -> None:
        """So many left, of those that `left` allowed in this transaction."""
        if self.a_second is not None:
            bucket = refilled(self._before(standing, now), self.a_second, now)
            _put(connection, standing, SECOND, replace(bucket, tokens=bucket.tokens - count))
        if self.a_day:
            bucket = of_today(_today(standing, now), now)
            _put(connection, standing, DAY, replace(bucket, tokens=bucket.tokens - count))

    def _before(self, standing: Standing, now: datetime) -> Bucket:
        """The bucket as it was written down; a new one is full."""
        return standing.buckets.get(SECOND) or Bucket(max(1.0, self.a_second or 0.0), now)

    def _left_now(self, connection: Connection, standing: Standing, wanted: int, now: datetime) -> int:
        if self.a_second is None:
            return wanted
        before = self._before(standing, now)
        bucket = refilled(before, self.a_second, now)
        if bucket.at < before.at:
            _put(connection, standing, SECOND, bucket)
        if bucket.tokens < wanted:
            self._wait = (1 - bucket.tokens % 1) / self.a_second
        return min(wanted, int(bucket.tokens + _CRUMB))

    def _left_today(self, connection: Connection, standing: Standing, wanted: int, now: datetime) -> int:
        if not self.a_day:
            return wanted
        left = max(self.a_day + round(of_today(_today(standing, now), now).tokens), 0)
        if not left:
            self._used_up(connection, now)
        elif alerts.DAY in standing.alerts:
            self._not_used_up(connection, now)
        return min(wanted, left)

    def _used_up(self, connection: Connection, now: datetime) -> None:
        cause = f"the {self.a_day} calls of the day (GATEWAY_RATE_DAY) are used up"
        if alerts.begin(connection, alerts.DAY, cause, now):
            log.error("%s; the rest leaves after midnight UTC", cause)

    def _not_used_up(self, connection: Connection, now: datetime) -> None:
        """A new day, or a higher limit."""
        if over := alerts.end(connection, alerts.DAY, now, held.waiting):
            log.warning("calls may leave again, %s waited", counted(over.messages))


def _today(standing: Standing, now: datetime) -> Bucket:
    return standing.buckets.get(DAY) or Bucket(0.0, now)


def _put(connection: Connection, standing: Standing, key: str, bucket: Bucket) -> None:
    standing.buckets[key] = bucket
    budgets.put(connection, key, bucket)
