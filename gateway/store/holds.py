"""What is stopped, and since when: an account, a campaign, a page; and how a destination is doing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from gateway.store import rows
from gateway.store.tables import destinations, holds


class Hold:
    """The kinds of holds; a key is the kind and what it is about, "campaign price_list"."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    CONTRACT = "contract"  #: Calls that are not what their campaign wants; no other call of it is stopped.
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Health:
    """How a destination is doing."""

    strikes: int = 0  #: Failures in a row, of different deliveries.
    last: int | None = None  #: The delivery that failed last.
    until: datetime | None = None  #: While it rests, nothing leaves.
    step: int = 0  #: How many rests there were in a row; each is longer.


_PROBE_DUE = (
    select(holds.c.key)
    .where(holds.c.probe_at <= bindparam("now"), holds.c.kind.in_((Hold.ACCOUNT, Hold.CAMPAIGN)))
    .limit(1)
)
_HEALTH = select(destinations).where(destinations.c.key == bindparam("this"))


def put(connection: Connection, kind: str, key: str, reason: str, *, now: datetime, probe_at: datetime) -> bool:
    """Stop what `key` names; False when it is stopped already (the first hit alone is news)."""
    row = {"key": key, "kind": kind, "reason": reason, "since": now, "probe_at": probe_at}
    statement = rows.upsert(connection, holds, row).on_conflict_do_nothing(index_elements=["key"])
    return connection.execute(statement.returning(holds.c.key)).first() is not None


def all_of(connection: Connection, kind: str = "") -> dict[str, tuple[str, datetime]]:
    """Key → reason and the time of the next trial."""
    found = select(holds)
    if kind:
        found = found.where(holds.c.kind == kind)
    return {row.key: (row.reason, row.probe_at) for row in connection.execute(found)}


def since(connection: Connection) -> list[tuple[str, str, datetime]]:
    """Key, reason and start of every hold, the oldest first."""
    found = connection.execute(select(holds).order_by(holds.c.since))
    return [(row.key, row.reason, row.since) for row in found]


def probe_due(connection: Connection, now: datetime) -> bool:
    """Whether some held delivery may be tried now. A paused page is tried by its leads, when they are due; a call
    that is known to be wrong is not tried at all."""
    return connection.execute(_PROBE_DUE, {"now": now}).first() is not None


def probe_now(connection: Connection, key: str, now: datetime) -> bool:
    """Let the next trial under a hold be at once; False when there is no such hold."""
    return connection.execute(update(holds).where(holds.c.key == key).values(probe_at=now)).rowcount == 1


def take_probe(connection: Connection, key: str, *, now: datetime, following: datetime) -> bool:
    """Win the right to one trial under a hold; False when its time has not come or another has it."""
    mine = update(holds).where(holds.c.key == key, holds.c.probe_at <= now).values(probe_at=following)
    return connection.execute(mine).rowcount == 1


def lift(connection: Connection, key: str) -> bool:
    return connection.execute(delete(holds).where(holds.c.key == key)).rowcount == 1


def health(connection: Connection, key: str) -> Health:
    """How a destination is doing."""
    row = connection.execute(_HEALTH, {"this": key}).one_or_none()
    return Health(row.strikes, row.last_delivery, row.rest_until, row.step) if row else Health()


def note(connection: Connection, key: str, now_is: Health) -> None:
    """Write down how a destination is doing."""
    values = {
        "strikes": now_is.strikes,
        "last_delivery": now_is.last,
        "rest_until": now_is.until,
        "step": now_is.step,
    }
    statement = rows.upsert(connection, destinations, {"key": key} | values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def rests(connection: Connection) -> list[tuple[str, datetime]]:
    """Destinations in trouble, and until when they rest."""
    troubled = select(destinations).where(destinations.c.step > 0, destinations.c.rest_until.is_not(None))
    return [(row.key, row.rest_until) for row in connection.execute(troubled)]
