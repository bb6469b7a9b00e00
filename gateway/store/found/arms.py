"""Where to look for the leads that are wanted: the indexes that lead to few others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, select

from gateway.model import DeliveryState
from gateway.store.deliveries import Rank
from gateway.store.found.wanted import UNDER_WAY, Wanted
from gateway.store.tables import ASIDE, OPEN, SENDING, deliveries, leads, phones

#: The states of ASIDE.
_ASIDE = frozenset(
    {
        DeliveryState.HELD,
        DeliveryState.FAILED,
        DeliveryState.UNCERTAIN,
        DeliveryState.CANCELLED,
        DeliveryState.SKIPPED,
    }
)

#: First calls have these; follow-ups that wait for their day are many.
_RANKS = [int(rank) for rank in Rank if rank is not Rank.FOLLOW_UP]


@dataclass(frozen=True, slots=True)
class Arm:
    """One index in which lead ids stand in their order."""

    key: ColumnElement[int]  #: The column of the lead's id.
    where: tuple[ColumnElement[bool] | TextClause, ...]

    def reach(self, connection: Connection, low: int, high: int, most: int, *, up: bool) -> list[int]:
        """The ids in it from `low` to `high`, both included: the highest first, or the lowest where it goes `up`."""
        found: Select[Any] = select(self.key).where(*self.where, self.key >= low, self.key <= high)
        return list(connection.scalars(found.order_by(self.key if up else self.key.desc()).limit(most)))


def arms_of(wanted: Wanted) -> tuple[Arm, ...]:
    """All that is wanted is found in one of these; none: look at every lead."""
    return tuple(_arms(wanted))


def _arms(wanted: Wanted) -> Iterator[Arm]:
    if wanted.endings:
        yield from (Arm(phones.c.lead_id, (phones.c.ending == one,)) for one in sorted(wanted.endings))
    elif wanted.by_state and DeliveryState.ACCEPTED not in wanted.call_states:
        yield from _by_state(wanted)
    elif wanted.campaign:
        yield Arm(deliveries.c.lead_id, (deliveries.c.campaign == wanted.campaign,))
    elif wanted.source and wanted.form is not None:
        yield Arm(leads.c.id, (leads.c.source == wanted.source, leads.c.form == wanted.form))


def _by_state(wanted: Wanted) -> Iterator[Arm]:
    """One for each state of a lead, as an index is in the order of ids only within one."""
    yield from (Arm(leads.c.id, (leads.c.state == state,)) for state in sorted(wanted.lead_states))
    if aside := wanted.call_states & _ASIDE:
        yield Arm(deliveries.c.lead_id, (ASIDE, deliveries.c.state.in_(sorted(aside))))
    if wanted.call_states & UNDER_WAY:
        # + 0: else SQLite would walk all calls in the order of their leads, to find the few that are open
        yield Arm(deliveries.c.lead_id + 0, (OPEN, deliveries.c.rank.in_(_RANKS)))
        yield Arm(deliveries.c.lead_id + 0, (SENDING,))


def together(
    connection: Connection, arms: Sequence[Arm], low: int, high: int, most: int, *, up: bool
) -> tuple[int, list[int]]:
    """The next ids of all arms, as far as every one of them was looked at: how far that is, and the ids."""
    found = [arm.reach(connection, low, high, most, up=up) for arm in arms]
    full = [ids[-1] for ids in found if len(ids) == most]
    ids = {one for ids in found for one in ids}
    if up:
        edge = min(full, default=high)
        return edge, sorted(one for one in ids if one <= edge)
    edge = max(full, default=low)
    return edge, sorted(one for one in ids if one >= edge)
