"""Follow-ups: what the end of one call means for those that come after it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.model import Delivery
from gateway.store import deliveries
from gateway.store.deliveries import Next


def change(connection: Connection, delivery: Delivery, then: Next, now: datetime) -> bool:
    """Give a delivery that has not left another state, and tell its follow-ups; False when it changed meanwhile."""
    if not deliveries.change(connection, delivery, then, now):
        return False
    moved(connection, delivery, then, now)
    return True


def moved(connection: Connection, delivery: Delivery, then: Next, now: datetime) -> None:
    """A delivery is in another state: what this means for the calls after it.

    Whoever settles, cancels, resolves or skips a delivery calls this in the same transaction.
    """
    del connection, delivery, then, now
