"""What is shown of a lead in a list: where it came from, what became of it, and why."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from gateway.model import Answer, Lead, LeadState
from gateway.store import rows
from gateway.store.found.wanted import of_first
from gateway.store.tables import deliveries, leads

_FIRST = deliveries.alias("first_call")

_LEAD = [
    leads.c[name]
    for name in (
        "id",
        "event_id",
        "source",
        "form",
        "received_at",
        "answers",
        "state",
        "reason",
        "duplicate_of",
        "plan",
        "erased_at",
    )
]
_CALL = [
    _FIRST.c[name].label(f"call_{name}")
    for name in ("id", "state", "reason", "rule", "campaign", "destination", "plan", "accepted_at", "receipt")
]
_LOAD: Select[Any] = select(*_LEAD, *_CALL, _FIRST.c.receipt_at.label("call_receipt_at")).select_from(
    leads.outerjoin(_FIRST, _FIRST.c.id == of_first("id"))
)


@dataclass(frozen=True, slots=True)
class Found:
    """A lead, and its first call where it has one."""

    lead: Lead  #: Without the facts around it.
    event_id: int
    state: str  #: Of its first call, where it is planned.
    reason: str
    rule: str = ""  #: That decided about it.
    call: Mapping[str, Any] = field(default_factory=dict)  #: AiSensy's body of what was planned; {} for nothing.
    accepted: datetime | None = None
    receipt: str = ""  #: WhatsApp's furthest word: "sent", "delivered", "read", "failed".
    receipt_at: datetime | None = None
    duplicate_of: int | None = None
    erased: bool = False

    @property
    def campaign(self) -> str:
        return str(self.call.get("campaignName", ""))

    @property
    def destination(self) -> str:
        """The phone number that the message goes to; "" where none was read."""
        return str(self.call.get("destination", ""))

    @property
    def called(self) -> str:
        """By which name its message speaks to the person."""
        return str(self.call.get("userName", ""))


def load(connection: Connection, ids: Sequence[int]) -> list[Found]:
    """These leads, in this order."""
    known: dict[int, Found] = {}
    for batch in rows.batches(ids):
        for row in connection.execute(_LOAD.where(leads.c.id.in_(batch))):
            known[row.id] = _found(row)
    return [known[one] for one in ids if one in known]


def _found(row: Row[Any]) -> Found:
    planned = row.state == LeadState.PLANNED and row.call_id is not None
    plan = json.loads((row.call_plan if planned else row.plan) or "{}")
    answers = tuple(Answer(tuple(one["names"]), _value(one["value"])) for one in json.loads(row.answers))
    return Found(
        lead=Lead(row.source, row.form, row.received_at, answers=answers, id=row.id),
        event_id=row.event_id,
        state=row.call_state if planned else row.state,
        reason=row.call_reason if planned else row.reason,
        rule=plan.get("rule", ""),
        call=plan.get("call", {}),
        accepted=row.call_accepted_at if planned else None,
        receipt=row.call_receipt if planned else "",
        receipt_at=row.call_receipt_at if planned else None,
        duplicate_of=row.duplicate_of,
        erased=row.erased_at is not None,
    )


def _value(raw: str | list[str]) -> str | tuple[str, ...]:
    return raw if isinstance(raw, str) else tuple(raw)
