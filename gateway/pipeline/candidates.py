"""What may leave next, as the live mapping wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState, Lead, OutcomeKind
from gateway.pipeline.gate.case import as_planned
from gateway.pipeline.planning import UNUSABLE, Live, changed
from gateway.store import attempts, held, leads
from gateway.store.deliveries import Next


@dataclass(frozen=True, slots=True)
class Candidate:
    """A delivery that may leave now."""

    delivery: Delivery  #: As the live mapping wants it.
    probe: str = ""  #: The hold that it would try; "" for none.
    end: Next | None = None  #: What the live mapping says instead, if it does not leave.
    is_changed: bool = False  #: The ledger has it as an earlier mapping wanted it.


def prepare(connection: Connection, found: Sequence[tuple[Delivery, str]], live: Live) -> list[Candidate]:
    """Hold some deliveries, each with the hold that it would try, against the live mapping. Nothing is written yet."""
    old = [one for one, _probe in found if not _follows(one, live) and not live.blind(one.mapping)]
    frozen = attempts.with_outcome(connection, {one.id for one in old}, OutcomeKind.UNKNOWN)
    wanted = sorted({one.lead_id for one in old if one.id not in frozen})
    known = {stored.lead.id: stored.lead for stored in leads.load(connection, wanted)} if wanted else {}
    changing = {one.id: known[one.lead_id] for one in old if one.id not in frozen}
    return [_prepared(one, probe, changing.get(one.id), live) for one, probe in found]


def _prepared(one: Delivery, probe: str, lead: Lead | None, live: Live) -> Candidate:
    """`lead`: its lead, where it has to follow a new mapping."""
    if file := live.blind(one.mapping):
        return Candidate(one, probe, Next(DeliveryState.HELD, f"{file} {UNUSABLE}", hold=held.MAPPING))
    if lead is None:
        return Candidate(one, probe)
    made = changed(one, lead, live)
    if isinstance(made, Next):
        return Candidate(one, probe, made)
    return Candidate(replace(as_planned(one, made), mapping_version=live.version), probe, is_changed=True)


def _follows(delivery: Delivery, live: Live) -> bool:
    """Whether it needs no new plan. For a second another worker may know a newer version than this one does."""
    return (delivery.mapping_version or 0) >= live.version
