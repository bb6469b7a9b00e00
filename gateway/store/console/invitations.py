"""One-time codes, by which a person sets the password of the console. Only a hash of each is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from gateway.store.console.members import Role, key
from gateway.store.tables import invitations

#: How long a code may be typed.
LASTS = timedelta(hours=1)

#: No letters or digits that look alike.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS, _LONG = 4, 4


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a code is for."""

    name: str  #: Whom; "": whoever types it chooses a name.
    role: Role
    ends: datetime | None = None  #: None until it is made.


def make(connection: Connection, invitation: Invitation, now: datetime) -> str:
    """A new code; older ones for the same name end."""
    code = "-".join("".join(secrets.choice(_SIGNS) for _ in range(_LONG)) for _ in range(_GROUPS))
    connection.execute(delete(invitations).where(invitations.c.ends_at < now))
    end(connection, invitation.name)
    values = {"hash": _hash(code), "name": invitation.name, "role": str(invitation.role), "ends_at": now + LASTS}
    connection.execute(invitations.insert(), values)
    return code


def of(connection: Connection, code: str, now: datetime) -> Invitation | None:
    """What a code is for; None when it is none, or has ended."""
    found = select(invitations).where(invitations.c.hash == _hash(code), invitations.c.ends_at >= now)
    row = connection.execute(found).one_or_none()
    return Invitation(row.name, Role(row.role), row.ends_at) if row else None


def listing(connection: Connection, now: datetime) -> list[Invitation]:
    """The codes that may still be typed, those that end first before the others."""
    found = select(invitations).where(invitations.c.ends_at >= now).order_by(invitations.c.ends_at)
    return [Invitation(row.name, Role(row.role), row.ends_at) for row in connection.execute(found)]


def use(connection: Connection, code: str, now: datetime) -> Invitation | None:
    """The same, and the code ends by it: of two who type it at once, one gets it."""
    found = of(connection, code, now)
    gone = connection.execute(delete(invitations).where(invitations.c.hash == _hash(code))).rowcount
    return found if gone else None


def end(connection: Connection, name: str) -> bool:
    """The codes that were made for somebody count no more, however the name is written. False: there was none."""
    names = {row.name for row in connection.execute(select(invitations.c.name))}
    same = [one for one in names if key(one) == key(name)]
    return bool(same) and connection.execute(delete(invitations).where(invitations.c.name.in_(same))).rowcount > 0


def end_all(connection: Connection) -> None:
    """No code counts any more."""
    connection.execute(delete(invitations))


def _hash(code: str) -> str:
    """However it is typed: small letters, spaces, without the dashes."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
