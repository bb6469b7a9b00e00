"""Fills a ledger with leads of long ago: copies of one that took the whole way.

    python bench/fill.py DATABASE_URL LEADS

The ledger must hold the lead `MODEL` (posted, read, planned, sent), and no leads of a higher number. Every row that
belongs to it is copied, with a number, ids and moments of its own, so the copies are as real as the model, whatever
its tables look like. One in a hundred has failed, one in a hundred waits for its day.
"""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from gateway.store.ledger import Ledger
from gateway.store.tables import attempts, deliveries, events, identities, leads, phones

#: The number of the lead that is copied: it stands nowhere in its rows but for its own sake.
MODEL = "50607080"

#: The copies have numbers from here on, below those of any load.
FIRST = 1

#: Leads a transaction: few enough to fit into memory.
_BATCH = 2_000

#: The tables that grow with every lead, parents first, and the column by which a row belongs to one.
TABLES: Mapping[Table, str] = {
    events: "id",
    leads: "id",
    phones: "lead_id",
    identities: "lead_id",
    deliveries: "id",
    attempts: "id",
}

_REFERENCES = ("id", "event_id", "lead_id", "delivery_id")
_UNIQUE = ("identity", "token", "message_id")
_YEAR = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Fate:
    """How a copy differs from its model: most by their time alone."""

    ago: timedelta = timedelta()
    changes: dict[str, Any] = field(default_factory=dict)  #: Columns of its delivery.


@dataclass(frozen=True, slots=True)
class Model:
    """The one row of each table that is copied, and what of it is another in every copy."""

    table: Table
    row: dict[str, Any]
    numbered: tuple[str, ...]  #: Columns in which the number stands.
    moments: tuple[str, ...]

    def copy(self, lead: int, number: int, fate: Fate) -> dict[str, Any]:
        """The row of another lead."""
        row, written = dict(self.row), f"{number:08d}"
        for name in self.numbered:
            row[name] = _replaced(row[name], written)
        for name in self.moments:
            row[name] -= fate.ago
        row |= {name: lead for name in _REFERENCES if name in row}
        row |= {name: uuid.uuid4().hex for name in _UNIQUE if row.get(name)}
        return row | (fate.changes if self.table is deliveries else {})


def _replaced(value: Any, number: str) -> Any:
    return value.replace(MODEL.encode(), number.encode()) if isinstance(value, bytes) else value.replace(MODEL, number)


def fill(ledger: Ledger, count: int, first: int = FIRST) -> None:
    """Add so many leads of the last year."""
    copies = _models(ledger)
    for start in range(0, count, _BATCH):
        numbers = range(first + start, first + min(start + _BATCH, count))
        _copy(ledger, copies, {number: _fate(number) for number in numbers})


def add_due(ledger: Ledger, count: int, first: int) -> None:
    """Add leads whose first call may leave now; `first`: the number of the first, which nobody has."""
    now = datetime.now(UTC)
    waits = {"state": "scheduled", "tries": 0, "token": "", "message_id": "", "accepted_at": None, "left_at": None}
    waits |= {"due_at": now, "created_at": now, "changed_at": now}
    copies = [one for one in _models(ledger) if one.table is not attempts]
    _copy(ledger, copies, dict.fromkeys(range(first, first + count), Fate(changes=waits)))


def _fate(number: int) -> Fate:
    """Some time in the last year, and at the turn of a few that nothing was sent."""
    ago = timedelta(seconds=_YEAR * (number % 9_973) / 9_973)
    if number % 100 == 0:
        no = {"state": "failed", "reason": "this number is not on WhatsApp", "accepted_at": None, "message_id": ""}
        return Fate(ago, no)
    if number % 100 == 1:
        day = datetime.now(UTC) + timedelta(days=30)
        later = {"state": "scheduled", "accepted_at": None, "left_at": None, "message_id": "", "due_at": day}
        return Fate(ago, later)
    return Fate(ago)


def _copy(ledger: Ledger, copies: list[Model], fates: Mapping[int, Fate]) -> None:
    """One transaction; a lead and all that belongs to it have one id."""
    with ledger.write("filling") as connection:
        highest = max(connection.scalar(select(func.max(one.table.c[TABLES[one.table]]))) or 0 for one in copies)
        for one in copies:
            rows = [one.copy(highest + at, number, fate) for at, (number, fate) in enumerate(fates.items(), start=1)]
            connection.execute(insert(one.table), rows)
        _count_on(connection, copies, ledger)


def _count_on(connection: Connection, copies: list[Model], ledger: Ledger) -> None:
    """PostgreSQL: let the ids that it gives itself begin behind those that were given here."""
    for one in copies if not ledger.on_sqlite else []:
        if "id" in one.table.c:
            name = one.table.name
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))


def _models(ledger: Ledger) -> list[Model]:
    with ledger.read() as connection:
        return list(_read_models(connection))


def _read_models(connection: Connection) -> Iterator[Model]:
    """The rows of the model; raises LookupError when it is not there, or not sent yet."""
    last = select(deliveries.c.lead_id, deliveries.c.id).where(deliveries.c.destination.endswith(MODEL))
    found = connection.execute(last.order_by(deliveries.c.id)).first()
    if found is None:
        raise LookupError(f"no lead of the number {MODEL} has a delivery here")
    event = connection.scalar(select(leads.c.event_id).where(leads.c.id == found.lead_id))
    belongs = {
        events: events.c.id == event,
        leads: leads.c.id == found.lead_id,
        phones: phones.c.lead_id == found.lead_id,
        identities: identities.c.lead_id == found.lead_id,
        deliveries: deliveries.c.id == found.id,
        attempts: attempts.c.delivery_id == found.id,
    }
    for table in TABLES:
        row = connection.execute(select(table).where(belongs[table])).mappings().one()
        yield _model(table, dict(row))


def _model(table: Table, row: dict[str, Any]) -> Model:
    numbered = [name for name, value in row.items() if isinstance(value, str | bytes) and _has_number(value)]
    moments = [name for name, value in row.items() if isinstance(value, datetime)]
    return Model(table, row, tuple(numbered), tuple(moments))


def _has_number(value: str | bytes) -> bool:
    return MODEL.encode() in (value if isinstance(value, bytes) else value.encode())


if __name__ == "__main__":
    filled = Ledger(sys.argv[1])
    fill(filled, int(sys.argv[2]))
    filled.close()
