"""The AiSensy account: whether it may send, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.pipeline.rates import DAY, of_today
from gateway.settings import Settings, is_loopback
from gateway.store import alerts, holds, standing
from gateway.store.budgets import Bucket
from gateway.store.holds import Hold


@dataclass(frozen=True, slots=True)
class Account:
    """How it stands. The key itself is never told."""

    has_key: bool
    base: str  #: Where calls go.
    here: bool  #: That is this machine: nothing reaches AiSensy.
    stopped: str  #: Why nothing leaves; "": nothing stops it.
    since: datetime | None  #: Of the stop, or of the trouble.
    trouble: str  #: What AiSensy's answers are like, while they are not as they should be; "" while it is well.
    rate: float | None  #: Calls a second; None: as fast as it goes.
    a_day: int  #: Calls a day; 0: no limit.
    used: int  #: Of the calls of the day.

    @classmethod
    def of(cls, connection: Connection, settings: Settings, now: datetime) -> Account:
        stop = next((one for one in holds.since(connection) if one[0].startswith(f"{Hold.ACCOUNT} ")), None)
        open_ones = (one for one in alerts.listing(connection) if one.ended is None and one.key == alerts.TROUBLE)
        trouble = next(open_ones, None)
        today = of_today(standing.look(connection).buckets.get(DAY) or Bucket(0.0, now), now)
        return cls(
            has_key=bool(settings.text("AISENSY_API_KEY")),
            base=settings.text("AISENSY_BASE_URL"),
            here=is_loopback(settings.text("AISENSY_BASE_URL")),
            stopped=stop[1] if stop else "",
            since=stop[2] if stop else trouble.started if trouble else None,
            trouble=trouble.cause if trouble else "",
            rate=settings.rate,
            a_day=settings.number("GATEWAY_RATE_DAY"),
            used=-round(today.tokens),
        )
