"""The leads of some stretch of time, counted by what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Float, Select, and_, bindparam, case, cast, extract, func, select

from gateway.model import DeliveryState, LeadState
from gateway.store.tables import deliveries, leads

#: From so many seconds on, times are kept in whole minutes; below, in tenths of a second.
_LONG, _MINUTE = 100.0, 60.0


@dataclass(frozen=True, slots=True)
class Group:
    """Leads that are alike."""

    source: str
    campaign: str  #: Of the first call; "" where there is none.
    state: str  #: Of a planned lead: that of its first call.
    seconds: float | None  #: From the form to AiSensy's yes; None where there is none, or a person asked again.
    leads: int


def between(connection: Connection, start: datetime, end: datetime) -> list[Group]:
    """All leads that came in this time, each counted once. Takes 5 µs a lead."""
    found = connection.execute(_grouped(connection.dialect.name), {"start": start, "end": end})
    return [Group(row[0], row[1] or "", row[2], row[3], row[4]) for row in found]


def any_lead(connection: Connection) -> bool:
    """Whether a lead ever came."""
    return connection.execute(select(leads.c.id).limit(1)).first() is not None


@cache
def _grouped(dialect: str) -> Select[Any]:
    """By source, campaign, state and time."""
    first = deliveries.alias("first")
    its = (first.c.lead_id == leads.c.id, first.c.round == leads.c.round, first.c.step == 0)
    newest = select(func.max(first.c.id)).where(*its).correlate(leads).scalar_subquery()
    planned = leads.c.state == LeadState.PLANNED
    joined = leads.outerjoin(deliveries, and_(planned, deliveries.c.id == newest))
    state = case((deliveries.c.state.is_not(None), deliveries.c.state), else_=leads.c.state)
    parts = (leads.c.source, deliveries.c.campaign, state, _rounded(_seconds(dialect)))
    named = [part.label(f"part_{place}") for place, part in enumerate(parts)]  # names that no column has
    came = (leads.c.received_at >= bindparam("start"), leads.c.received_at < bindparam("end"))
    return select(*named, func.count()).select_from(joined).where(*came).group_by(*named)


def _seconds(dialect: str) -> Any:
    """How long it took, in the words of a database."""
    began = func.coalesce(leads.c.submitted_at, leads.c.received_at)
    if dialect == "sqlite":
        took: Any = (func.julianday(deliveries.c.accepted_at) - func.julianday(began)) * 86_400.0
    else:
        took = cast(extract("epoch", deliveries.c.accepted_at - began), Float)
    once = and_(deliveries.c.state == DeliveryState.ACCEPTED, leads.c.round == 1)
    return case((and_(once, took < 0), 0.0), (once, took), else_=None)


def _rounded(seconds: Any) -> Any:
    """Coarse enough that many leads have the same."""
    tenths = func.round(seconds * 10.0) / 10.0
    return case((seconds < _LONG, tenths), else_=func.round(seconds / _MINUTE) * _MINUTE)
