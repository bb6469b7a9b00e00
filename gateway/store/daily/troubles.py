"""What somebody has to look at, grouped. Every answer costs the same however long the ledger has grown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from gateway.model import DeliveryState, EventState, LeadState
from gateway.store import held
from gateway.store.tables import HELD, TROUBLED, UNREADABLE, deliveries, events, leads

#: So many of a kind are looked at, the newest. A count that comes to this may be higher.
MOST = 1_000


@dataclass(frozen=True, slots=True)
class Some:
    """Several things that are alike."""

    count: int  #: MOST: so many, or more.
    last: datetime  #: When the latest came, or happened.
    source: str = ""
    form: str = ""
    mapping: str = ""
    campaign: str = ""
    reason: str = ""


def of_state(connection: Connection, state: LeadState, since: datetime) -> list[Some]:
    """The leads of a state that came since then, by form; the latest first."""
    newest = select(leads.c.source, leads.c.form, leads.c.received_at.label("at")).where(leads.c.state == state)
    return _grouped(connection, newest.order_by(leads.c.id.desc()), ("source", "form"), since)


def failed_leads(connection: Connection, since: datetime) -> list[Some]:
    """The leads since then of which no right call could be made, by the reason; the latest first."""
    failed = leads.c.state == LeadState.FAILED
    newest = select(leads.c.source, leads.c.reason, leads.c.received_at.label("at")).where(failed)
    return _grouped(connection, newest.order_by(leads.c.id.desc()), ("source", "reason"), since)


def failed_calls(connection: Connection, since: datetime) -> list[Some]:
    """The calls that were refused for good since then, by the reason; what was tried again since is left out."""
    later = deliveries.alias("later")
    again = (later.c.lead_id == deliveries.c.lead_id, later.c.step == deliveries.c.step, later.c.id > deliveries.c.id)
    mine = (TROUBLED, deliveries.c.state == DeliveryState.FAILED, deliveries.c.changed_at >= since)
    columns = (deliveries.c.campaign, deliveries.c.reason, deliveries.c.changed_at.label("at"))
    newest = select(*columns).where(*mine, ~select(later.c.id).where(*again).exists())
    return _grouped(connection, newest.order_by(deliveries.c.changed_at.desc()), ("campaign", "reason"), since)


def uncertain(connection: Connection) -> Some | None:
    """The calls of which nobody knows whether they arrived; None: there are none."""
    mine = (TROUBLED, deliveries.c.state == DeliveryState.UNCERTAIN)
    newest = select(deliveries.c.changed_at.label("at")).where(*mine).order_by(deliveries.c.changed_at.desc())
    return next(iter(_grouped(connection, newest, ())), None)


def unreadable(connection: Connection, since: datetime) -> list[Some]:
    """The requests since then in which no lead could be read, by source."""
    newest = select(events.c.source, events.c.received_at.label("at")).where(
        UNREADABLE, events.c.state == EventState.UNREADABLE
    )
    return _grouped(connection, newest.order_by(events.c.id.desc()), ("source",), since)


def kept(connection: Connection) -> dict[str, int]:
    """What holds messages back, and how many of them."""
    found = select(deliveries.c.hold, func.count()).where(HELD).group_by(deliveries.c.hold)
    return {row[0]: row[1] for row in connection.execute(found)}


def unclear(connection: Connection) -> list[Some]:
    """The messages that wait for a mapping that is right, by file and reason."""
    mine = (HELD, deliveries.c.hold == held.MAPPING)
    columns = (deliveries.c.mapping, deliveries.c.reason, deliveries.c.changed_at.label("at"))
    newest = select(*columns).where(*mine).order_by(deliveries.c.changed_at.desc())
    return _grouped(connection, newest, ("mapping", "reason"))


def _grouped(
    connection: Connection, newest: Select[Any], by: Sequence[str], since: datetime | None = None
) -> list[Some]:
    """The newest MOST of what is asked for, alike by some columns; the latest first."""
    some = newest.limit(MOST).subquery()
    columns, last = [some.c[name] for name in by], func.max(some.c.at).label("last")
    found = select(*columns, func.count().label("many"), last).group_by(*columns)
    if since is not None:
        found = found.where(some.c.at >= since)
    rows = connection.execute(found.having(func.count() > 0).order_by(last.desc()))
    return [_some(row, by) for row in rows]


def _some(row: Any, by: Sequence[str]) -> Some:
    return Some(row.many, row.last, **{name: getattr(row, name) for name in by})
