"""Budgets: how many calls may leave, as buckets of tokens that all processes draw from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from gateway.store import rows
from gateway.store.tables import budgets


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was left in a bucket at a moment."""

    tokens: float
    at: datetime


def take(connection: Connection, key: str, full: Bucket) -> Bucket | None:
    """A bucket, which is this transaction's alone from now on; a new one is `full`.

    None while another transaction has it: that one is over in milliseconds, and waiting for it could be a deadlock.
    """
    found = select(budgets).where(budgets.c.key == key)
    row = connection.execute(found.with_for_update(skip_locked=True)).one_or_none()
    if row:
        return Bucket(row.tokens, row.at)
    values = {"key": key, "tokens": full.tokens, "at": full.at}
    made = rows.upsert(connection, budgets, values).on_conflict_do_nothing(index_elements=["key"])
    return full if connection.execute(made.returning(budgets.c.key)).first() else None


def put(connection: Connection, key: str, bucket: Bucket) -> None:
    """Write down what is left of a bucket that is taken."""
    mine = update(budgets).where(budgets.c.key == key)
    connection.execute(mine.values(tokens=bucket.tokens, at=bucket.at))
