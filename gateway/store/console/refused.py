"""Passwords and codes that were wrong: so many of them, and one has to wait."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from gateway.store import rows
from gateway.store.tables import refused_entries

#: Only what was refused within this time counts.
WITHIN = timedelta(minutes=15)

#: So many may be wrong: of one name from one address, from one address, and from everywhere.
OF_NAME, OF_ADDRESS, OF_ALL = 5, 20, 200


def note(connection: Connection, address: str, key: str, now: datetime) -> None:
    """One more was wrong."""
    connection.execute(delete(refused_entries).where(refused_entries.c.at < now - WITHIN))
    rows.insert(connection, refused_entries, {"at": now, "address": address, "key": key[:100]})


def until(connection: Connection, address: str, key: str, now: datetime) -> datetime | None:
    """When the next try may be made; None: at once."""
    here = refused_entries.c.address == address
    limits: tuple[tuple[ColumnElement[bool], int], ...] = (
        (and_(here, refused_entries.c.key == key[:100]), OF_NAME),
        (here, OF_ADDRESS),
        (refused_entries.c.id > 0, OF_ALL),
    )
    waits = [_until(connection, mine, most, now) for mine, most in limits]
    return max((one for one in waits if one), default=None)


def forgive(connection: Connection, address: str, key: str) -> None:
    """The right one was given."""
    mine = (refused_entries.c.address == address, refused_entries.c.key == key[:100])
    connection.execute(delete(refused_entries).where(*mine))


def _until(connection: Connection, mine: ColumnElement[bool], most: int, now: datetime) -> datetime | None:
    recent = and_(mine, refused_entries.c.at >= now - WITHIN)
    count = connection.execute(select(func.count()).select_from(refused_entries).where(recent)).scalar_one()
    if count < most:
        return None
    oldest = select(refused_entries.c.at).where(recent).order_by(refused_entries.c.at.desc()).offset(most - 1).limit(1)
    at: datetime = connection.execute(oldest).scalar_one()
    return at + WITHIN
