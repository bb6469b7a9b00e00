"""Budgets: how many calls may leave, as buckets of tokens that all processes draw from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, update

from gateway.store import rows
from gateway.store.tables import budgets

_THIS = update(budgets).where(budgets.c.key == bindparam("this"))


@dataclass(frozen=True, slots=True)
class Bucket:
    """What was left in a bucket at a moment."""

    tokens: float
    at: datetime


def put(connection: Connection, key: str, bucket: Bucket) -> None:
    """Write down what is left in a bucket."""
    values = {"tokens": bucket.tokens, "at": bucket.at}
    if not rows.change(connection, _THIS, [{"this": key} | values]):
        connection.execute(insert(budgets), {"key": key} | values)
