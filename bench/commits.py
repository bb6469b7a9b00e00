"""What one commit a request allows: one lead a commit, one after the other, on a ledger of its own.

    python bench/commits.py FOLDER TIMES

Prints the milliseconds of each as JSON. Nothing of the gateway's own way of writing is in it but its tables and
what its ledgers are set to, so it stays the same measure whatever becomes of that.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from load import lead

from gateway.store.ledger import Ledger

MILLI = 1000.0

_INSERT = (
    "INSERT INTO events (source, form, received_at, content_type, query, body, state, reason)"
    " VALUES ('website', 'price-list', '2026-01-01', 'application/json', '', ?, 'new', '')"
)


def commits(folder: Path, times: int, environment: Mapping[str, str]) -> list[float]:
    """Milliseconds of each, in a process of its own with this environment."""
    command = [sys.executable, __file__, str(folder), str(times)]
    done = subprocess.run(command, env=dict(environment), stdout=subprocess.PIPE, check=True)
    found: list[float] = json.loads(done.stdout)
    return found


def _measure(folder: Path, times: int) -> list[float]:
    ledger = Ledger(f"sqlite:///{folder / 'commits.db'}")
    ledger.migrate()
    ledger.close()
    connection = sqlite3.connect(ledger.file, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")
    found = [_commit(connection, json.dumps(lead()).encode()) for _ in range(times)]
    connection.close()
    return found


def _commit(connection: sqlite3.Connection, body: bytes) -> float:
    began = time.perf_counter()
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(_INSERT, (body,))
    connection.execute("COMMIT")
    return (time.perf_counter() - began) * MILLI


if __name__ == "__main__":
    print(json.dumps(_measure(Path(sys.argv[1]), int(sys.argv[2]))))
