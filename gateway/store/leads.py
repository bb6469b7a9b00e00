"""Leads: one per (source, form, submission); what happens to each, and when."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from gateway import jsontext, planjson
from gateway.model import Answer, Lead, LeadState, Plan
from gateway.store import phones, rows
from gateway.store.tables import WAITING, leads

#: Leads that no mapping decides about, and that tell nothing of a form: button presses, copies, spam.
NOT_PEOPLE = (LeadState.TEST, LeadState.DUPLICATE, LeadState.SUSPECTED)

#: Of many leads: each row names its `lead_id`, and all of them the same columns.
CHANGE = update(leads).where(leads.c.id == bindparam("lead_id"))

_AMONG = leads.c.id.in_(bindparam("ids", expanding=True))
_STILL_WAITING = select(leads.c.id, leads.c.round).where(_AMONG, leads.c.state == LeadState.WAITING)
_LOAD = select(leads).where(_AMONG).order_by(leads.c.id)
_DUE = (
    select(leads.c.id)
    .where(WAITING, leads.c.due_at <= bindparam("now"), leads.c.waits_for.in_(bindparam("what", expanding=True)))
    .order_by(leads.c.due_at, leads.c.id)
    .limit(bindparam("at_most"))
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a lead."""

    state: LeadState
    reason: str = ""
    waits_for: str = ""  #: "lookup", "plan" or "mapping", while it is waiting.
    due: datetime | None = None  #: When something happens by itself; None: when a person or a mapping acts.
    plan: Plan | None = None
    mapping_version: int | None = None


@dataclass(frozen=True, slots=True)
class StoredLead:
    """A lead as the ledger has it."""

    lead: Lead
    event_id: int
    state: LeadState
    waits_for: str
    pause_key: str
    due: datetime | None
    tries: int
    round: int
    duplicate_of: int | None
    plan: Plan | None  #: Why it has no delivery; a planned lead's plan stands in its deliveries.
    mapping_version: int | None
    waived: tuple[str, ...] = ()  #: The limits that a person has lifted for it.
    edits: tuple[dict[str, str], ...] = ()  #: What a person changed before a replay: at, name, from, to.
    erased: datetime | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What becomes of a lead that waited."""

    stored: StoredLead
    fate: Fate
    lead: Lead | None = None  #: With the answers that a look-up brought; None: as it was.
    tries: int = 0


def due(connection: Connection, waits_for: Sequence[str], now: datetime, limit: int) -> list[int]:
    """The ids of waiting leads whose time has come."""
    return list(connection.scalars(_DUE, {"what": list(waits_for), "now": now, "at_most": limit}))


def load(connection: Connection, ids: Sequence[int]) -> list[StoredLead]:
    return [_stored(row) for row in connection.execute(_LOAD, {"ids": ids})]


def settle(connection: Connection, settled: Sequence[Settled]) -> list[Settled]:
    """Give waiting leads their fates; those of them that nobody was first with, and no new round was opened for."""
    waiting: set[tuple[int, int]] = set()
    for batch in rows.batches([one.stored.lead.id for one in settled]):
        waiting |= {(row.id, row.round) for row in connection.execute(_STILL_WAITING, {"ids": batch})}
    mine = [one for one in settled if (one.stored.lead.id, one.stored.round) in waiting]
    found = {one.stored.lead.id: one.lead for one in mine if one.lead}
    changes = [{"lead_id": one.stored.lead.id, "tries": one.tries, **of_fate(one.fate)} for one in mine]
    answers = [{"lead_id": lead_id, "form": lead.form, **of_answers(lead)} for lead_id, lead in found.items()]
    for some in filter(None, (changes, answers)):
        connection.execute(CHANGE, some)
    phones.note(connection, {lead_id: phones.of_lead(lead) for lead_id, lead in found.items()})
    return mine


def postpone(connection: Connection, ids: Sequence[int], until: datetime) -> None:
    """Keep leads that are being looked up from being looked up twice."""
    connection.execute(update(leads).where(leads.c.id.in_(ids)).values(due_at=until))


def wake(connection: Connection, waits_for: str, now: datetime, *, pause_key: str | None = None) -> None:
    """Let all that wait for one thing try at once."""
    waiting = update(leads).where(leads.c.state == LeadState.WAITING, leads.c.waits_for == waits_for)
    if pause_key is not None:
        waiting = waiting.where(leads.c.pause_key == pause_key)
    connection.execute(waiting.values(due_at=now))


def pause(connection: Connection, pause_key: str, reason: str, until: datetime) -> None:
    """Put off every look-up under one key."""
    waiting = update(leads).where(leads.c.state == LeadState.WAITING, leads.c.waits_for == "lookup")
    connection.execute(waiting.where(leads.c.pause_key == pause_key).values(due_at=until, reason=reason))


def of_event(connection: Connection, event_id: int) -> list[StoredLead]:
    return [
        _stored(row)
        for row in connection.execute(select(leads).where(leads.c.event_id == event_id).order_by(leads.c.id))
    ]


def listing(connection: Connection, *, state: str = "", source: str = "", limit: int | None = 50) -> list[StoredLead]:
    """The latest leads, newest first."""
    found = select(leads).order_by(leads.c.id.desc())
    if state:
        found = found.where(leads.c.state == state)
    if source:
        found = found.where(leads.c.source == source)
    return [_stored(row) for row in connection.execute(found.limit(limit))]


def of_form(connection: Connection, source: str, form: str, last: int) -> list[Lead]:
    """The newest `last` leads that tell of a form's questions, the newest first: answered, and by people."""
    found = select(leads).where(leads.c.source == source, leads.c.form == form)
    found = found.where(leads.c.state.not_in(NOT_PEOPLE), leads.c.answers != "[]")
    return [_lead(row) for row in connection.execute(found.order_by(leads.c.id.desc()).limit(last))]


