"""Procrastinate's own tables: they stand beside ours, and our migrate command brings them to what is installed.

They are in the same PostgreSQL schema: its functions find its tables by the search path, so a schema of their own would
have to be on the path of every connection; and all of them are called procrastinate_… already. Procrastinate does not
write down which of its migrations a database has seen, so a table of ours does.
"""

from __future__ import annotations

from importlib import resources
from typing import Any

from sqlalchemy import Column, Connection, MetaData, Table, Text, inspect

from gateway.errors import SchemaMismatch

#: Apart from the ledger's tables: it tells of this database, and is not moved to another.
_applied = Table("procrastinate_applied", MetaData(), Column("migration", Text, primary_key=True))

_SCHEMA = "schema.sql"


def prepare(connection: Connection) -> None:
    """Make Procrastinate's tables, or bring them to the installed version. Raises SchemaMismatch if they are newer."""
    _refuse_newer(connection)
    known, seen = _installed(), _seen(connection)
    if seen is None:
        _applied.create(connection)
        _run(connection, _SCHEMA)
    else:
        known = [migration for migration in known if migration not in seen]
        for migration in known:
            _run(connection, f"migrations/{migration}")
    if known:
        connection.execute(_applied.insert(), [{"migration": migration} for migration in known])


def check(connection: Connection) -> None:
    """Raises SchemaMismatch unless Procrastinate's tables are of the installed version."""
    _refuse_newer(connection)
    seen = _seen(connection)
    if seen is None or not seen.issuperset(_installed()):
        raise SchemaMismatch("The job tables are older than the installed Procrastinate: run `gateway migrate`.")


def _refuse_newer(connection: Connection) -> None:
    newer = sorted((_seen(connection) or set()).difference(_installed()))
    if newer:
        raise SchemaMismatch(
            f"The job tables were made by a newer Procrastinate ({newer[-1]}): install that version again."
        )


def _seen(connection: Connection) -> set[str] | None:
    """The migrations that this database has; None when it knows nothing of Procrastinate."""
    if not inspect(connection).has_table(_applied.name):
        return None
    return set(connection.scalars(_applied.select()))


def _files() -> Any:
    return resources.files("procrastinate.sql")


def _installed() -> list[str]:
    """The migrations of the installed version, in their order: each name begins with a version."""
    found = (_files() / "migrations").iterdir()
    return sorted(file.name for file in found if file.name.endswith(".sql"))


def _run(connection: Connection, name: str) -> None:
    """Run a file of statements as it is: nothing in it stands for a value."""
    raw: Any = connection.connection.driver_connection
    raw.execute((_files() / name).read_text(encoding="utf-8"))
