"""Rows out of SQLite and into PostgreSQL, by COPY and a batch at a time: memory does not grow with the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import GatewayError
from gateway.store.moving.progress import Progress, name_of
from gateway.store.tables import metadata

#: Rows that are read and written at a time: a body may be as large as GATEWAY_MAX_BODY, and a batch stands in memory.
BATCH = 200

Batch = Sequence[Row[Any]]


def carry(old: Connection, new: Connection, table: Table, progress: Progress) -> None:
    """Carry one table. Raises GatewayError that names the row which cannot be read, or which PostgreSQL refuses."""
    for batch in _batches(old, table):
        _write(new, table, batch)
        progress.rows("carried", table.name, len(batch))


def set_sequences(old: Connection, new: Connection) -> None:
    """No id is given twice: the next one is above the highest that was ever given, be its row erased since."""
    next_one = text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :highest)")
    for name, highest in old.execute(text("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")).all():
        if name in metadata.tables:
            new.execute(next_one, {"name": name, "highest": highest})


def _batches(old: Connection, table: Table) -> Iterator[Batch]:
    """By key, so that an event comes before one that names it, and a fault can be placed."""
    last = "its first row"
    statement = select(table).order_by(*table.primary_key)
    try:
        for batch in old.execute(statement, execution_options={"yield_per": BATCH}).partitions():
            yield batch
            last = name_of(table, batch[-1]._asdict())
    except (SQLAlchemyError, ValueError):
        raise GatewayError(f"the table {table.name} cannot be read near {last}; the file is damaged") from None


def _write(new: Connection, table: Table, batch: Batch) -> None:
    """All at once; when PostgreSQL refuses them, one by one until it is known which."""
    refusal = _copy(new, table, batch)
    if not refusal:
        return
    refused = next(((row, why) for row in batch if (why := _copy(new, table, [row]))), None)
    if refused is None:
        raise GatewayError(f"PostgreSQL refuses rows of the table {table.name}: {refusal}")
    row, why = refused
    raise GatewayError(f"PostgreSQL refuses the row {name_of(table, row._asdict())}: {why}")


def _copy(new: Connection, table: Table, batch: Batch) -> str:
    """Write rows; why PostgreSQL refuses them, or "". A connection that is lost is an error."""
    raw: Any = new.connection.driver_connection
    refusals: tuple[type[Exception], ...] = (_raw_errors(new), ValueError)
    try:
        with new.begin_nested(), raw.cursor() as cursor, cursor.copy(_statement(new, table)) as copy:
            for row in batch:
                copy.write_row(row)
    except refusals as error:
        if raw.closed:
            raise
        return str(error).partition("\n")[0].rstrip(".")
    return ""


def _raw_errors(new: Connection) -> type[Exception]:
    """What the database's own library raises where SQLAlchemy stands aside. It is not imported: SQLite needs none."""
    errors: type[Exception] = new.dialect.loaded_dbapi.Error
    return errors


def _statement(new: Connection, table: Table) -> str:
    quoted = new.dialect.identifier_preparer
    columns = ", ".join(map(quoted.format_column, table.columns))
    return f"COPY {quoted.format_table(table)} ({columns}) FROM STDIN"
