"""How sending stands at one moment: what is stopped, how AiSensy is doing, what the budgets hold. One look for all."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, literal, literal_column, select, union_all

from gateway.store.budgets import Bucket
from gateway.store.holds import Health
from gateway.store.tables import GOES_ON, alerts, budgets, destinations, holds

_NO_TEXT, _NONE = literal(""), literal_column("0", Integer)


def _part(what: str, *columns: Any) -> Select[Any]:
    return select(literal(what), *columns)


_STANDS = union_all(
    _part("hold", holds.c.key, holds.c.kind, holds.c.reason, holds.c.probe_at, _NONE, _NONE),
    *(
        _part(what, table.c.key, _NO_TEXT, _NO_TEXT, *columns)
        for what, table, columns in (
            ("health", destinations, (destinations.c.rest_until, destinations.c.strikes, destinations.c.step)),
            ("bucket", budgets, (budgets.c.at, budgets.c.tokens, _NONE)),
        )
    ),
    _part("alert", alerts.c.key, _NO_TEXT, _NO_TEXT, alerts.c.started_at, _NONE, _NONE).where(GOES_ON),
)


@dataclass(frozen=True, slots=True)
class Stopped:
    """Something that is stopped."""

    kind: str  #: One of `holds.Hold`.
    reason: str
    probe: datetime  #: When it is tried next.


@dataclass(frozen=True, slots=True)
class Standing:
    """How sending stands: as it was when looked at, but for what the looker itself has taken or lifted since."""

    holds: dict[str, Stopped] = field(default_factory=dict)  #: By their keys.
    health: dict[str, Health] = field(default_factory=dict)  #: Of each destination that was ever in trouble.
    buckets: dict[str, Bucket] = field(default_factory=dict)
    alerts: set[str] = field(default_factory=set)  #: The keys of what is wrong.

    def stopped(self, kind: str) -> dict[str, Stopped]:
        """The holds of one kind."""
        return {key: hold for key, hold in self.holds.items() if hold.kind == kind}


def look(connection: Connection) -> Standing:
    """How sending stands now."""
    found = Standing()
    for what, key, kind, reason, at, number, count in connection.execute(_STANDS):
        if what == "hold":
            found.holds[key] = Stopped(kind, reason, at)
        elif what == "health":
            found.health[key] = Health(int(number), until=at, step=int(count))
        elif what == "bucket":
            found.buckets[key] = Bucket(number, at)
        else:
            found.alerts.add(key)
    return found
