"""How many leads each form sent lately."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway.store.tables import leads


def sent_since(connection: Connection, since: datetime) -> dict[tuple[str, str], int]:
    """(source, form) → how many leads it sent since then, whatever became of them."""
    first = _first_since(connection, since)
    found = (
        select(leads.c.source, leads.c.form, func.count())
        .where(leads.c.id + 0 >= first)  # not by the rows themselves: the index of the forms has all that is asked
        .group_by(leads.c.source, leads.c.form)
    )
    return {(row[0], row[1]): row[2] for row in connection.execute(found)}


def _first_since(connection: Connection, since: datetime) -> int:
    """The id of the first lead that came since then; they came in the order of their ids."""
    low, high = 1, (connection.execute(select(func.max(leads.c.id))).scalar_one() or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = select(leads.c.received_at).where(leads.c.id >= middle).order_by(leads.c.id).limit(1)
        if connection.execute(found).scalar_one() < since:
            low = middle + 1
        else:
            high = middle
    return low
