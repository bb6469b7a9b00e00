"""Leads as they come in: many at once, and each counts once, however often it was sent."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from gateway import jsontext
from gateway.model import Lead, LeadState
from gateway.store import erasures, jobs, phones, rows
from gateway.store.jobs import Kind
from gateway.store.leads import CHANGE, Fate, of_answers, of_fate
from gateway.store.tables import identities, leads

_ADD = insert(leads).returning(leads.c.id, sort_by_parameter_order=True)
_CLAIM = rows.unless_there(identities, identities.c.identity)
_OWNERS = select(identities).where(identities.c.identity.in_(bindparam("claimed", expanding=True)))
_TAKE_OVER = update(identities).where(identities.c.identity == bindparam("claimed"))


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead as it goes into the ledger: made ready before the transaction, for which all others wait."""

    fate: Fate
    row: Mapping[str, Any]  #: Its columns but for its event.
    endings: frozenset[str]  #: Of the phone numbers in its answers.
    identity: str
    received: datetime
    window: timedelta | None  #: Another one of its identity is the same lead for so long; None: for ever.


def ready(lead: Lead, fate: Fate, *, pause_key: str, window: timedelta) -> Entry:
    """Make a lead ready. `window`: in which the same answers count once, where the source gives no id."""
    row = {
        "source": lead.source,
        "form": lead.form,
        "submission": lead.submission,
        "received_at": lead.received,
        "pause_key": pause_key,
        **of_answers(lead),
        **of_fate(fate),
    }
    lasts = None if lead.submission else window
    return Entry(fate, row, phones.of_lead(lead), _identity(lead), lead.received, lasts)


def _identity(lead: Lead) -> str:
    """What makes two leads the same one: the source's own id, else form and answers."""
    if lead.submission:
        key: list[Any] = [lead.source, lead.form, lead.submission]
    else:
        key = [lead.source, lead.form, [[answer.names[0], answer.value] for answer in lead.answers]]
    return hashlib.sha256(jsontext.dumps(key).encode()).hexdigest()


def add(connection: Connection, found: Sequence[tuple[int, Entry]]) -> list[int | None]:
    """Store leads, each with the id of its event; the id of each, in their order.

    None for one that is kept as a duplicate of a lead that is here already, or stands before it.
    """
    if not found:
        return []
    ids = list(connection.scalars(_ADD, [{"event_id": event_id, **entry.row} for event_id, entry in found]))
    entries = {lead_id: entry for lead_id, (_event, entry) in zip(ids, found, strict=True)}
    phones.note(connection, {lead_id: entry.endings for lead_id, entry in entries.items()})
    owners = _claim(connection, entries)
    copies = [
        _Copy(lead_id, owners[lead_id], event_id, entry.received)
        for lead_id, (event_id, entry) in zip(ids, found, strict=True)
        if owners[lead_id] != lead_id
    ]
    _keep_copies(connection, copies)
    asked = [lead_id for lead_id, entry in entries.items() if entry.fate.waits_for == "lookup"]
    jobs.announce(connection, Kind.LOOKUP, [lead_id for lead_id in asked if owners[lead_id] == lead_id])
    return [lead_id if owners[lead_id] == lead_id else None for lead_id in ids]


def _claim(connection: Connection, entries: Mapping[int, Entry]) -> dict[int, int]:
    """For each lead the one that owns its identity: itself, or the one that was first."""
    owns: dict[str, tuple[int, datetime]] = {}
    for lead_id, entry in entries.items():
        owns.setdefault(entry.identity, (lead_id, entry.received))
    claims = [_owned(identity, *owner) for identity, owner in owns.items()]
    won = set(connection.scalars(_CLAIM[connection.dialect.name], claims))
    for batch in rows.batches([identity for identity in owns if identity not in won]):
        for row in connection.execute(_OWNERS, {"claimed": batch}):
            owns[row.identity] = (row.lead_id, row.seen_at)
    owners, taken_over = {}, set()
    for lead_id, entry in entries.items():
        owner, seen = owns[entry.identity]
        if owner != lead_id and entry.window is not None and abs(entry.received - seen) >= entry.window:
            owner, _seen = owns[entry.identity] = (lead_id, entry.received)
            taken_over.add(entry.identity)
        owners[lead_id] = owner
    if taken_over:
        changes = [_owned(identity, *owns[identity]) | {"claimed": identity} for identity in taken_over]
        connection.execute(_TAKE_OVER, changes)
    return owners


def _owned(identity: str, lead_id: int, seen: datetime) -> dict[str, Any]:
    return {"identity": identity, "lead_id": lead_id, "seen_at": seen}


@dataclass(frozen=True, slots=True)
class _Copy:
    """A lead that is here already."""

    lead_id: int
    owner: int
    event_id: int
    received: datetime


def _keep_copies(connection: Connection, copies: Sequence[_Copy]) -> None:
    """Say of which lead each is a copy; that of a lead whose person was erased is kept without answers, too."""
    if not copies:
        return
    reasons = {one.lead_id: f"the same submission is here already, as l{one.owner}" for one in copies}
    fates = {lead_id: Fate(LeadState.DUPLICATE, reason) for lead_id, reason in reasons.items()}
    changes = [{"lead_id": one.lead_id, "duplicate_of": one.owner, **of_fate(fates[one.lead_id])} for one in copies]
    connection.execute(CHANGE, changes)
    erased = erasures.erased(connection, [one.owner for one in copies])
    for one in copies:
        if one.owner in erased:
            erasures.blank_leads(connection, [one.lead_id], one.received)
            erasures.blank_events(connection, [one.event_id])
