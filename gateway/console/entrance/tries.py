"""How often one may try a password or a code."""

from __future__ import annotations

from flask import abort
from sqlalchemy import Connection

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.store.console import refused


def count(desk: Desk, key: str) -> None:
    """Count a try before it is looked at, so that a crowd that comes at once is counted, too. Aborts when there were
    too many that nobody forgave. `key`: of the name that was typed."""
    with desk.ledger.read() as connection:
        _refuse_crowds(connection, key)
    with desk.ledger.write("try") as connection:  # one at a time: each sees the tries before it
        _refuse_crowds(connection, key)
        refused.note(connection, here.address(), key, clock.now())


def _refuse_crowds(connection: Connection, key: str) -> None:
    until = refused.until(connection, here.address(), key, clock.now())
    if until:
        abort(429, f"Too many tries were wrong. Come again at {until:%Y-%m-%d %H:%M} UTC.")
