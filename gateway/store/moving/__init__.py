"""One ledger's rows → another database: all of them, compared afterwards, or none."""

from __future__ import annotations

from sqlalchemy import Connection, Table, func, select, text

from gateway.errors import GatewayError
from gateway.store.moving.carrying import carry, set_sequences
from gateway.store.moving.comparing import compare
from gateway.store.moving.progress import Progress
from gateway.store.tables import heartbeats, metadata

__all__ = ["TABLES", "Progress", "count", "filled", "take_over"]

#: What is carried, in an order in which no row names one that is not there yet. Who is alive is no history.
TABLES: tuple[Table, ...] = tuple(table for table in metadata.sorted_tables if table is not heartbeats)

#: The web processes of the other side may run already: what they would add waits until the rows are there.
_LOCK = f"LOCK TABLE {', '.join(table.name for table in TABLES)} IN SHARE ROW EXCLUSIVE MODE"


def count(old: Connection) -> dict[str, int]:
    """Table → how many rows it has."""
    return {table.name: old.execute(select(func.count()).select_from(table)).scalar_one() for table in TABLES}


def filled(new: Connection) -> str:
    """The name of a table that has rows; "" when all are empty."""
    return next((table.name for table in TABLES if new.execute(select(table).limit(1)).first()), "")


def take_over(old: Connection, new: Connection, progress: Progress) -> None:
    """Carry every row from `old` (SQLite) to `new` (PostgreSQL, migrated) inside the transactions of both, and compare
    them one by one. When `new` has these very rows already, from a move that died at its end, they stay.

    Raises GatewayError when a row cannot be carried, when it came out otherwise, or when `new` has other rows.
    """
    new.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # a person may suspend the command
    new.execute(text("SET LOCAL lock_timeout = '10s'"))
    new.execute(text(_LOCK))
    already = filled(new)
    if not already:
        for table in TABLES:
            carry(old, new, table, progress)
        set_sequences(old, new)
    for table in TABLES:
        key = compare(old, new, table, progress)
        if key and already:
            raise GatewayError(f"it is not empty ({already} has rows); name an empty one")
        if key:
            raise GatewayError(f"the row {key} did not come out as it went in")
