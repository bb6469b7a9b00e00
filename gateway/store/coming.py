"""What is about to leave, with all that its claim has to know of it: one look for many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select

from gateway.model import Delivery
from gateway.store import contracts as told
from gateway.store.contracts import Told
from gateway.store.deliveries import of_row
from gateway.store.people import Origin
from gateway.store.tables import contracts, deliveries, leads

_COMING = (
    select(
        deliveries,
        leads.c.source,
        leads.c.received_at,
        leads.c.submitted_at,
        contracts.c.campaign.label("told_of"),
        *(contracts.c[name] for name in ("params", "media", "missing", "status", "says", "seen_at")),
        contracts.c.changed_at.label("told_since"),
    )
    .join(leads, leads.c.id == deliveries.c.lead_id)
    .outerjoin(contracts, contracts.c.campaign == deliveries.c.campaign)
    .where(deliveries.c.id.in_(bindparam("ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Coming:
    """A delivery that may be about to leave."""

    delivery: Delivery
    origin: Origin  #: Of its lead.
    told: Told | None  #: AiSensy's word on its campaign; None: it was never asked.


def load(connection: Connection, ids: Sequence[int]) -> list[Coming]:
    """Those of these that there are, in their order; each once."""
    if not ids:
        return []
    known = {
        row.id: Coming(
            of_row(row),
            Origin(row.source, row.received_at, row.submitted_at),
            told.of_row(row, row.told_since) if row.told_of is not None else None,
        )
        for row in connection.execute(_COMING, {"ids": ids})
    }
    return [known[wanted] for wanted in dict.fromkeys(ids) if wanted in known]
