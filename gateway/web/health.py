"""`/healthz` for people and their alarms, `/readyz` for whoever shares requests out among machines."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from gateway import clock
from gateway.store import pulse
from gateway.store.ledger import Ledger

CANNOT_WRITE = "the ledger cannot be written"


class Health:
    """Whether leads get in and messages get out."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def answer(self) -> tuple[Response, int]:
        try:
            with self.ledger.write("pulse", door=True) as connection:
                now = _beat(connection)
                workers = pulse.of(connection, pulse.WORKER)
        except SQLAlchemyError:
            return jsonify(ok=False, error=CANNOT_WRITE), 503
        faults = [pulse.fault(worker, now) for worker in workers] or ["no worker has started yet"]
        well = faults.count("")
        return (jsonify(ok=True, workers=well), 200) if well else (jsonify(ok=False, error=faults[0]), 503)

    def ready(self) -> tuple[Response, int]:
        """Whether leads get in here. A worker that is away does not matter: what comes in is kept for it."""
        try:
            with self.ledger.write("pulse", door=True) as connection:
                _beat(connection)
        except SQLAlchemyError:
            return jsonify(ok=False, error=CANNOT_WRITE), 503
        return jsonify(ok=True), 200


def _beat(connection: Connection) -> datetime:
    """Say that this process lives, by the clock that all go by; the time that this is."""
    pulse.align(connection)
    now = clock.now()
    pulse.beat(connection, pulse.WEB, "running", now)
    return now
