"""Who is never messaged, and who has not agreed to be."""

from __future__ import annotations

from gateway.model import DeliveryState
from gateway.pipeline.gate.case import Case
from gateway.store.deliveries import Next


def suppressed(case: Case) -> Next | None:
    """A number on the suppression list gets nothing; nobody can lift this for one call."""
    reason = case.known.suppressed.get(case.delivery.destination)
    if reason is None:
        return None
    return Next(DeliveryState.SKIPPED, f"the number is suppressed: {reason}", "suppressed")


def consent(case: Case) -> Next | None:
    """A person who has not said yes, where the mapping wants a yes, gets nothing."""
    reason = case.delivery.plan.no_consent
    if not reason or case.lifted("consent"):
        return None
    return Next(DeliveryState.SKIPPED, f"no consent: {reason}", "consent")
