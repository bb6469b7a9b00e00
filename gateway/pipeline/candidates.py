"""What may leave next, as the live mapping wants it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState
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
    old = {one.lead_id for one, _probe in found if not _follows(one, live)}
    known = {stored.lead.id: stored.lead for stored in leads.load(connection, sorted(old))} if old else {}
    prepared: list[Candidate] = []
    for one, probe in found:
        if file := live.blind(one.mapping):
            waits = Next(DeliveryState.HELD, f"{file} {UNUSABLE}", hold=held.MAPPING)
            prepared.append(Candidate(one, probe, waits))
            continue
        if _follows(one, live) or attempts.in_doubt(connection, one.id):
            prepared.append(Candidate(one, probe))
            continue
        made = changed(one, known[one.lead_id], live)
        end = made if isinstance(made, Next) else None
        current = one if isinstance(made, Next) else replace(as_planned(one, made), mapping_version=live.version)
        prepared.append(Candidate(current, probe, end, is_changed=end is None))
    return prepared


def _follows(delivery: Delivery, live: Live) -> bool:
    """Whether it needs no new plan. For a second another worker may know a newer version than this one does."""
    return (delivery.mapping_version or 0) >= live.version
