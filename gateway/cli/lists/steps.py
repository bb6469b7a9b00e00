"""What is known of a delivery, and what WhatsApp said of it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.cli.common import ago
from gateway.mapping.wording import joined
from gateway.model import Delivery
from gateway.pipeline.following.wording import whole_step
from gateway.pipeline.person.unsent import moment
from gateway.store.receipts import Stored

#: Who may have said what became of a delivery, beside AiSensy's answer.
_SETTLED = {"receipt": "WhatsApp's receipt", "person": "a person (`gateway resolve`)"}


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
