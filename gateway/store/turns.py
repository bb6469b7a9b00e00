"""Turns: a row for each person and rule. Whoever holds it in a transaction decides about them alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from gateway.store.tables import turns

#: So many are pruned at one time.
_TOGETHER = 1_000


def person(number: str) -> str:
    """What stands for everything that is sent to a number."""
    return _key(f"person {number}")


def rule(file: str, name: str) -> str:
    """What stands for everything that a rule sends."""
    return _key(f"rule {file} {name}")


def take(connection: Connection, keys: Iterable[str], now: datetime) -> None:
    """Wait until nobody else decides about any of these; then it is our turn, to the end of the transaction.

    Everybody takes them in one order, so that no two wait for each other.
    """
    values = [{"key": key, "at": now} for key in sorted(set(keys))]
    if not values:
        return
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(turns)
    mine = statement.on_conflict_do_update(index_elements=["key"], set_={"at": statement.excluded.at})
    connection.execute(mine, values)


def prune(connection: Connection, before: datetime) -> None:
    """Forget those that nobody took since; what somebody holds is left for another time."""
    old = select(turns.c.key).where(turns.c.at < before).limit(_TOGETHER).with_for_update(skip_locked=True)
    connection.execute(delete(turns).where(turns.c.key.in_(old)))


def _key(what: str) -> str:
    return hashlib.sha256(what.encode()).hexdigest()