def of_answers(lead: Lead) -> dict[str, Any]:
    """The columns that hold what a person typed, and the facts around it."""
    answers = [{"names": answer.names, "value": answer.value} for answer in lead.answers]
    return {
        "answers": jsontext.dumps(answers),
        "about": jsontext.dumps(dict(lead.about)),
        "submitted_at": lead.submitted,
    }


def of_fate(fate: Fate) -> dict[str, Any]:
    """The columns that say what becomes of a lead."""
    return {
        "state": fate.state,
        "reason": fate.reason,
        "waits_for": fate.waits_for,
        "due_at": fate.due,
        "plan": planjson.dumps(fate.plan) if fate.plan and fate.state is not LeadState.PLANNED else "",
        "mapping_version": fate.mapping_version,
    }


def _lead(row: Row[Any]) -> Lead:
    return Lead(
        id=row.id,
        source=row.source,
        form=row.form,
        submission=row.submission,
        received=row.received_at,
        answers=tuple(_answer(raw) for raw in json.loads(row.answers)),
        about=json.loads(row.about),
        reason=row.reason,
        submitted=row.submitted_at,
    )


def _stored(row: Row[Any]) -> StoredLead:
    return StoredLead(
        lead=_lead(row),
        event_id=row.event_id,
        state=LeadState(row.state),
        waits_for=row.waits_for,
        pause_key=row.pause_key,
        due=row.due_at,
        tries=row.tries,
        round=row.round,
        duplicate_of=row.duplicate_of,
        plan=planjson.loads(row.plan) if row.plan else None,
        mapping_version=row.mapping_version,
        waived=tuple(row.waived.split()),
        edits=tuple(json.loads(row.edits)) if row.edits else (),
        erased=row.erased_at,
    )


def _answer(raw: dict[str, Any]) -> Answer:
    value = raw["value"]
    return Answer(tuple(raw["names"]), tuple(value) if isinstance(value, list) else value)
