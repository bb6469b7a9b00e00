"""The audit list: who did what in the console, and when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from gateway.store import rows
from gateway.store.tables import acts

#: Who did what a command on the server did.
SERVER = "the server"

#: How the line of a mapping that was saved ends, and so many of a file's lines are looked at.
_SAVED, _LINES = re.compile(r"as version (\d+)$"), 500


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did."""

    who: str
    address: str  #: From where.
    did: str  #: A sentence without its subject: "replayed it".
    about: str = ""  #: "l34", "website.yaml", …; "" for nothing in the ledger.
    at: datetime | None = None
    id: int = 0  #: 0 until stored.


def note(connection: Connection, act: Act, now: datetime) -> None:
    row = {"at": now, "who": act.who, "address": act.address, "did": act.did, "about": act.about}
    rows.insert(connection, acts, row)


def listing(connection: Connection, *, about: str = "", who: str = "", before: int = 0, limit: int = 50) -> list[Act]:
    """The newest first. `about`, `who`: only of this, only by them; `before`: only those with a smaller id."""
    found = select(acts).order_by(acts.c.id.desc()).limit(limit)
    if about:
        found = found.where(acts.c.about == about)
    if who:
        found = found.where(acts.c.who == who)
    if before:
        found = found.where(acts.c.id < before)
    return [Act(row.who, row.address, row.did, row.about, row.at, row.id) for row in connection.execute(found)]


def savers(connection: Connection, file: str) -> Mapping[int, str]:
    """Version of a mapping file → who saved it in the console."""
    found = ((_SAVED.search(one.did), one.who) for one in listing(connection, about=file, limit=_LINES))
    return {int(said[1]): who for said, who in found if said}
