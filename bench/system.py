"""What is measured, running, and the stand-in for AiSensy that it calls, as seen from outside."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import requests
from load import number_in
from sqlalchemy import func, select

from gateway.store import books
from gateway.store.ledger import Ledger
from gateway.store.tables import events

_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class StandIn:
    """The stand-in for AiSensy."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def count(self) -> int:
        """How many calls came."""
        return int(self._get("/count"))

    def calls(self) -> list[tuple[int, float]]:
        """The number of the lead behind each call, and when it came, in seconds since 1970."""
        return [(number, at) for number, at in self._get("/calls")]

    def forget(self) -> None:
        self.session.delete(f"{self.url}/calls", timeout=10).raise_for_status()

    def _get(self, path: str) -> Any:
        return self.session.get(self.url + path, timeout=60).json()


@dataclass(frozen=True, slots=True)
class System:
    """The gateway or the bare app, running."""

    name: str
    port: int
    stand_in: StandIn
    processes: list[psutil.Popen]
    started_in: float  #: Seconds from its start to its first good answer.
    ledger: Ledger | None = None  #: None: it stores nothing.
    older: int = 0  #: The newest event that was in the ledger before it started.

    def cpu(self) -> float:
        """Seconds of CPU that its processes have taken until now."""
        return sum(sum(one.cpu_times()[:2]) for one in self._family())

    def memory(self) -> float:
        """Megabytes of all its processes together; what they share counts once (PSS)."""
        return sum(_pss(one.pid) for one in self._family()) / 1024

    def stored(self) -> set[int]:
        """The numbers of the leads that came into the ledger since it started."""
        if self.ledger is None:
            return set()
        with self.ledger.read() as connection:
            bodies = connection.scalars(select(events.c.body).where(events.c.id > self.older))
            return {number_in(_message(body)) for body in bodies}

    def mistakes(self) -> tuple[str, ...]:
        """What the audit of the books says; nothing when they balance."""
        if self.ledger is None:
            return ()
        with self.ledger.read() as connection:
            return books.audit(connection).mistakes

    def _family(self) -> list[psutil.Process]:
        return [each for one in self.processes for each in (one, *one.children(recursive=True))]


def newest_event(ledger: Ledger) -> int:
    """Its id; 0 when there is none yet."""
    with ledger.read() as connection:
        return connection.scalar(select(func.max(events.c.id))) or 0


def _pss(process: int) -> int:
    """Kilobytes; 0 of a process that has just ended."""
    try:
        found = _PSS.search(Path(f"/proc/{process}/smaps_rollup").read_text())
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return int(found[1]) if found else 0


def _message(body: bytes) -> str:
    return body.partition(b'"message": "')[2][:20].decode()
