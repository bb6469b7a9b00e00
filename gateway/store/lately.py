"""What came to one source lately, and which of its forms ever sent a lead: for whoever connects it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, func, select

from gateway.model import EventState
from gateway.store.tables import events, leads, receipts, refusals

#: So many of the newest events are looked at, whichever source they are of.
_NEWEST = 300


@dataclass(frozen=True, slots=True)
class Came:
    """An event without its body."""

    id: int
    form: str  #: From the URL; "" for sources that name the form in the body.
    received: datetime
    state: EventState
    reason: str


@dataclass(frozen=True, slots=True)
class Sender:
    """A form that sent leads."""

    form: str
    lead_id: int  #: The newest.


def came(connection: Connection, source: str, since: datetime, limit: int) -> list[Came]:
    """The newest events of a source since a moment, the newest first."""
    floor = (connection.execute(select(func.max(events.c.id))).scalar_one() or 0) - _NEWEST
    wanted = select(events.c.id, events.c.form, events.c.received_at, events.c.state, events.c.reason)
    mine = (events.c.id > floor, events.c.source == source, events.c.received_at >= since)
    found = connection.execute(wanted.where(*mine).order_by(events.c.id.desc()).limit(limit))
    return [Came(row.id, row.form, row.received_at, EventState(row.state), row.reason) for row in found]


def senders(connection: Connection, source: str, limit: int) -> list[Sender]:
    """Forms of a source with their newest leads, the newest first. One step in the index a form, however many leads."""
    found: list[Sender] = []
    form = _form_after(connection, source, None)
    while form is not None and len(found) < limit:
        mine = (leads.c.source == source, leads.c.form == form)
        newest = connection.execute(select(func.max(leads.c.id)).where(*mine)).scalar_one()
        found.append(Sender(form, newest))
        form = _form_after(connection, source, form)
    return sorted(found, key=lambda one: -one.lead_id)


def _form_after(connection: Connection, source: str, form: str | None) -> str | None:
    """The next form of a source, by its name; None: there is none."""
    wanted = select(func.min(leads.c.form)).where(leads.c.source == source)
    if form is not None:
        wanted = wanted.where(leads.c.form > form)
    found: str | None = connection.execute(wanted).scalar_one()
    return found


def refused(connection: Connection, source: str, since: datetime) -> Sequence[RowMapping]:
    """Of a source, what was not stored since a moment: cause, status, times (in all), last_at; the latest first."""
    mine = select(refusals).where(refusals.c.source == source, refusals.c.last_at >= since)
    return connection.execute(mine.order_by(refusals.c.last_at.desc())).mappings().all()


def last_receipt(connection: Connection) -> RowMapping | None:
    """The newest receipt: id, received_at, state, kind, reason; None: none ever came."""
    wanted = select(receipts.c.id, receipts.c.received_at, receipts.c.state, receipts.c.kind, receipts.c.reason)
    return connection.execute(wanted.order_by(receipts.c.id.desc()).limit(1)).mappings().first()
