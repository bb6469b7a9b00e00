"""Who is signed in. They stand in the ledger, so all web processes know them, and one that is ended is over."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, or_, select, update

from gateway.store.tables import sessions

#: A session ends when nobody used it for so long, and after so long whatever happens.
IDLE, LONGEST = timedelta(hours=12), timedelta(days=7)

#: How long phone numbers are shown in full once somebody asked for it.
PHONES = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Session:
    """One browser that is signed in."""

    hash: str
    name: str
    stamp: str  #: Of the password that was given.
    used: datetime
    phones_until: datetime | None


@dataclass(frozen=True, slots=True)
class Presence:
    """Where somebody is signed in."""

    browsers: int
    used: datetime  #: When one of them was used last.


def begin(connection: Connection, name: str, password: str, now: datetime) -> str:
    """Sign somebody in; the cookie's value. `password`: its hash."""
    over = or_(sessions.c.used_at < now - IDLE, sessions.c.began_at < now - LONGEST)
    connection.execute(delete(sessions).where(over))
    cookie = secrets.token_urlsafe(32)
    values = {"hash": _hash(cookie), "name": name, "stamp": stamp(password), "began_at": now, "used_at": now}
    connection.execute(sessions.insert(), values)
    return cookie


def of(connection: Connection, cookie: str, now: datetime) -> Session | None:
    """The session of a cookie; None: there is none, or it is over."""
    found = select(sessions).where(
        sessions.c.hash == _hash(cookie), sessions.c.used_at >= now - IDLE, sessions.c.began_at >= now - LONGEST
    )
    row = connection.execute(found).one_or_none()
    return Session(row.hash, row.name, row.stamp, row.used_at, row.phones_until) if row else None


def presences(connection: Connection, now: datetime) -> dict[str, Presence]:
    """Who is signed in, by name."""
    alive = (sessions.c.used_at >= now - IDLE, sessions.c.began_at >= now - LONGEST)
    last = func.max(sessions.c.used_at, type_=sessions.c.used_at.type)
    found = select(sessions.c.name, func.count().label("browsers"), last.label("used")).where(*alive)
    return {row.name: Presence(row.browsers, row.used) for row in connection.execute(found.group_by(sessions.c.name))}


def use(connection: Connection, session: Session, now: datetime) -> None:
    connection.execute(update(sessions).where(sessions.c.hash == session.hash).values(used_at=now))


def show_phones(connection: Connection, session: Session, until: datetime | None) -> None:
    """Show phone numbers in full until then; None: no more."""
    connection.execute(update(sessions).where(sessions.c.hash == session.hash).values(phones_until=until))


def end(connection: Connection, session: Session) -> None:
    connection.execute(delete(sessions).where(sessions.c.hash == session.hash))


def end_all(connection: Connection, name: str) -> None:
    """Sign a member out everywhere."""
    connection.execute(delete(sessions).where(sessions.c.name == name))


def stamp(password: str) -> str:
    """What tells whether a password is still the one that a session began with. `password`: its hash."""
    return hashlib.sha256(password.encode()).hexdigest()[:32]


def _hash(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
