"""What drifted in each form, so that each is logged once; and which forms have leads to look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from gateway.store import rows
from gateway.store.tables import drifts, leads

#: Longer answers are noted by their start: an index holds no more.
_LONGEST = 200

#: A form: the source and its name there.
Form = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Noted:
    """A drift that was found before."""

    kind: str
    answer: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Drifted:
    """A drift of some form, as it was noted."""

    source: str
    form: str
    kind: str
    answer: str
    since: datetime
    says: str


def standing(connection: Connection) -> list[Drifted]:
    """What drifted in any form, the latest first."""
    found = connection.execute(select(drifts).order_by(drifts.c.since.desc(), drifts.c.answer))
    return [Drifted(row.source, row.form, row.kind, row.answer, row.since, row.says) for row in found]


def newest_lead(connection: Connection) -> int:
    """The id of the newest lead; 0 when there is none."""
    return connection.execute(select(func.max(leads.c.id))).scalar_one() or 0


def forms(connection: Connection, source: str = "") -> dict[Form, int]:
    """Every form (of one source, if given) that ever had a lead, and how many it had."""
    found = select(leads.c.source, leads.c.form, func.count()).group_by(leads.c.source, leads.c.form)
    if source:
        found = found.where(leads.c.source == source)
    return {(row[0], row[1]): row[2] for row in connection.execute(found.order_by(leads.c.source, leads.c.form))}


def forms_after(connection: Connection, lead_id: int) -> list[Form]:
    """The forms with leads newer than this one, each once."""
    found = select(leads.c.source, leads.c.form).where(leads.c.id > lead_id)  # with DISTINCT, SQLite scans all leads
    return list(dict.fromkeys((row.source, row.form) for row in connection.execute(found)))


def forms_since(connection: Connection, moment: datetime) -> list[Form]:
    """The forms whose newest lead came at this moment or later; of each form one lead is read."""
    newest = select(func.max(leads.c.id)).group_by(leads.c.source, leads.c.form)
    found = select(leads.c.source, leads.c.form).where(leads.c.id.in_(newest), leads.c.received_at >= moment)
    return [(row.source, row.form) for row in connection.execute(found)]


def noted(connection: Connection, form: Form) -> list[Noted]:
    """What was found in a form before."""
    source, name = form
    found = select(drifts).where(drifts.c.source == source, drifts.c.form == name)
    return [Noted(row.kind, row.answer, row.since) for row in connection.execute(found)]


def enter(connection: Connection, form: Form, found: Noted, says: str) -> bool:
    """Note what was found; False when it is noted already, whoever found it."""
    source, name = form
    key = {"source": source, "form": name, "kind": found.kind, "answer": key_of(found.answer)}
    statement = rows.upsert(connection, drifts, key | {"since": found.since, "says": says})
    entered = statement.on_conflict_do_nothing().returning(drifts.c.answer)
    return connection.execute(entered).first() is not None


def remove(connection: Connection, form: Form, kind: str, answer: str) -> bool:
    """Let go of what is no longer so; False when another did."""
    source, name = form
    mine = delete(drifts).where(drifts.c.source == source, drifts.c.form == name, drifts.c.kind == kind)
    return connection.execute(mine.where(drifts.c.answer == key_of(answer))).rowcount == 1


def key_of(answer: str) -> str:
    """What an answer is noted under."""
    return answer[:_LONGEST]
