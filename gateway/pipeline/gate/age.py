"""`too_old`: an older lead is not greeted as new; it gets another campaign, or nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gateway.model import DeliveryState, Plan, PlanKind
from gateway.pipeline.gate.case import Case
from gateway.pipeline.gate.words import about, exactly
from gateway.store import attempts
from gateway.store.deliveries import Next


def judge(case: Case) -> Plan | Next | None:
    """What becomes of a call that comes too late."""
    oldest = case.limits.oldest
    if oldest is None or case.lifted("too_old"):
        return None
    since, what = _since(case)
    if case.now - since <= oldest:
        return None
    reason = f"too old: {what} {about(case.now - since)} ago; the limit is {exactly(oldest)}"
    late = case.delivery.plan.too_late
    return _instead(case, late, reason) if late else Next(DeliveryState.SKIPPED, reason, "too_old")


def _since(case: Case) -> tuple[datetime, str]:
    """When a lead's age begins: as its form was sent, if that is told. A follow-up's begins when it was due."""
    if case.delivery.step:
        return case.delivery.due, "it was due"
    origin = case.known.origins[case.delivery.lead_id]
    if origin.submitted and origin.submitted <= origin.received:
        return origin.submitted, "the form was sent"
    return origin.received, "the lead came"


def _instead(case: Case, late: Plan, reason: str) -> Plan | Next | None:
    """The call for older leads, unless the other one may have arrived. It remembers that it is the one: it will be just
    as late when it is tried again."""
    if late.kind is not PlanKind.CALL:
        return Next(DeliveryState.SKIPPED, f"{reason}; what it gets instead cannot be sent: {late.reason}", "too_old")
    if late.call == case.delivery.plan.call:
        return None
    if attempts.in_doubt(case.connection, case.delivery.id):
        return Next(DeliveryState.SKIPPED, reason, "too_old")
    return replace(late, too_late=late)
