"""The live mappings: every version stays, the newest is live; each text stands once, under its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from gateway import jsontext
from gateway.store import rows
from gateway.store.tables import deliveries, mapping_texts, mapping_versions


@dataclass(frozen=True, slots=True)
class Published:
    """One version: what went live together."""

    number: int
    at: datetime
    hashes: Mapping[str, str]  #: File name → hash of its text.


@dataclass(frozen=True, slots=True)
class Change:
    """A version in which the text of one file changed."""

    number: int
    at: datetime
    hash: str  #: Of the text it got; "": the file went away.


def live(connection: Connection) -> tuple[int, dict[str, str]]:
    """Number and files (name → text) of the live version; (0, {}) before the first."""
    number = newest(connection)
    return (number, files_of(connection, number)) if number else (0, {})


def newest(connection: Connection) -> int:
    """Number of the live version; 0 before the first."""
    return connection.execute(select(func.max(mapping_versions.c.id))).scalar_one() or 0


def at(connection: Connection, number: int) -> datetime:
    """When a version went live."""
    moment: datetime = connection.execute(
        select(mapping_versions.c.published_at).where(mapping_versions.c.id == number)
    ).scalar_one()
    return moment


def listing(connection: Connection) -> list[Published]:
    """Every version, the oldest first."""
    found = connection.execute(select(mapping_versions).order_by(mapping_versions.c.id))
    return [Published(row.id, row.published_at, json.loads(row.files)) for row in found]


def changes(connection: Connection) -> dict[str, list[Change]]:
    """File name → the versions in which its text changed, the oldest first."""
    found: dict[str, list[Change]] = {}
    before: Mapping[str, str] = {}
    for one in listing(connection):
        for name in sorted({*before, *one.hashes}):
            if before.get(name) != one.hashes.get(name):
                found.setdefault(name, []).append(Change(one.number, one.at, one.hashes.get(name, "")))
        before = one.hashes
    return found


def appeared(changed: Sequence[Change], number: int | None) -> Change | None:
    """The change that gave a file the text which it had in version `number`; None: it was not there."""
    until = [one for one in changed if number is not None and one.number <= number]
    return until[-1] if until and until[-1].hash else None


def text_of(connection: Connection, hashed: str) -> str:
    """The text of a hash that some version names; "" stands for no file."""
    found = select(mapping_texts.c.text).where(mapping_texts.c.hash == hashed)
    return str(connection.execute(found).scalar_one()) if hashed else ""


def is_kept(connection: Connection, written: str) -> bool:
    """Whether this text was ever live."""
    found = select(mapping_texts.c.hash).where(mapping_texts.c.hash == hash_of(written))
    return connection.execute(found).first() is not None


def planned_by(connection: Connection, file: str, newest: int = 0) -> dict[int, int]:
    """Version → how many deliveries it planned by one file. `newest`: among so many of all files; 0: among all."""
    counted = select(deliveries.c.first_version, func.count()).where(deliveries.c.mapping == file)
    if newest:
        last = connection.execute(select(func.max(deliveries.c.id))).scalar_one() or 0
        counted = counted.where(deliveries.c.id > last - newest)
    found = connection.execute(counted.group_by(deliveries.c.first_version))
    return {row[0]: row[1] for row in found if row[0] is not None}


def files_of(connection: Connection, number: int) -> dict[str, str]:
    """The files (name → text) of one version; empty when there is none of this number."""
    found = select(mapping_versions.c.files).where(mapping_versions.c.id == number)
    hashes: dict[str, str] = json.loads(connection.execute(found).scalar_one_or_none() or "{}")
    wanted = select(mapping_texts).where(mapping_texts.c.hash.in_(hashes.values()))
    texts = {row.hash: row.text for row in connection.execute(wanted)}
    return {name: texts[hashed] for name, hashed in hashes.items()}


def publish(connection: Connection, files: Mapping[str, str], now: datetime) -> int:
    """Make these files the live version; its number."""
    hashes = {name: hash_of(files[name]) for name in sorted(files)}
    for name, hashed in hashes.items():
        statement = rows.upsert(connection, mapping_texts, {"hash": hashed, "text": files[name]})
        connection.execute(statement.on_conflict_do_nothing(index_elements=["hash"]))
    return rows.insert(connection, mapping_versions, {"published_at": now, "files": jsontext.dumps(hashes)})


def hash_of(written: str) -> str:
    """What a text is filed under: its SHA-256 in hex."""
    return hashlib.sha256(written.encode()).hexdigest()
