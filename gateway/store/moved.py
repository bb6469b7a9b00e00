"""The mark on a SQLite ledger that was carried over to another database: nothing may use it any more.

The mark stands in the file itself, so a copy of it is marked too. Triggers refuse what a process still writes that
opened it before: its senders are told to come again, and nothing falls into a ledger that nobody reads.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect, text

from gateway.errors import GatewayError
from gateway.store.tables import Utc, metadata

#: Apart from the ledger's tables: it tells of this file alone.
_moved = Table("moved", MetaData(), Column("at", Utc, nullable=False), Column("place", Text, nullable=False))


def mark(connection: Connection, place: str, now: datetime) -> None:
    """Mark this ledger as moved to `place`, which names no password. From the commit on, it takes no row."""
    _moved.create(connection)
    connection.execute(_moved.insert(), {"at": now, "place": place})
    for table in metadata.sorted_tables:
        for change in ("INSERT", "UPDATE", "DELETE"):
            name = f"moved_{table.name}_{change.lower()}"
            refused = "SELECT RAISE(ABORT, 'this ledger was moved')"
            connection.execute(text(f"CREATE TRIGGER {name} BEFORE {change} ON {table.name} BEGIN {refused}; END"))


def refuse(connection: Connection) -> None:
    """Raises GatewayError when this ledger was moved: where to, and when."""
    if not inspect(connection).has_table(_moved.name):
        return
    row = connection.execute(_moved.select()).one()
    raise GatewayError(
        f"This ledger was moved to {row.place} on {row.at:%d %b %Y at %H:%M} UTC: set DATABASE_URL to that database."
    )
