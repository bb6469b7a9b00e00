"""When something will be due next, so that an idle worker can sleep until then."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway.store.deliveries import Rank
from gateway.store.tables import OPEN, WAITING, deliveries, destinations, holds, leads


def next_moment(connection: Connection, now: datetime) -> datetime | None:
    """The first moment after `now` at which a delivery or a look-up is due, a hold may be tried, or a rest is over.

    None: nothing will be due by itself. What is due already is not looked at.
    """
    moments = [
        *(
            select(func.min(deliveries.c.due_at)).where(OPEN, deliveries.c.rank == rank, deliveries.c.due_at > now)
            for rank in Rank
        ),
        select(func.min(leads.c.due_at)).where(WAITING, leads.c.due_at > now),
        select(func.min(holds.c.probe_at)).where(holds.c.probe_at > now),
        select(func.min(destinations.c.rest_until)).where(destinations.c.rest_until > now),
    ]
    row = connection.execute(select(*(moment.scalar_subquery() for moment in moments))).one()
    return min((moment for moment in row if moment is not None), default=None)
