"""What a person asks for once more. Each is a conditional update: what changed meanwhile is left alone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from gateway import jsontext
from gateway.model import LeadState
from gateway.store import phones
from gateway.store.leads import StoredLead
from gateway.store.tables import deliveries, leads


def plan(
    connection: Connection, stored: StoredLead, waived: Iterable[str], now: datetime, *, next_round: bool = False
) -> bool:
    """Let a lead be planned again, with these limits lifted; the worker does it. `next_round`: it was sent before."""
    values = _waits("plan", now) | {"waived": " ".join(waived), "reason": "a person asked for it again"}
    if next_round:
        values["round"] = stored.round + 1
    return _change(connection, stored, values)


def look_up(connection: Connection, stored: StoredLead, waived: Iterable[str], now: datetime) -> bool:
    """Let its source be asked again."""
    return _change(connection, stored, _waits("lookup", now) | {"waived": " ".join(waived)})


def edit(connection: Connection, stored: StoredLead, edits: Iterable[dict[str, str]]) -> None:
    """Store the lead's answers as `stored` has them now, and what was changed beside what was changed before."""
    answers = [{"names": answer.names, "value": answer.value} for answer in stored.lead.answers]
    values = {"answers": jsontext.dumps(answers), "edits": jsontext.dumps([*stored.edits, *edits])}
    if _change(connection, stored, values):
        phones.note(connection, {stored.lead.id: phones.of_lead(stored.lead)})


def waive(connection: Connection, delivery_id: int, waived: Iterable[str]) -> None:
    """Lift limits for one call that has just been changed in this transaction, and so is ours alone."""
    connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(waived=" ".join(waived)))


def _waits(waits_for: str, now: datetime) -> dict[str, Any]:
    return {"state": LeadState.WAITING, "waits_for": waits_for, "due_at": now, "tries": 0}


def _change(connection: Connection, stored: StoredLead, values: dict[str, Any]) -> bool:
    same = (leads.c.state == stored.state, leads.c.round == stored.round, leads.c.erased_at.is_(None))
    changed = update(leads).where(leads.c.id == stored.lead.id, *same)
    return connection.execute(changed.values(values)).rowcount == 1
