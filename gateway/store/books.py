"""The books: what came in, what became of it, and whether the two agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Select, and_, func, select

from gateway.model import DeliveryState, EventState, LeadState
from gateway.store.misfits import misfits
from gateway.store.tables import deliveries, events, leads, receipts

#: What becomes of a receipt.
RECEIPT_STATES = ("new", "read", "ignored", "unreadable")


@dataclass(frozen=True, slots=True)
class Books:
    """Counts by state, and every disagreement as a sentence."""

    events: dict[str, int]
    leads: dict[str, int]
    planned: dict[str, int]  #: The planned leads, by the state of their first delivery.
    follow_ups: dict[str, int]  #: The last delivery of each later call, by its state.
    receipts: dict[str, int]
    mistakes: tuple[str, ...] = ()

    @property
    def balanced(self) -> bool:
        return not self.mistakes


def audit(connection: Connection) -> Books:
    """Count everything, and hold it against itself."""
    books = Books(
        events=_by_state(connection, events.c.state),
        leads=_by_state(connection, leads.c.state),
        planned=_counts(connection, _planned()),
        follow_ups=_counts(connection, _follow_ups()),
        receipts=_by_state(connection, receipts.c.state),
    )
    return replace(books, mistakes=(*_state_mistakes(books), *map(str, misfits(connection))))


def _by_state(connection: Connection, column: ColumnElement[str]) -> dict[str, int]:
    return _counts(connection, select(column, func.count()).group_by(column))


def _counts(connection: Connection, found: Executable) -> dict[str, int]:
    return {row[0]: row[1] for row in connection.execute(found)}


def _planned() -> Select[Any]:
    """The latest first-step delivery of each planned lead's present round."""
    firsts = (
        select(func.max(deliveries.c.id).label("id"), deliveries.c.lead_id, deliveries.c.round)
        .where(deliveries.c.step == 0)
        .group_by(deliveries.c.lead_id, deliveries.c.round)
        .subquery()
    )
    joined = leads.join(firsts, and_(firsts.c.lead_id == leads.c.id, firsts.c.round == leads.c.round))
    joined = joined.join(deliveries, deliveries.c.id == firsts.c.id)
    state = deliveries.c.state
    return select(state, func.count()).select_from(joined).where(leads.c.state == LeadState.PLANNED).group_by(state)


def _follow_ups() -> Select[Any]:
    """The latest delivery of each later step of each round: what was opened again counts once."""
    same = (deliveries.c.lead_id, deliveries.c.round, deliveries.c.step)
    latest = select(func.max(deliveries.c.id)).where(deliveries.c.step > 0).group_by(*same)
    state = deliveries.c.state
    return select(state, func.count()).where(deliveries.c.id.in_(latest)).group_by(state)


def _state_mistakes(books: Books) -> list[str]:
    found = []
    kinds = (
        ("event", books.events, EventState),
        ("lead", books.leads, LeadState),
        ("first call", books.planned, DeliveryState),
        ("follow-up", books.follow_ups, DeliveryState),
        ("receipt", books.receipts, RECEIPT_STATES),
    )
    for kind, counts, known in kinds:
        odd = sorted(set(counts) - {str(state) for state in known})
        found += [f"{counts[state]} {kind}s are in a state that does not exist: '{state}'" for state in odd]
    planned, firsts = books.leads.get(LeadState.PLANNED, 0), sum(books.planned.values())
    if planned != firsts:
        found.append(f"{planned} leads are planned, but {firsts} of them have a delivery")
    return found
