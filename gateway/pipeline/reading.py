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
from gateway.store import events, leads, rows
from gateway.store.deliveries import Promise, Rank
from gateway.store.leads import Fate

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
class Entry:
    """A lead as it goes into the ledger."""

    lead: Lead
    fate: Fate
    pause_key: str
    window: timedelta  #: In which the same answers count once.


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
    entries = tuple(_entry(lead, sources[event.source], live) for lead in reading.leads)
    return Read(event, state, reading.note, entries)


def _entry(lead: Lead, source: Source, live: Live) -> Entry:
    window = timedelta(seconds=source.settings.number("GATEWAY_DUPLICATE_WINDOW"))
    return Entry(lead, _first_fate(lead, live), source.pause_key(lead), window)


def _first_fate(lead: Lead, live: Live) -> Fate:
    if lead.state is LeadState.WAITING:
        return Fate(LeadState.WAITING, lead.reason, "lookup", clock.now())
    return fate(lead, live)


def enter(connection: Connection, found: Sequence[Read]) -> list[int]:
    """Enter what was read into the ledger, unless another worker did; the deliveries that may leave at once."""
    made: list[int] = []
    for one in found:
        entered: list[int] = []
        if rows.attempt(connection, partial(_enter, connection, one, entered)):
            made += entered
            continue
        event = one.event  # one odd text must not stop the events behind it
        log.error("event e%d cannot be entered: the database refuses a text in it", event.id)
        events.settle(connection, event.id, EventState.UNREADABLE, REFUSED)
    return made


def _enter(connection: Connection, found: Read, made: list[int]) -> None:
    event = found.event
    if not events.settle(connection, event.id, found.state, found.note):
        return
    for one in found.entries:
        lead_id = leads.add(connection, event.id, one.lead, one.fate, pause_key=one.pause_key, window=one.window)
        if lead_id is not None:
            made += promise(connection, lead_id, 1, one.fate)


def promise(
    connection: Connection,
    lead_id: int,
    round_: int,
    lead_fate: Fate,
    *,
    rank: Rank = Rank.FRESH,
    waived: tuple[str, ...] = (),
) -> list[int]:
    """Make the deliveries that a planned lead asks for: its first call, and its follow-ups; the id of the first."""
    if lead_fate.state is not LeadState.PLANNED or lead_fate.plan is None:
        return []
    first = Promise(lead_id, round_, lead_fate.plan, lead_fate.mapping_version, rank=rank, waived=waived)
    return beginning.promise(connection, first, clock.now())


def settle(connection: Connection, fates: Sequence[tuple[leads.StoredLead, Fate]]) -> list[int]:
    """Give waiting leads their fates and deliveries; those that may leave at once."""
    return [one for stored, lead_fate in fates for one in settle_one(connection, stored, lead_fate)]


def settle_one(
    connection: Connection, stored: leads.StoredLead, lead_fate: Fate, lead: Lead | None = None
) -> list[int]:
    """Give a waiting lead its fate and its delivery; `lead`: with the answers that a look-up brought."""
    made: list[int] = []

    def change() -> None:
        if leads.settle(connection, stored, lead_fate, lead=lead):
            rank = Rank.REPLAY if stored.waits_for == "plan" else Rank.FRESH
            made.extend(promise(connection, stored.lead.id, stored.round, lead_fate, rank=rank, waived=stored.waived))

    if rows.attempt(connection, change):
        return made
    log.error("lead l%d cannot be planned: the database refuses a text in it", stored.lead.id)
    leads.settle(connection, stored, Fate(LeadState.FAILED, REFUSED))
    return []
