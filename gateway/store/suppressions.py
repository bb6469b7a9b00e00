"""Numbers that are never messaged. The key is a hash, so that a number stays known when its person is erased."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, delete, func, select, update

from gateway.store import rows
from gateway.store.tables import suppressions

#: Before each number, so that the hash is none that others make of it. Whoever tries all numbers still finds it.
_PREFIX = "gateway suppression "

_AMONG = select(suppressions.c.hash, suppressions.c.reason).where(
    suppressions.c.hash.in_(bindparam("keys", expanding=True))
)


def key(number: str) -> str:
    """What stands for an E.164 number when it may be written down no more.

    >>> key("+919876543210") == key("+919876543210"), len(key(""))
    (True, 64)
    """
    return hashlib.sha256(f"{_PREFIX}{number}".encode()).hexdigest()


def add(connection: Connection, number: str, reason: str, now: datetime) -> bool:
    """Message a number no more; False when it is so already."""
    return bool(add_all(connection, {number: reason}, now))


def add_all(connection: Connection, numbers: Mapping[str, str], now: datetime) -> set[str]:
    """Message numbers (each with its reason) no more; those of them that are new. Of two workers, one adds it."""
    values = [
        {"hash": key(number), "number": number, "reason": reason, "since": now}
        for number, reason in sorted(numbers.items())  # in one order, so that two of these never wait for each other
    ]
    added: set[str] = set()
    for batch in rows.batches(values):
        statement = rows.upsert(connection, suppressions, list(batch)).on_conflict_do_nothing()
        added |= set(connection.scalars(statement.returning(suppressions.c.hash)))
    return {number for number in numbers if key(number) in added}


def remove(connection: Connection, number: str) -> bool:
    """Let a number be messaged again; False when it was not suppressed."""
    return connection.execute(delete(suppressions).where(suppressions.c.hash == key(number))).rowcount == 1


def suppressed(connection: Connection, numbers: Collection[str]) -> dict[str, str]:
    """Those of these numbers that are never messaged, each with the reason."""
    by_key = {key(number): number for number in numbers}
    found: dict[str, str] = {}
    for batch in rows.batches(list(by_key)):
        found |= {by_key[row.hash]: row.reason for row in connection.execute(_AMONG, {"keys": batch})}
    return found


def listing(connection: Connection, *, number: str = "", limit: int | None = 50) -> Sequence[RowMapping]:
    """Number ("" once erased), reason and since, the newest first; `number`: only this one."""
    found = select(suppressions.c.number, suppressions.c.reason, suppressions.c.since)
    if number:
        found = found.where(suppressions.c.hash == key(number))
    newest = (suppressions.c.since.desc(), suppressions.c.hash)
    return connection.execute(found.order_by(*newest).limit(limit)).mappings().all()


def count(connection: Connection) -> int:
    return int(connection.execute(select(func.count()).select_from(suppressions)).scalar_one())


def erase(connection: Connection, number: str) -> int:
    """Forget how a number reads; it stays suppressed. How many rows named it."""
    named = update(suppressions).where(suppressions.c.hash == key(number), suppressions.c.number != "")
    return connection.execute(named.values(number="", reason="its person was erased")).rowcount
