"""The gate: the one place that every call passes before it leaves."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gateway.model import Delivery, Plan
from gateway.pipeline.planning import Live
from gateway.store.deliveries import Next


def judge(connection: Connection, delivery: Delivery, live: Live, now: datetime) -> Next | Plan | None:
    """What the limits say of a call that would leave now.

    None: it may leave. A plan: this one leaves in its place. Next: it does not leave now, and why.
    """
    del connection, delivery, live, now
    return None
