"""Which call of a lead a delivery is, and when it leaves, in words."""

from __future__ import annotations

from datetime import datetime

from gateway.model import Delivery, DeliveryState
from gateway.store import held
from gateway.store.deliveries import OPEN_STATES


def step(delivery: Delivery) -> str:
    """ "first" or "follow-up 1"."""
    return f"follow-up {delivery.step}" if delivery.step else "first"


def whole_step(delivery: Delivery) -> str:
    """Of a follow-up also when it comes, and what ends it: "follow-up 1: 1 day after the call before, unless …"."""
    plan, called = delivery.plan, step(delivery)
    if not delivery.step:
        return called
    when = f"{plan.after.says} after the call before" if plan.after else "after the call before"
    unless = f", unless {' or '.join(plan.unless)}" if plan.unless else ""
    return f"{called}: {when}{unless}"


def due(delivery: Delivery) -> datetime | None:
    """When it leaves, or is expected to; None for what does not leave by itself."""
    waits = delivery.state is DeliveryState.HELD and delivery.hold == held.STEP
    return delivery.due if waits or delivery.state in OPEN_STATES else None
