"""The books: what came in, what became of it, and whether the two agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, Select, and_, func, select

from gateway.model import DeliveryState, EventState, LeadState
from gateway.store.tables import HELD, attempts, deliveries, events, holds, leads


@dataclass(frozen=True, slots=True)
class Books:
    """Counts by state, and every disagreement as a sentence."""

    events: dict[str, int]
    leads: dict[str, int]
    planned: dict[str, int]  #: The planned leads, by the state of their first delivery.
    mistakes: tuple[str, ...]

    @property
    def balanced(self) -> bool:
        return not self.mistakes


def audit(connection: Connection) -> Books:
    """Count everything, and hold it against itself."""
    planned = _counts(connection, _planned())
    books = Books(
        events=_by_state(connection, events.c.state),
        leads=_by_state(connection, leads.c.state),
        planned=planned,
        mistakes=(),
    )
    mistakes = tuple(_state_mistakes(books)) + tuple(_row_mistakes(connection))
    return Books(books.events, books.leads, books.planned, mistakes)


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


def _state_mistakes(books: Books) -> list[str]:
    found = []
    for kind, counts, known in (("event", books.events, EventState), ("lead", books.leads, LeadState)):
        odd = sorted(set(counts) - {str(state) for state in known})
        found += [f"{counts[state]} {kind}s are in a state that does not exist: '{state}'" for state in odd]
    planned, firsts = books.leads.get(LeadState.PLANNED, 0), sum(books.planned.values())
    if planned != firsts:
        found.append(f"{planned} leads are planned, but {firsts} of them have a delivery")
    return found


def _row_mistakes(connection: Connection) -> list[str]:
    without_lead = ~select(leads.c.id).where(leads.c.event_id == events.c.id).exists()
    attempt = select(attempts.c.id).where(attempts.c.delivery_id == deliveries.c.id)
    accepted = deliveries.c.state == DeliveryState.ACCEPTED
    sent = deliveries.c.state.in_((DeliveryState.SENDING, DeliveryState.UNCERTAIN))
    twice = select(attempts.c.delivery_id).where(attempts.c.outcome == "accepted").group_by(attempts.c.delivery_id)
    checks = {
        "events are read, but no lead came of them": select(events.c.id).where(
            events.c.state == EventState.READ, without_lead
        ),
        "events are not read, yet have leads": select(events.c.id).where(
            events.c.state.in_((EventState.IGNORED,)), ~without_lead
        ),
        "deliveries are accepted without an attempt that says so": select(deliveries.c.id).where(
            accepted, ~attempt.where(attempts.c.outcome == "accepted").exists()
        ),
        "deliveries are out or uncertain without an attempt": select(deliveries.c.id).where(sent, ~attempt.exists()),
        "deliveries are held, but nothing holds them": select(deliveries.c.id).where(
            HELD, deliveries.c.hold != "mapping", deliveries.c.hold.not_in(select(holds.c.key))
        ),
        "deliveries were accepted twice": twice.having(func.count() > 1),
    }
    counts = {
        sentence: connection.execute(select(func.count()).select_from(found.subquery())).scalar_one()
        for sentence, found in checks.items()
    }
    return [f"{count} {sentence}" for sentence, count in counts.items() if count]
