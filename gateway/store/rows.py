"""What every table needs, whichever database it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from sqlalchemy import Column, Connection, Insert, Table, Update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, SQLAlchemyError

Item = TypeVar("Item")
Made = TypeVar("Made")

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


def unless_there(table: Table, *returning: Column[Any]) -> Mapping[str, Insert]:
    """By the database's name: an insert of many rows that leaves alone what is there; it returns these columns of those
    that are new."""
    made = {
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(),
    }
    return {name: insert.returning(*returning) for name, insert in made.items()} if returning else made


def together(
    connection: Connection,
    items: Sequence[Item],
    change: Callable[[Sequence[Item]], list[Made]],
    refused: Callable[[Item], None],
) -> list[Made]:
    """Make one change of many items, and of fewer when the database refuses a text among them (too long, say).

    What the changes made, in the order of the items. `refused`: told of each item that is refused when it is alone.
    """
    if not items:
        return []
    made = _attempt(connection, partial(change, items))
    if made is not None:
        return made
    if len(items) == 1:
        refused(items[0])
        return []
    half = len(items) // 2
    parts = (items[:half], items[half:])
    return [one for part in parts for one in together(connection, part, change, refused)]


def is_refusal(error: BaseException) -> bool:
    """Whether the database is well, and only refuses a text that it was given (too long, say)."""
    if isinstance(error, OperationalError):
        return str(getattr(error.orig, "sqlstate", "")).startswith("54")  # PostgreSQL: a limit is exceeded
    return isinstance(error, DataError | IntegrityError | UnicodeError)


def _attempt(connection: Connection, change: Callable[[], list[Made]]) -> list[Made] | None:
    """Make one change; None, and nothing of it, when the database refuses a text in it."""
    try:
        with connection.begin_nested():
            return change()
    except (SQLAlchemyError, UnicodeError) as error:
        if is_refusal(error):
            return None
        raise


def change(connection: Connection, statement: Update, changes: Sequence[Mapping[str, Any]]) -> int:
    """Run one update with each of these values; how many rows it met. Those that name the same columns go together."""
    alike: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for values in changes:
        alike.setdefault(tuple(values), []).append(values)
    # one alone is given as such: a list of one costs PostgreSQL a pipeline
    given = (group if len(group) > 1 else group[0] for group in alike.values())
    return sum(connection.execute(statement, values).rowcount for values in given)
