"""Leads: one per (source, form, submission); what happens to each, and when."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from gateway import jsontext, planjson
from gateway.model import Answer, Lead, LeadState, Plan
from gateway.store import erasures, phones, rows
from gateway.store.tables import WAITING, identities, leads

#: Leads that no mapping decides about, and that tell nothing of a form: button presses, copies, spam.
NOT_PEOPLE = (LeadState.TEST, LeadState.DUPLICATE, LeadState.SUSPECTED)


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


def add(
    connection: Connection, event_id: int, lead: Lead, fate: Fate, *, pause_key: str, window: timedelta
) -> int | None:
    """Store a lead; its id, or None when it is kept as a duplicate of one that is here already."""
    values = {
        "event_id": event_id,
        "source": lead.source,
        "form": lead.form,
        "submission": lead.submission,
        "received_at": lead.received,
        "pause_key": pause_key,
    }
    row = values | _answers(lead) | _fate(fate)
    lead_id = rows.insert(connection, leads, row)
    phones.note(connection, lead_id, [answer.value for answer in lead.answers])
    owner = _claim_identity(connection, lead, lead_id, window)
    if owner == lead_id:
        return lead_id
    reason = f"the same submission is here already, as l{owner}"
    duplicate = _fate(Fate(LeadState.DUPLICATE, reason)) | {"duplicate_of": owner}
    connection.execute(update(leads).where(leads.c.id == lead_id).values(duplicate))
    erasures.blank_duplicate(connection, lead_id, owner, event_id, lead.received)
    return None


def identity(lead: Lead) -> str:
    """What makes two leads the same one: the source's own id, else form and answers."""
    if lead.submission:
        key: list[Any] = [lead.source, lead.form, lead.submission]
    else:
        key = [lead.source, lead.form, [[answer.names[0], answer.value] for answer in lead.answers]]
    return hashlib.sha256(jsontext.dumps(key).encode()).hexdigest()


def _claim_identity(connection: Connection, lead: Lead, lead_id: int, window: timedelta) -> int:
    """The lead that owns this identity: this one, or the one that was first. Two workers cannot both win."""
    mine = {"identity": identity(lead), "lead_id": lead_id, "seen_at": lead.received}
    statement = rows.upsert(connection, identities, mine)
    if lead.submission:
        statement = statement.on_conflict_do_nothing(index_elements=["identity"])
    else:
        outside = or_(identities.c.seen_at <= lead.received - window, identities.c.seen_at >= lead.received + window)
        statement = statement.on_conflict_do_update(
            index_elements=["identity"], set_={"lead_id": lead_id, "seen_at": lead.received}, where=outside
        )
    connection.execute(statement)
    owner = select(identities.c.lead_id).where(identities.c.identity == mine["identity"])
    return int(connection.execute(owner).scalar_one())


def due(connection: Connection, waits_for: Sequence[str], now: datetime, limit: int) -> list[int]:
    """The ids of waiting leads whose time has come."""
    found = (
        select(leads.c.id)
        .where(WAITING, leads.c.due_at <= now, leads.c.waits_for.in_(waits_for))
        .order_by(leads.c.due_at, leads.c.id)
    )
    return list(connection.scalars(found.limit(limit)))


def load(connection: Connection, ids: Sequence[int]) -> list[StoredLead]:
    found = connection.execute(select(leads).where(leads.c.id.in_(ids)).order_by(leads.c.id))
    return [_stored(row) for row in found]


def settle(connection: Connection, stored: StoredLead, fate: Fate, *, lead: Lead | None = None, tries: int = 0) -> bool:
    """Give a waiting lead its fate, and its answers when a look-up brought them; False when another was first."""
    values = _fate(fate) | {"tries": tries} | ((_answers(lead) | {"form": lead.form}) if lead else {})
    mine = update(leads).where(leads.c.id == stored.lead.id, leads.c.state == LeadState.WAITING)
    if connection.execute(mine.values(values)).rowcount != 1:
        return False
    if lead:
        phones.note(connection, stored.lead.id, [answer.value for answer in lead.answers])
    return True


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


def _answers(lead: Lead) -> dict[str, Any]:
    answers = [{"names": answer.names, "value": answer.value} for answer in lead.answers]
    return {
        "answers": jsontext.dumps(answers),
        "about": jsontext.dumps(dict(lead.about)),
        "submitted_at": lead.submitted,
    }


def _fate(fate: Fate) -> dict[str, Any]:
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
