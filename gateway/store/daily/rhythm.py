"""How often each source sends: when its newest leads came."""

from __future__ import annotations

import heapq
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.store import lately
from gateway.store.tables import leads

#: So many of a source's newest leads tell how often it sends, of as many of its forms.
NEWEST, FORMS = 100, 20


def newest(connection: Connection, source: str) -> list[datetime]:
    """When the newest leads of a source came, the latest first."""
    found: list[datetime] = []
    for sender in lately.senders(connection, source, FORMS):
        mine = (leads.c.source == source, leads.c.form == sender.form)
        came = select(leads.c.received_at).where(*mine).order_by(leads.c.id.desc()).limit(NEWEST)
        found += connection.scalars(came)
    return heapq.nlargest(NEWEST, found)
