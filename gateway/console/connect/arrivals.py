"""What came to a source since a person began to wait for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock
from gateway.console.connect.cures import cure
from gateway.console.connect.doors import RECEIPTS, Door
from gateway.mapping.reader.check import choose
from gateway.model import Delivery, EventState
from gateway.pipeline.planning import Live
from gateway.store import deliveries, lately, leads
from gateway.store.lately import Came
from gateway.store.leads import StoredLead

#: So many events are shown, and of each so many leads.
_EVENTS, _LEADS = 3, 3

#: An event that is not read after this long waits for a worker that does not run.
_SLOW = timedelta(seconds=15)


@dataclass(frozen=True, slots=True)
class ArrivedLead:
    """A lead, and what was made of it."""

    stored: StoredLead
    file: str  #: The mapping that takes its form; "" for none.
    delivery: Delivery | None  #: Its first message.

    @property
    def state(self) -> str:
        """What became of it, in one word."""
        return str(self.delivery.state if self.delivery else self.stored.state)

    @property
    def rule(self) -> str:
        plan = self.stored.plan
        return self.delivery.rule if self.delivery else plan.rule if plan else ""

    @property
    def reason(self) -> str:
        return (self.delivery.reason if self.delivery else "") or self.stored.lead.reason


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event, and the leads in it."""

    event: Came
    leads: Sequence[ArrivedLead]
    more: int  #: So many leads more.

    @property
    def is_slow(self) -> bool:
        return self.event.state is EventState.NEW and clock.now() - self.event.received > _SLOW


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Requests that were not stored."""

    cause: str
    cure: str
    status: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Waited:
    """All that came meanwhile."""

    arrivals: Sequence[Arrival]  #: The newest first.
    others: Sequence[Came]  #: Of other forms than the one that is waited for.
    turned_away: Sequence[TurnedAway]


def waited(connection: Connection, door: Door, live: Live, form: str, since: datetime) -> Waited:
    """What came since; `form`: the one that is waited for, "" for any."""
    found = [] if door.name == RECEIPTS else lately.came(connection, door.name, since, 10 * _EVENTS)
    mine = [one for one in found if not form or one.form == form]
    others = {one.form: one for one in reversed(found) if one not in mine}
    return Waited(
        [_arrival(connection, one, live) for one in mine[:_EVENTS]],
        list(others.values()),
        [
            TurnedAway(row["cause"], cure(door.name, row["cause"]), row["status"], row["last_at"])
            for row in lately.refused(connection, door.name, since)
        ],
    )


def _arrival(connection: Connection, event: Came, live: Live) -> Arrival:
    found = leads.of_event(connection, event.id)
    return Arrival(event, [_lead(connection, one, live) for one in found[:_LEADS]], max(0, len(found) - _LEADS))


def _lead(connection: Connection, stored: StoredLead, live: Live) -> ArrivedLead:
    made = deliveries.of_lead(connection, stored.lead.id)
    return ArrivedLead(stored, file_of(live, stored.lead.source, stored.lead.form), made[0] if made else None)


def file_of(live: Live, source: str, form: str) -> str:
    """The live mapping that takes a form; "" for none."""
    mapping = choose(live.mappings, source, form)
    return mapping.file if mapping else ""
