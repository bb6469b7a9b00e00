"""The live mappings: every version stays, the newest is live."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select, text

from gateway import jsontext
from gateway.store import rows
from gateway.store.tables import mapping_versions


def live(connection: Connection) -> tuple[int, dict[str, str]]:
    """Number and files (name → text) of the live version; (0, {}) before the first."""
    newest = select(mapping_versions).order_by(mapping_versions.c.id.desc()).limit(1)
    row = connection.execute(newest).one_or_none()
    return (row.id, json.loads(row.files)) if row else (0, {})


def live_alone(connection: Connection) -> tuple[int, dict[str, str]]:
    """The same, and nobody else publishes until this transaction ends. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE mapping_versions IN EXCLUSIVE MODE"))
    return live(connection)


def newest(connection: Connection) -> int:
    """Number of the live version; 0 before the first."""
    return connection.execute(select(func.max(mapping_versions.c.id))).scalar_one() or 0


def publish(connection: Connection, files: Mapping[str, str], now: datetime) -> int:
    """Make these files the live version; its number."""
    values = {"published_at": now, "files": jsontext.dumps(dict(sorted(files.items())))}
    return rows.insert(connection, mapping_versions, values)
