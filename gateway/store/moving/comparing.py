"""Both sides of a move, row by row, as the ledger reads them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, Text, select

from gateway.store.moving.carrying import BATCH
from gateway.store.moving.progress import Progress, name_of


def compare(old: Connection, new: Connection, table: Table, progress: Progress) -> str:
    """The first row that is not the same on both sides, by its key; "" when all are."""
    number = 0
    for before, after in zip_longest(_rows(old, table), _rows(new, table)):
        if before != after:
            return name_of(table, (before or after)._asdict())
        number += 1
        if number % BATCH == 0:
            progress.rows("compared", table.name, BATCH)
    progress.rows("compared", table.name, number % BATCH)
    return ""


def _rows(connection: Connection, table: Table) -> Iterator[Row[Any]]:
    statement = select(table).order_by(*(_in_bytes(connection, column) for column in table.primary_key))
    return iter(connection.execute(statement, execution_options={"yield_per": BATCH}))


def _in_bytes(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """SQLite sorts texts by their bytes, PostgreSQL by a language unless it is told otherwise."""
    on_postgresql = connection.dialect.name == "postgresql"
    return column.collate("C") if on_postgresql and isinstance(column.type, Text) else column
