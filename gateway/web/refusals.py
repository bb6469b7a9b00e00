"""What was not stored, and why."""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from gateway import clock
from gateway.store import events
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)


class Refusals:
    """Counts what was not stored; written together, so that a flood of bad requests costs no flood of commits."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.lock = threading.Lock()
        self.waiting: dict[tuple[str, str], tuple[int, int, datetime, str]] = {}

    def note(self, source: str, cause: str, status: int, address: str) -> None:
        with self.lock:
            first = not self.waiting
            times = self.waiting.get((source, cause), (0,))[0] + 1
            self.waiting[source, cause] = (times, status, clock.now(), address)
        if first:
            timer = threading.Timer(0.5, self.write)
            timer.daemon = True
            timer.start()

    def write(self) -> None:
        with self.lock:
            waiting, self.waiting = self.waiting, {}
        for (source, cause), (times, _status, _at, address) in waiting.items():
            log.warning("refused for %s: %s (times: %d, the last from %s)", source, cause, times, address)
        try:
            with self.ledger.write("refusals", door=True) as connection:
                for (source, cause), (times, status, at, address) in sorted(
                    waiting.items()
                ):  # in one order, for other web processes do so too
                    events.refuse(connection, source, cause, status, times=times, now=at, address=address)
        except SQLAlchemyError as error:
            log.error("refused requests were not counted: %s", type(error).__name__)  # noqa: TRY400 - a count, not a lead
