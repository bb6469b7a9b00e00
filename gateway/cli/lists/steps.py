"""Which call of a lead a delivery is, when it leaves, and what WhatsApp said of it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from gateway.cli.common import ago
from gateway.mapping.wording import joined
from gateway.model import Delivery, DeliveryState
from gateway.pipeline.person.unsent import moment
from gateway.store import held
from gateway.store.deliveries import OPEN_STATES
from gateway.store.receipts import Stored

#: Who may have said what became of a delivery, beside AiSensy's answer.
_SETTLED = {"receipt": "WhatsApp's receipt", "person": "a person (`gateway resolve`)"}


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


def fact_lines(delivery: Delivery) -> Iterator[str]:
    """What is known of a delivery beside its call."""
    yield f"message: {whole_step(delivery)}, of l{delivery.lead_id}" + _round(delivery)
    if delivery.left:
        yield f"left: {moment(delivery.left)} ({ago(delivery.left)})"
    if delivery.accepted:
        yield f"accepted: {moment(delivery.accepted)} ({ago(delivery.accepted)})"
    if delivery.settled_by:
        yield f"settled by: {_SETTLED.get(delivery.settled_by, delivery.settled_by)}"
    if delivery.receipt:
        yield f"WhatsApp says: {said(delivery)}"
    if delivery.message_id or delivery.provider_id:
        yield f"message ids: {joined(tuple(filter(None, (delivery.message_id, delivery.provider_id))))}"
    if delivery.waived:
        yield f"lifted for it: {', '.join(delivery.waived)}"


def said(delivery: Delivery) -> str:
    """WhatsApp's furthest word: "failed 3 min ago: no WhatsApp account"."""
    at = f" {ago(delivery.receipt_at)}" if delivery.receipt_at else ""
    return f"{delivery.receipt}{at}" + (f": {delivery.receipt_reason}" if delivery.receipt_reason else "")


def receipt_lines(receipts: Sequence[Stored]) -> Iterator[str]:
    """Each receipt of a delivery, in its order."""
    for one in receipts:
        reason = f": {one.reason}" if one.reason else ""
        yield f"  {moment(one.happened or one.received)}: {one.kind or one.state}{reason}"


def _round(delivery: Delivery) -> str:
    return f", round {delivery.round}" if delivery.round > 1 else ""
