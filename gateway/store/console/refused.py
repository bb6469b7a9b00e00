"""Passwords and codes that were wrong: so many of them, and one has to wait."""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from gateway.store import rows
from gateway.store.tables import refused_entries

#: Only what was refused within this time counts.
WITHIN = timedelta(minutes=15)

#: So many may be wrong: of one name from one address, from one address, and from everywhere.
OF_NAME, OF_ADDRESS, OF_ALL = 5, 20, 200


#: What is counted where a code was wrong, not a password. Nobody guesses one of 30 ** 16, so how many were wrong
#: elsewhere stops none: whoever holds the server gets in by a new code while others try passwords. (No name begins so.)
CODE = " code"


def note(connection: Connection, address: str, key: str, now: datetime) -> None:
    """One more try, which counts as wrong until it is forgiven."""
    connection.execute(delete(refused_entries).where(refused_entries.c.at < now - WITHIN))
    rows.insert(connection, refused_entries, {"at": now, "address": _place(address), "key": key[:100]})


def until(connection: Connection, address: str, key: str, now: datetime) -> datetime | None:
    """When the next try may be made; None: at once."""
    here, elsewhere = refused_entries.c.address == _place(address), refused_entries.c.key != CODE
    limits: tuple[tuple[ColumnElement[bool], int], ...] = (
        (and_(here, refused_entries.c.key == key[:100]), OF_ADDRESS if key == CODE else OF_NAME),
        (here, OF_ADDRESS),
        (elsewhere, OF_ALL),
    )
    waits = [_until(connection, mine, most, now) for mine, most in (limits[:1] if key == CODE else limits)]
    return max((one for one in waits if one), default=None)


def forgive(connection: Connection, address: str, key: str) -> None:
    """The right one was given."""
    mine = (refused_entries.c.address == _place(address), refused_entries.c.key == key[:100])
    connection.execute(delete(refused_entries).where(*mine))


def _place(address: str) -> str:
    """Whose an address is: who has one of IPv6 has the 2 ** 64 beside it.

    >>> _place("2001:db8:1:2:3:4:5:6"), _place("203.0.113.9")
    ('2001:db8:1:2::/64', '203.0.113.9')
    """
    try:
        known = ipaddress.ip_address(address)
    except ValueError:  # a Unix socket has none
        return address
    if isinstance(known, ipaddress.IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ipaddress.ip_network((known.packed, 64), strict=False))


def _until(connection: Connection, mine: ColumnElement[bool], most: int, now: datetime) -> datetime | None:
    recent = and_(mine, refused_entries.c.at >= now - WITHIN)
    count = connection.execute(select(func.count()).select_from(refused_entries).where(recent)).scalar_one()
    if count < most:
        return None
    oldest = select(refused_entries.c.at).where(recent).order_by(refused_entries.c.at.desc()).offset(most - 1).limit(1)
    at: datetime = connection.execute(oldest).scalar_one()
    return at + WITHIN
