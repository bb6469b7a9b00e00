"""What a replay names by what it is like, not by its ids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from gateway.model import DeliveryState, EventState, LeadState
from gateway.store import held
from gateway.store.deliveries import CLOSED, COUNTS
from gateway.store.leads import NOT_PEOPLE
from gateway.store.rows import batches
from gateway.store.tables import deliveries, events, leads


@dataclass(frozen=True, slots=True)
class Like:
    """All of these together; what is None or "" is not asked."""

    state: str = ""
    since: datetime | None = None  #: When its event came: then or later.
    until: datetime | None = None  #: Before then.
    source: str | None = None
    form: str | None = None  #: "": those that name none.
    rule: str = ""
    error: str = ""  #: A tag, or a part of the reason.


def ids(connection: Connection, like: Like) -> list[str]:
    """e12, l34 and d56 of all that is like this, the newest first.

    A word that leads and deliveries share means both. Without a state it is all that no message has come of; a
    follow-up is named only where its state or its error is asked for.
    """
    return [*_events(connection, like), *_leads(connection, like), *_deliveries(connection, like)]


def _events(connection: Connection, like: Like) -> list[str]:
    state = like.state or EventState.UNREADABLE
    if like.rule or state not in set(EventState):
        return []
    found = select(events.c.id).where(events.c.state == state, *_came(events.c.received_at, like))
    found = found.where(*_from(events.c.source, events.c.form, like), *_says(like, events.c.reason))
    return [f"e{event_id}" for event_id in connection.scalars(found.order_by(events.c.id.desc()))]


def _leads(connection: Connection, like: Like) -> list[str]:
    found = select(leads.c.id, leads.c.plan).where(*_of_lead(like), *_says(like, leads.c.reason))
    if like.state:
        found = found.where(leads.c.state == like.state)
    else:
        found = found.where(leads.c.state.not_in((LeadState.PLANNED, *NOT_PEOPLE)), leads.c.erased_at.is_(None))
    rows = connection.execute(found.order_by(leads.c.id.desc()))
    return [f"l{row.id}" for row in rows if not like.rule or (row.plan and json.loads(row.plan)["rule"] == like.rule)]


def _deliveries(connection: Connection, like: Like) -> list[str]:
    """The last of each call of a lead's present round: what went before it is over."""
    mine = deliveries.join(leads, and_(leads.c.id == deliveries.c.lead_id, leads.c.round == deliveries.c.round))
    found = select(deliveries.c.id).select_from(mine).where(leads.c.state == LeadState.PLANNED, *_of_lead(like))
    found = found.where(*_says(like, deliveries.c.reason, deliveries.c.tag), _last(), _may_leave(like))
    found = found.where(deliveries.c.state == like.state if like.state else deliveries.c.state.not_in(COUNTS))
    if like.rule:
        found = found.where(deliveries.c.rule == like.rule)
    if not like.state:
        found = found.where(leads.c.erased_at.is_(None))
    return [f"d{delivery_id}" for delivery_id in connection.scalars(found.order_by(deliveries.c.id.desc()))]


def _last() -> ColumnElement[bool]:
    later = deliveries.alias("later")
    same = [later.c[name] == deliveries.c[name] for name in ("lead_id", "round", "step")]
    return ~select(later.c.id).where(*same, later.c.id > deliveries.c.id).exists()


def _may_leave(like: Like) -> ColumnElement[bool]:
    """A follow-up is not pulled forward, and comes after its first call."""
    first = deliveries.alias("first")
    same = [first.c[name] == deliveries.c[name] for name in ("lead_id", "round")]
    after = select(first.c.id).where(*same, first.c.step == 0, first.c.state == DeliveryState.ACCEPTED).exists()
    stopped = and_(deliveries.c.state == DeliveryState.HELD, deliveries.c.hold != held.STEP)
    first_call = deliveries.c.step == 0
    if not like.state and not like.error:
        return first_call
    return or_(first_call, and_(or_(deliveries.c.state.in_((*CLOSED, *COUNTS)), stopped), after))


def _of_lead(like: Like) -> list[ColumnElement[bool]]:
    return [*_came(leads.c.received_at, like), *_from(leads.c.source, leads.c.form, like)]


def _came(received: ColumnElement[datetime], like: Like) -> Iterator[ColumnElement[bool]]:
    if like.since:
        yield received >= like.since
    if like.until:
        yield received < like.until


def _from(source: ColumnElement[str], form: ColumnElement[str], like: Like) -> Iterator[ColumnElement[bool]]:
    if like.source is not None:
        yield source == like.source
    if like.form is not None:
        yield form == like.form


def _says(like: Like, *texts: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    if like.error:
        yield or_(*(text.icontains(like.error, autoescape=True) for text in texts))


def came(connection: Connection, named: Sequence[tuple[str, int]]) -> Iterator[datetime]:
    """When the leads came that are named, or whose deliveries are: of ("l", 34) and ("d", 56)."""
    own = [number for kind, number in named if kind == "l"]
    for batch in batches(own):
        yield from connection.scalars(select(leads.c.received_at).where(leads.c.id.in_(batch)))
    calls = [number for kind, number in named if kind == "d"]
    for batch in batches(calls):
        theirs = select(leads.c.received_at).join(deliveries, deliveries.c.lead_id == leads.c.id)
        yield from connection.scalars(theirs.where(deliveries.c.id.in_(batch)))
