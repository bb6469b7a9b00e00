"""Leads whose form has no mapping: they wait, form by form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway.model import LeadState
from gateway.store.leads import StoredLead, load
from gateway.store.tables import leads


@dataclass(frozen=True, slots=True)
class Waiting:
    """The leads of one form that no mapping takes."""

    source: str
    form: str  #: "" where the source names none.
    leads: int
    last: datetime  #: When the latest came.


def forms(connection: Connection) -> list[Waiting]:
    """Each form with such leads, the latest first."""
    last = func.max(leads.c.received_at)
    found = (
        select(leads.c.source, leads.c.form, func.count().label("leads"), last.label("last"))
        .where(leads.c.state == LeadState.UNMAPPED)
        .group_by(leads.c.source, leads.c.form)
        .order_by(last.desc(), leads.c.source, leads.c.form)
    )
    return [Waiting(row.source, row.form, row.leads, row.last) for row in connection.execute(found)]


def latest(connection: Connection, source: str, form: str, limit: int) -> list[StoredLead]:
    """The latest such leads of one form, the newest first."""
    return load(connection, ids(connection, source, form, limit))[::-1]


def ids(connection: Connection, source: str, form: str, limit: int) -> list[int]:
    """Those leads' ids, the newest first."""
    mine = (leads.c.state == LeadState.UNMAPPED, leads.c.source == source, leads.c.form == form)
    return list(connection.scalars(select(leads.c.id).where(*mine).order_by(leads.c.id.desc()).limit(limit)))
