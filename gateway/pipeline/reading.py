"""Event → Leads, with their first deliveries: all in one transaction, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import DataError

from gateway import clock
from gateway.errors import Unreadable
from gateway.inbound.source import Source
from gateway.model import Event, EventState, Lead, LeadState, Reading
from gateway.pipeline.planning import Live, fate
from gateway.store import deliveries, events, leads
from gateway.store.leads import Fate

log = logging.getLogger(__name__)


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


def take(
    connection: Connection, event: Event, source: Source | None, live: Live, state: EventState, reading: Reading
) -> None:
    """Enter what was read into the ledger, unless another worker did."""
    try:
        with connection.begin_nested():
            if events.settle(connection, event.id, state, reading.note):
                for lead in reading.leads:
                    _enter(connection, event, lead, source, live)
    except (DataError, UnicodeError):  # one odd text must not stop the events behind it
        log.exception("event e%d cannot be entered", event.id)
        events.settle(connection, event.id, EventState.UNREADABLE, "a text in it cannot be stored")


def _enter(connection: Connection, event: Event, lead: Lead, source: Source | None, live: Live) -> None:
    window = timedelta(seconds=source.settings.number("GATEWAY_DUPLICATE_WINDOW")) if source else timedelta(0)
    pause_key = source.pause_key(lead) if source else ""
    lead_fate = _first_fate(lead, live)
    lead_id = leads.add(connection, event.id, lead, lead_fate, pause_key=pause_key, window=window)
    if lead_id is not None:
        promise(connection, lead_id, 1, lead_fate)


def _first_fate(lead: Lead, live: Live) -> Fate:
    if lead.state is LeadState.WAITING:
        return Fate(LeadState.WAITING, lead.reason, "lookup", clock.now())
    return fate(lead, live)


def promise(connection: Connection, lead_id: int, round_: int, lead_fate: Fate) -> None:
    """Make the delivery that a planned lead asks for."""
    if lead_fate.state is LeadState.PLANNED and lead_fate.plan is not None:
        deliveries.add(connection, lead_id, round_, lead_fate.plan, version=lead_fate.mapping_version, now=clock.now())


def plan_due(connection: Connection, stored: leads.StoredLead, live: Live) -> None:
    """Plan a lead again that a person or a new mapping woke."""
    lead_fate = fate(stored.lead, live)
    if leads.settle(connection, stored, lead_fate):
        promise(connection, stored.lead.id, stored.round, lead_fate)
