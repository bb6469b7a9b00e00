"""What a comparison of mappings looks at: chosen once by id."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, not_, select

from gateway.model import LeadState
from gateway.store.deliveries import NOT_LEFT
from gateway.store.leads import NOT_PEOPLE
from gateway.store.tables import deliveries, leads


@dataclass(frozen=True, slots=True)
class Window:
    """Which stored leads."""

    last: int | None = None  #: At most so many, the newest; None: all.
    since: datetime | None = None  #: Not older than this.
    source: str = ""  #: "": any.
    form: str = ""  #: "": any.


def lead_ids(connection: Connection, window: Window) -> list[int]:
    """The leads that a mapping decides about and whose answers are here, the newest first."""
    looked_up = not_(and_(leads.c.state == LeadState.WAITING, leads.c.waits_for == "lookup"))
    found = select(leads.c.id).where(leads.c.state.not_in(NOT_PEOPLE), looked_up, leads.c.answers != "[]")
    found = found.where(*_within(window)).order_by(leads.c.id.desc())
    return list(connection.scalars(found.limit(window.last)))


def _within(window: Window) -> Iterator[ColumnElement[bool]]:
    if window.since is not None:
        yield leads.c.received_at >= window.since
    if window.source:
        yield leads.c.source == window.source
    if window.form:
        yield leads.c.form == window.form


def waiting_ids(connection: Connection) -> list[int]:
    """The leads that are planned again, by themselves, as soon as another mapping is live; the oldest first."""
    found = select(leads.c.id).where(leads.c.state == LeadState.WAITING, leads.c.waits_for == "mapping")
    return list(connection.scalars(found.order_by(leads.c.id)))


def delivery_ids(connection: Connection) -> list[int]:
    """The deliveries that have not left, the oldest first."""
    found = select(deliveries.c.id).where(deliveries.c.state.in_(NOT_LEFT))
    return list(connection.scalars(found.order_by(deliveries.c.id)))
