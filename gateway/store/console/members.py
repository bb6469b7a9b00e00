"""Those who may use the console."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Row, delete, func, select, update

from gateway.store import rows
from gateway.store.tables import members


class Role(StrEnum):
    LOOK = "look"  #: Sees everything, changes nothing.
    CHANGE = "change"

    @property
    def may(self) -> str:
        """What one may with it, in words: "may …"."""
        return "change things" if self is Role.CHANGE else "look, and change nothing"


@dataclass(frozen=True, slots=True)
class Member:
    """A person who may use the console."""

    name: str
    role: Role
    password: str = ""  #: As werkzeug hashes it.
    since: datetime | None = None  #: None: the one of GATEWAY_CONSOLE_PASSWORD_HASH.

    @property
    def may_change(self) -> bool:
        return self.role is Role.CHANGE


def key(name: str) -> str:
    """What makes two names the same.

    >>> key(" Asha  Rao ") == key("asha rao")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).split()).casefold()


def of(connection: Connection, name: str) -> Member | None:
    """The member of this name, however written."""
    found = connection.execute(select(members).where(members.c.key == key(name))).one_or_none()
    return _member(found) if found else None


def listing(connection: Connection) -> list[Member]:
    """All of them, by name."""
    return [_member(row) for row in connection.execute(select(members).order_by(members.c.key))]


def count(connection: Connection, role: Role | None = None) -> int:
    found = select(func.count()).select_from(members)
    if role:
        found = found.where(members.c.role == role)
    return int(connection.execute(found).scalar_one())


def put(connection: Connection, member: Member, now: datetime) -> None:
    """Enter a member, or give the one of this name another password and role."""
    new = {"role": str(member.role), "password": member.password}
    row = {"name": " ".join(member.name.split()), "key": key(member.name), "since": now} | new
    connection.execute(rows.upsert(connection, members, row).on_conflict_do_update(index_elements=["key"], set_=new))


def set_role(connection: Connection, name: str, role: Role) -> bool:
    """False: there is no such member."""
    found = update(members).where(members.c.key == key(name)).values(role=str(role))
    return connection.execute(found).rowcount == 1


def set_password(connection: Connection, name: str, password: str) -> bool:
    """`password`: its hash. False: there is no such member."""
    found = update(members).where(members.c.key == key(name)).values(password=password)
    return connection.execute(found).rowcount == 1


def remove(connection: Connection, name: str) -> bool:
    """False: there is no such member."""
    return connection.execute(delete(members).where(members.c.key == key(name))).rowcount == 1


def _member(row: Row[tuple[object, ...]]) -> Member:
    return Member(row.name, Role(row.role), row.password, row.since)
