"""The live mappings: every version stays, the newest is live; each text stands once, under its hash."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from gateway import jsontext
from gateway.store import rows
from gateway.store.tables import mapping_texts, mapping_versions


@dataclass(frozen=True, slots=True)
class Published:
    """One version: what went live together."""

    number: int
    at: datetime
    hashes: Mapping[str, str]  #: File name → hash of its text.


def live(connection: Connection) -> tuple[int, dict[str, str]]:
    """Number and files (name → text) of the live version; (0, {}) before the first."""
    number = newest(connection)
    return (number, files_of(connection, number)) if number else (0, {})


def live_alone(connection: Connection) -> tuple[int, dict[str, str]]:
    """The same, and nobody else publishes until this transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE mapping_versions IN EXCLUSIVE MODE"))
    return live(connection)


def newest(connection: Connection) -> int:
    """Number of the live version; 0 before the first."""
    return connection.execute(select(func.max(mapping_versions.c.id))).scalar_one() or 0


def listing(connection: Connection) -> list[Published]:
    """Every version, the oldest first."""
    found = connection.execute(select(mapping_versions).order_by(mapping_versions.c.id))
    return [Published(row.id, row.published_at, json.loads(row.files)) for row in found]


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
