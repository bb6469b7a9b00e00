"""A person taken out of rows: states, times and counts stay, so that the books balance; texts go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, case, delete, func, select, update

from gateway import planjson
from gateway.model import Delivery, DeliveryState, EventState, LeadState, Plan
from gateway.store import rows
from gateway.store.tables import attempts, deliveries, events, leads, phones, receipts

#: What stands in the place of every reason.
ERASED = "its person was erased"


def lock(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Keep every worker from these leads and their deliveries until the transaction ends; the deliveries' ids."""
    found: list[int] = []
    for batch in rows.batches(ids):
        connection.execute(select(leads.c.id).where(leads.c.id.in_(batch)).order_by(leads.c.id).with_for_update())
        theirs = select(deliveries.c.id).where(deliveries.c.lead_id.in_(batch)).order_by(deliveries.c.id)
        found += connection.scalars(theirs.with_for_update())
    return found


def blank_leads(connection: Connection, ids: Sequence[int], now: datetime) -> int:
    """Leads without their answers. The hash of each stays, so that one that comes again is still a duplicate."""
    waits = leads.c.state == LeadState.WAITING
    values = {
        "submission": "",
        "answers": "[]",
        "about": "{}",
        "state": case((waits, str(LeadState.SKIPPED)), else_=leads.c.state),
        "reason": ERASED,
        "waits_for": "",
        "due_at": None,
        "plan": "",
        "edits": "",
        "erased_at": now,
    }
    for batch in rows.batches(ids):
        connection.execute(delete(phones).where(phones.c.lead_id.in_(batch)))
    return _blank(connection, leads, ids, values)


def erased(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of these leads whose person was erased."""
    found: set[int] = set()
    for batch in rows.batches(ids):
        theirs = select(leads.c.id).where(leads.c.id.in_(batch), leads.c.erased_at.is_not(None))
        found |= set(connection.scalars(theirs))
    return found


def blank_events(connection: Connection, ids: Sequence[int]) -> int:
    """Events without what was posted."""
    return _blank(connection, events, ids, {"body": b"", "query": "", "reason": ERASED})


def blank_deliveries(connection: Connection, made: Sequence[Delivery]) -> int:
    """Messages without recipient and words; no late answer settles them any more."""
    for one in made:
        values = {
            "plan": planjson.dumps(_bare(one.plan, one.campaign)),
            "destination": "",
            "reason": ERASED,
            "token": "",
            "message_id": "",
            "provider_id": "",
            "receipt_reason": "",
        }
        connection.execute(update(deliveries).where(deliveries.c.id == one.id).values(values))
    return len(made)


def _bare(plan: Plan, campaign: str) -> Plan:
    """What a plan says of its mapping, and of nobody."""
    bare = Plan(plan.kind, plan.mapping, plan.rule, plan.line, call={"campaignName": campaign})
    kept = ("send_again", "after", "unless", "without_receipts")
    return replace(bare, **{name: getattr(plan, name) for name in kept})


def blank_attempts(connection: Connection, delivery_ids: Sequence[int]) -> int:
    """Tries of these deliveries, without what was asked and answered."""
    values = {"token": "", "text": "", "request": "{}", "response": ""}
    return _blank(connection, attempts, delivery_ids, values, attempts.c.delivery_id)


def blank_receipts(connection: Connection, ids: Sequence[int]) -> int:
    """Receipts without what WhatsApp said; each is still known when it comes again."""
    values = {"body": b"", "number": "", "reason": ERASED, "message_id": ""}
    return _blank(connection, receipts, ids, values)


def receipts_of(connection: Connection, number: str, delivery_ids: Sequence[int]) -> list[int]:
    """The receipts of a number, and of these deliveries."""
    found = set(connection.scalars(select(receipts.c.id).where(receipts.c.number == number)))
    for batch in rows.batches(delivery_ids):
        found |= set(connection.scalars(select(receipts.c.id).where(receipts.c.delivery_id.in_(batch))))
    return sorted(found)


def sent_to(connection: Connection, number: str) -> list[int]:
    """The leads of which a message goes or went to a number."""
    found = select(deliveries.c.lead_id).where(deliveries.c.destination == number).distinct()
    return list(connection.scalars(found))


def loose_events(connection: Connection, after: int, limit: int) -> list[tuple[int, str, bytes]]:
    """The next events that are not read, or no lead came of: id, state, and all that was posted."""
    found = select(events.c.id, events.c.state, events.c.body, events.c.query).where(
        events.c.id > after, events.c.state != EventState.READ, func.length(events.c.body) > 0
    )
    rows_ = connection.execute(found.order_by(events.c.id).limit(limit))
    return [(row.id, row.state, row.body + b"\n" + row.query.encode()) for row in rows_]


def loose_receipts(connection: Connection, after: int, limit: int) -> list[tuple[int, str, bytes]]:
    """The same for receipts."""
    found = select(receipts.c.id, receipts.c.state, receipts.c.body).where(
        receipts.c.id > after, receipts.c.state != "read", func.length(receipts.c.body) > 0
    )
    return [(row.id, row.state, row.body) for row in connection.execute(found.order_by(receipts.c.id).limit(limit))]


def renewed(connection: Connection, table: Table, ids: Sequence[int]) -> bool:
    """Whether any of these events or receipts is to be read again by now."""
    return any(
        connection.execute(select(table.c.id).where(table.c.id.in_(batch), table.c.state == "new").with_for_update())
        .scalars()
        .all()
        for batch in rows.batches(ids)
    )


def count_attempts(connection: Connection, delivery_ids: Sequence[int]) -> int:
    found = 0
    for batch in rows.batches(delivery_ids):
        theirs = select(func.count()).select_from(attempts).where(attempts.c.delivery_id.in_(batch))
        found += int(connection.execute(theirs).scalar_one())
    return found


def out_now(connection: Connection, delivery_ids: Sequence[int]) -> int:
    """How many of these are being sent at this moment."""
    found = 0
    for batch in rows.batches(delivery_ids):
        out = select(func.count()).where(deliveries.c.id.in_(batch), deliveries.c.state == DeliveryState.SENDING)
        found += int(connection.execute(out).scalar_one())
    return found


def _blank(connection: Connection, table: Table, ids: Sequence[int], values: dict[str, Any], by: Any = None) -> int:
    column = table.c.id if by is None else by
    changed = 0
    for batch in rows.batches(ids):
        changed += connection.execute(update(table).where(column.in_(batch)).values(values)).rowcount
    return changed
