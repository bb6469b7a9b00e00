"""What every table needs, whichever database it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

Item = TypeVar("Item")

#: Rows that are loaded or changed together: a statement takes only so many ids, and a transaction should be short.
TOGETHER = 500


def batches(items: Sequence[Item], together: int = TOGETHER) -> Iterator[Sequence[Item]]:
    """`items` in their order, `together` at a time.

    >>> list(batches("abcde", 2))
    ['ab', 'cd', 'e']
    """
    for start in range(0, len(items), together):
        yield items[start : start + together]


def insert(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert one row; its id."""
    key = connection.execute(table.insert(), dict(values)).inserted_primary_key
    return int(key[0]) if key else 0


def upsert(
    connection: Connection, table: Table, values: Mapping[str, Any] | list[dict[str, Any]]
) -> sqlite.Insert | postgresql.Insert:
    """An insert that can say what to do on a conflict, in the words of this database."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).values(values)
    return sqlite.insert(table).values(values)


def attempt(connection: Connection, change: Callable[[], None]) -> bool:
    """Make one change; False, and nothing of it, when the database refuses a text in it (too long, say)."""
    try:
        with connection.begin_nested():
            change()
    except (DataError, IntegrityError, UnicodeError):
        return False
    except OperationalError as error:
        if str(getattr(error.orig, "sqlstate", "")).startswith("54"):  # PostgreSQL: a limit is exceeded
            return False
        raise
    return True
