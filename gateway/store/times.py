"""How long leads waited for their message: from the form's own time, or their arrival, to AiSensy's yes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from gateway.model import DeliveryState
from gateway.store.deliveries import Rank
from gateway.store.leads import NOT_PEOPLE
from gateway.store.tables import deliveries, leads


@dataclass(frozen=True, slots=True)
class Times:
    """Of one source."""

    source: str
    leads: int = 0  #: Sent by people: no tests, no copies, no spam.
    by_form: int = 0  #: Of the seconds, those that count from the form's own time.
    put_off: int = 0  #: Of the seconds, those that did not leave at once: for their hour, a hold, another try.
    seconds: tuple[float, ...] = field(default=(), repr=False)  #: Of each that was accepted, sorted.

    def share(self, part: float) -> float | None:
        """So many seconds or fewer were enough for this part of them; None when there are none.

        >>> times = Times("website", seconds=(1.0, 2.0, 3.0, 40.0))
        >>> times.share(0.5), times.share(0.95), times.share(1)
        (2.0, 40.0, 40.0)
        """
        return self.seconds[max(math.ceil(part * len(self.seconds)) - 1, 0)] if self.seconds else None


def of(connection: Connection, since: datetime | None = None, source: str = "") -> list[Times]:
    """The times of each source, by name. `since`: of leads that came then or later."""
    came = list(_came(connection, since, source))
    waits: dict[str, list[float]] = {name: [] for name, _count in came}
    by_form, put_off = dict.fromkeys(waits, 0), dict.fromkeys(waits, 0)
    for name, submitted, received, accepted, late in _accepted(connection, since, source):
        if name in waits:
            waits[name].append(max((accepted - (submitted or received)).total_seconds(), 0.0))
            by_form[name] += submitted is not None
            put_off[name] += late
    return [Times(name, count, by_form[name], put_off[name], tuple(sorted(waits[name]))) for name, count in came]


def together(found: Sequence[Times]) -> Times:
    """All sources as one."""
    seconds = sorted(each for one in found for each in one.seconds)
    parts = ((one.leads, one.by_form, one.put_off) for one in found)
    count, by_form, put_off = (sum(numbers) for numbers in zip(*parts, strict=True))
    return Times("all", count, by_form, put_off, tuple(seconds))


def _came(connection: Connection, since: datetime | None, source: str) -> Iterator[tuple[str, int]]:
    found = select(leads.c.source, func.count()).where(leads.c.state.not_in(NOT_PEOPLE))
    for row in connection.execute(_within(found, since, source).group_by(leads.c.source).order_by(leads.c.source)):
        yield row[0], row[1]


def _accepted(
    connection: Connection, since: datetime | None, source: str
) -> Iterator[tuple[str, datetime | None, datetime, datetime, bool]]:
    """Each lead's first call that was accepted in its first round: a later one was asked for by a person."""
    asked_for = or_(deliveries.c.rank == Rank.REPLAY, deliveries.c.settled_by != "")
    late = case((or_(deliveries.c.due_at > deliveries.c.created_at, asked_for), True), else_=False)
    moments = (leads.c.submitted_at, leads.c.received_at, deliveries.c.accepted_at)
    found = select(leads.c.source, *moments, late).join(deliveries, deliveries.c.lead_id == leads.c.id)
    first = and_(deliveries.c.step == 0, deliveries.c.round == 1, deliveries.c.state == DeliveryState.ACCEPTED)
    for row in connection.execute(_within(found.where(first), since, source)):
        yield row[0], row[1], row[2], row[3], row[4]


def _within(found: Select[Any], since: datetime | None, source: str) -> Select[Any]:
    if since is not None:
        found = found.where(leads.c.received_at >= since)
    return found.where(leads.c.source == source) if source else found
