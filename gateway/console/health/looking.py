"""One look at all of it, shared by all who look."""

from __future__ import annotations

import platform
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway import clock
from gateway.console.connect.doors import RECEIPTS, Door, doors
from gateway.console.desk import Desk
from gateway.console.health.account import Account
from gateway.console.health.campaigns import Campaign, campaigns
from gateway.console.today.looking import looking_of
from gateway.console.today.spans import SPANS
from gateway.pipeline.disk import Room, room
from gateway.pipeline.silence import Silence, silence
from gateway.store import lately, measures, pulse, versions
from gateway.store.daily import rhythm
from gateway.store.measures import Measures
from gateway.store.pulse import Pulse


@dataclass(frozen=True, slots=True)
class Source:
    """A place leads come from, or AiSensy's receipts."""

    door: Door
    last: datetime | None  #: When something came last; None: never.
    day: int | None  #: Leads in the last 24 hours; None where it brings none.
    silence: Silence | None = None


@dataclass(frozen=True, slots=True)
class Process:
    """A worker or a web process."""

    pulse: Pulse
    fault: str  #: What is wrong with it; "" while it is well.


@dataclass(frozen=True, slots=True)
class Seen:
    """How everything stands."""

    sources: Sequence[Source]
    campaigns: Sequence[Campaign]
    account: Account
    queue: Measures
    workers: Sequence[Process]
    room: Room | None
    on_sqlite: bool
    versions: Mapping[str, str]


class Looking:
    """Looks at everything."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def look(self) -> Seen:
        now = clock.now()
        today = looking_of(self.desk).at(SPANS["24h"])
        day = {name: sum(tally.states.values()) for name, tally in today.sources.items()}
        with self.desk.ledger.read() as connection:
            live = self.desk.live(connection)
            queue = measures.take(connection, now)
            return Seen(
                list(self._sources(connection, day, now)),
                list(campaigns(connection, live)),
                Account.of(connection, self.desk.settings, now),
                queue,
                [Process(one, pulse.fault(one, now)) for one in queue.workers],
                room(self.desk.ledger, self.desk.settings),
                self.desk.ledger.on_sqlite,
                self._versions(connection, queue),
            )

    def _sources(self, connection: Connection, day: Mapping[str, int], now: datetime) -> Iterator[Source]:
        for name, door in doors(self.desk.settings).items():
            if name == RECEIPTS:
                last = lately.last_receipt(connection)
                yield Source(door, last["received_at"] if last else None, None)
                continue
            came = rhythm.newest(connection, name)
            yield Source(door, came[0] if came else None, day.get(name, 0), silence(came, now))

    def _versions(self, connection: Connection, queue: Measures) -> dict[str, str]:
        """What this is made of, in words."""
        dialect = connection.dialect
        number = ".".join(map(str, getattr(dialect, "server_version_info", None) or ()))
        kind = f"SQLite {sqlite3.sqlite_version}" if self.desk.ledger.on_sqlite else f"PostgreSQL {number}"
        return {
            "Mappings": f"version {queue.version}, {_date(connection, queue.version)}"
            if queue.version
            else "none live",
            "Tables": self.desk.ledger.version() or "",
            "Database": kind,
            "Python": platform.python_version(),
        }


def _date(connection: Connection, number: int) -> str:
    """When a version of the mappings went live."""
    return f"live since {versions.at(connection, number):%Y-%m-%d %H:%M} UTC"
