"""Leads that wait for answers from their source: whom to ask for now, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway import clock, retry
from gateway.errors import LookupFatal, LookupPaused, LookupRetry
from gateway.inbound.source import Source
from gateway.model import Lead, LeadState
from gateway.pipeline import holding, reading
from gateway.pipeline.planning import Live, fate
from gateway.settings import Settings
from gateway.store import alerts, holds, jobs, leads
from gateway.store.holds import Hold
from gateway.store.jobs import Kind
from gateway.store.leads import Fate, Settled, StoredLead

log = logging.getLogger(__name__)

#: A lost look-up is asked again after this; asking twice does no harm.
LOOKUP_SECONDS = 60

#: Trials while a page is paused are this many times as far apart as those of an account.
PAGE_PATIENCE = 10

#: No pause that ends by itself is longer, whatever the source says. Seconds.
LONGEST_PAUSE = 86_400.0


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What a look-up brought: the lead with its answers, or the error."""

    stored: StoredLead
    lead: Lead | None
    error: Exception | None = None


def ask(stored: StoredLead, sources: Mapping[str, Source]) -> LookedUp:
    """Ask the source. Never raises; runs in a thread, away from the ledger."""
    try:
        return LookedUp(stored, sources[stored.lead.source].fetch(stored.lead))
    except Exception as error:  # noqa: BLE001 - told apart in `settle`, where the ledger is
        return LookedUp(stored, None, error)


def never_asked(stored: StoredLead) -> LookedUp:
    """What a look-up comes to that no thread could be had for: it is tried later."""
    return LookedUp(stored, None, LookupRetry("it could not be looked up: this machine is out of threads"))


def claim(connection: Connection, ids: Sequence[int], settings: Settings) -> list[StoredLead]:
    """Take leads to look up, none of a paused page but the one that tries it."""
    if not ids:
        return []
    now = clock.now()
    paused = holds.all_of(connection, Hold.PAGE)
    following = now + timedelta(seconds=settings.number("GATEWAY_PROBE") * PAGE_PATIENCE)
    taken, stopped = [], {}
    for stored in leads.load(connection, ids):
        key = stored.pause_key
        if key not in paused:
            taken.append(stored)
        elif holds.take_probe(connection, key, now=now, following=following):
            taken.append(stored)
            paused[key] = (paused[key][0], following)
        else:
            stopped[key] = paused[key]
    for key, (reason, until) in stopped.items():
        leads.pause(connection, key, reason, until)
    leads.postpone(connection, [stored.lead.id for stored in taken], now + timedelta(seconds=LOOKUP_SECONDS))
    return taken


def settle(connection: Connection, looked_up: LookedUp, live: Live, settings: Settings) -> None:
    """Enter what a look-up brought."""
    stored = looked_up.stored
    if looked_up.lead is not None:
        promised = reading.settle_one(connection, stored, fate(looked_up.lead, live), looked_up.lead)
        jobs.announce(connection, Kind.DELIVERY, promised)
        if stored.pause_key and holds.lift(connection, stored.pause_key):
            holding.say_over(connection, stored.pause_key)
            leads.wake(connection, "lookup", clock.now(), pause_key=stored.pause_key)
    elif isinstance(looked_up.error, LookupPaused):
        _pause(connection, stored, looked_up.error, settings)
    else:
        _retry(connection, stored, looked_up.error)


def _pause(connection: Connection, stored: StoredLead, error: LookupPaused, settings: Settings) -> None:
    until = clock.now() + timedelta(seconds=_seconds(error, settings))
    if _hold(connection, error.key, str(error), until):
        log.error("%s is paused, its leads wait: %s", error.key, error)
    waiting = Fate(LeadState.WAITING, str(error), "lookup", until)
    leads.settle(connection, [Settled(stored, waiting, tries=stored.tries)])
    leads.pause(connection, error.key, str(error), until)


def _seconds(error: LookupPaused, settings: Settings) -> float:
    return settings.number("GATEWAY_PROBE") * PAGE_PATIENCE if error.until is None else min(error.until, LONGEST_PAUSE)


def _hold(connection: Connection, key: str, reason: str, until: datetime) -> bool:
    """Stop a page, or stop it for longer; whether that is news, as another reason is too."""
    known = holds.all_of(connection, Hold.PAGE).get(key)
    if known and known[0] == reason:
        holds.take_probe(connection, key, now=until, following=until)
        return False
    now = clock.now()
    holds.lift(connection, key)
    alerts.end(connection, key, now)
    alerts.begin(connection, key, reason, now)
    return holds.put(connection, Hold.PAGE, key, reason, now=now, probe_at=until)


def _retry(connection: Connection, stored: StoredLead, error: Exception | None) -> None:
    if not isinstance(error, LookupRetry | LookupFatal):
        log.error("lead l%d cannot be looked up", stored.lead.id, exc_info=error)
    reason = str(error) if isinstance(error, LookupRetry | LookupFatal) else "a fault of the gateway"
    tries = stored.tries + 1
    after = error.after if isinstance(error, LookupRetry) else None
    wait = None if isinstance(error, LookupFatal) else retry.delay(tries, after)
    if wait is None:
        lead_fate = Fate(LeadState.FAILED, reason)
    else:
        lead_fate = Fate(LeadState.WAITING, reason, "lookup", clock.now() + timedelta(seconds=wait))
    leads.settle(connection, [Settled(stored, lead_fate, tries=tries)])
