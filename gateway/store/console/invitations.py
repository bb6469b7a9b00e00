"""One-time codes, by which a person sets the password of the console. Only a hash of each is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select

from gateway.store.console.members import Role
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


def make(connection: Connection, invitation: Invitation, now: datetime) -> str:
    """A new code; older ones for the same name end."""
    code = "-".join("".join(secrets.choice(_SIGNS) for _ in range(_LONG)) for _ in range(_GROUPS))
    same = invitations.c.name == invitation.name
    connection.execute(delete(invitations).where(same | (invitations.c.ends_at < now)))
    values = {"hash": _hash(code), "name": invitation.name, "role": str(invitation.role), "ends_at": now + LASTS}
    connection.execute(invitations.insert(), values)
    return code


def of(connection: Connection, code: str, now: datetime) -> Invitation | None:
    """What a code is for; None when it is none, or has ended."""
    found = select(invitations).where(invitations.c.hash == _hash(code), invitations.c.ends_at >= now)
    row = connection.execute(found).one_or_none()
    return Invitation(row.name, Role(row.role)) if row else None


def use(connection: Connection, code: str, now: datetime) -> Invitation | None:
    """The same, and the code ends by it."""
    found = of(connection, code, now)
    connection.execute(delete(invitations).where(invitations.c.hash == _hash(code)))
    return found


def end(connection: Connection, name: str) -> None:
    """The codes that were made for somebody count no more."""
    connection.execute(delete(invitations).where(invitations.c.name == name))


def _hash(code: str) -> str:
    """However it is typed: small letters, spaces, without the dashes."""
    plain = "".join(sign for sign in code.upper() if sign.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()
