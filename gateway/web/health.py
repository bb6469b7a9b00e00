"""`/healthz`."""

from __future__ import annotations

from datetime import datetime

from flask import Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from gateway import clock
from gateway.store import pulse
from gateway.store.ledger import Ledger

#: A worker that has not spoken for this long is not well.
SILENT_SECONDS = 15


class Health:
    """Whether leads get in and messages get out."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def answer(self) -> tuple[Response, int]:
        now = clock.now()
        try:
            with self.ledger.write("pulse", door=True) as connection:
                pulse.beat(connection, "web", "running", now)
                worker = pulse.last(connection, "worker")
        except SQLAlchemyError:
            return jsonify(ok=False, error="the ledger cannot be written"), 503
        fault = _worker_fault(worker, now)
        return (jsonify(ok=False, error=fault), 503) if fault else (jsonify(ok=True), 200)


def _worker_fault(worker: tuple[datetime, str] | None, now: datetime) -> str:
    if worker is None:
        return "no worker has started yet"
    at, state = worker
    if state != "running":
        return "the worker has stopped" if state == "stopped" else f"the worker is {state}"
    silent = (now - at).total_seconds()
    return f"the worker has been silent for {silent:.0f} seconds" if silent > SILENT_SECONDS else ""
