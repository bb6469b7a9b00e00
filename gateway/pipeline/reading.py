"""Event → Leads, with their first deliveries: all in one transaction, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from gateway import clock
from gateway.errors import Unreadable
from gateway.inbound.source import Source
from gateway.model import Event, EventState, Lead, LeadState, Reading
from gateway.pipeline.following import beginning
from gateway.pipeline.planning import Live, fate
from gateway.store import entries, events, leads, rows
from gateway.store.deliveries import Rank
from gateway.store.entries import Entry
from gateway.store.leads import Fate, Settled, StoredLead
from gateway.store.promises import Promise

log = logging.getLogger(__name__)

#: Why an event or a lead is left aside that the database does not take.
REFUSED = "a text in it cannot be stored"


def read(event: Event, sources: Mapping[str, Source]) -> tuple[EventState, Reading]:
    """The leads of an event, and its state. Never raises: what cannot be read is kept and says why."""
    source = sources.get(event.source)
    if source is None:
        return EventState.UNREADABLE, Reading(note=f"this version knows no source '{event.source}'")
    try:
        reading = source.leads(event)
    except Unreadable as error:
        return EventState.UNREADABLE, Reading(note=str(error))
    except Exception as error:  # a fault of ours must not stop the events behind this one
        log.exception("event e%d cannot be read", event.id)
        return EventState.UNREADABLE, Reading(note=f"a fault of the gateway: {type(error).__name__}")
    if not reading.leads:
        return EventState.IGNORED, replace(reading, note=reading.note or "there is no lead in it")
    return EventState.READ, reading


@dataclass(frozen=True, slots=True)
class Read:
    """An event with all that becomes of it, decided before any transaction is opened."""

    event: Event
    state: EventState
    note: str
    entries: tuple[Entry, ...] = ()


def decide(event: Event, sources: Mapping[str, Source], live: Live) -> Read:
    """Read an event and plan its leads."""
    state, reading = read(event, sources)
    return Read(event, state, reading.note, tuple(_entry(lead, sources[event.source], live) for lead in reading.leads))


def _entry(lead: Lead, source: Source, live: Live) -> Entry:
    window = timedelta(seconds=source.settings.number("GATEWAY_DUPLICATE_WINDOW"))
    return entries.ready(lead, _first_fate(lead, live), pause_key=source.pause_key(lead), window=window)


def _first_fate(lead: Lead, live: Live) -> Fate:
    if lead.state is LeadState.WAITING:
        return Fate(LeadState.WAITING, lead.reason, "lookup", clock.now())
    return fate(lead, live)


def enter(connection: Connection, found: Sequence[Read]) -> list[int]:
    """Enter what was read into the ledger, unless another worker did; the deliveries that may leave at once."""
    return rows.together(connection, found, partial(_enter, connection), partial(_set_aside, connection))


def _enter(connection: Connection, found: Sequence[Read]) -> list[int]:
    by_id = {one.event.id: one for one in found}
    mine = events.settle(connection, {event_id: (one.state, one.note) for event_id, one in by_id.items()})
    fresh = [(event_id, entry) for event_id, one in by_id.items() if event_id in mine for entry in one.entries]
    ids = entries.add(connection, fresh)
    first_calls = (
        _first_call(lead_id, 1, entry.fate)
        for lead_id, (_event_id, entry) in zip(ids, fresh, strict=True)
        if lead_id is not None
    )
    return beginning.promise(connection, [one for one in first_calls if one], clock.now())


def _set_aside(connection: Connection, found: Read) -> None:
    """One odd text must not stop the events beside it."""
    log.error("event e%d cannot be entered: the database refuses a text in it", found.event.id)
    events.settle(connection, {found.event.id: (EventState.UNREADABLE, REFUSED)})


def _first_call(
    lead_id: int, round_: int, lead_fate: Fate, *, rank: Rank = Rank.FRESH, waived: tuple[str, ...] = ()
) -> Promise | None:
    """The first call that a planned lead asks for, its follow-ups in its plan; None for one that is not planned."""
    if lead_fate.state is not LeadState.PLANNED or lead_fate.plan is None:
        return None
    return Promise(lead_id, round_, lead_fate.plan, lead_fate.mapping_version, rank=rank, waived=waived)


def settle(connection: Connection, fates: Sequence[tuple[StoredLead, Fate]]) -> list[int]:
    """Give waiting leads their fates and deliveries; those that may leave at once."""
    return _settle_all(connection, [Settled(stored, lead_fate) for stored, lead_fate in fates])


def settle_one(connection: Connection, stored: StoredLead, lead_fate: Fate, lead: Lead | None = None) -> list[int]:
    """Give a waiting lead its fate and its delivery; `lead`: with the answers that a look-up brought."""
    return _settle_all(connection, [Settled(stored, lead_fate, lead)])


def _settle_all(connection: Connection, settled: Sequence[Settled]) -> list[int]:
    return rows.together(connection, settled, partial(_settle, connection), partial(_give_up, connection))


def _settle(connection: Connection, settled: Sequence[Settled]) -> list[int]:
    mine = leads.settle(connection, settled)
    first_calls = (_next_call(one) for one in mine)
    return beginning.promise(connection, [one for one in first_calls if one], clock.now())


def _next_call(settled: Settled) -> Promise | None:
    stored = settled.stored
    rank = Rank.REPLAY if stored.waits_for == "plan" else Rank.FRESH
    return _first_call(stored.lead.id, stored.round, settled.fate, rank=rank, waived=stored.waived)


def _give_up(connection: Connection, settled: Settled) -> None:
    """One odd text must not stop the leads beside it."""
    log.error("lead l%d cannot be planned: the database refuses a text in it", settled.stored.lead.id)
    leads.settle(connection, [Settled(settled.stored, Fate(LeadState.FAILED, REFUSED))])
