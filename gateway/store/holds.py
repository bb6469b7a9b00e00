"""What is stopped, and since when: an account, a campaign, a page; and how a destination is doing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from gateway.store import rows
from gateway.store.tables import destinations, holds


class Hold:
    """The kinds of holds; a key is the kind and what it is about, "campaign price_list"."""

    ACCOUNT = "account"
    CAMPAIGN = "campaign"
    CONTRACT = "contract"  #: Calls that are not what their campaign wants; no other call of it is stopped.
    PAGE = "page"


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
    tried = holds.c.kind.in_((Hold.ACCOUNT, Hold.CAMPAIGN))
    found = select(holds.c.key).where(holds.c.probe_at <= now, tried)
    return connection.execute(found.limit(1)).first() is not None


def probe_now(connection: Connection, key: str, now: datetime) -> bool:
    """Let the next trial under a hold be at once; False when there is no such hold."""
    return connection.execute(update(holds).where(holds.c.key == key).values(probe_at=now)).rowcount == 1


def take_probe(connection: Connection, key: str, *, now: datetime, following: datetime) -> bool:
    """Win the right to one trial under a hold; False when its time has not come or another has it."""
    mine = update(holds).where(holds.c.key == key, holds.c.probe_at <= now).values(probe_at=following)
    return connection.execute(mine).rowcount == 1


def lift(connection: Connection, key: str) -> bool:
    return connection.execute(delete(holds).where(holds.c.key == key)).rowcount == 1


def pace(connection: Connection, key: str) -> tuple[int, datetime | None, int]:
    """How a destination is doing: failures in a row, until when it rests, and the rest's step."""
    row = connection.execute(select(destinations).where(destinations.c.key == key)).one_or_none()
    return (row.strikes, row.rest_until, row.step) if row else (0, None, 0)


def strike(connection: Connection, key: str, delivery_id: int) -> int:
    """Count one more failure in a row (the same delivery failing again is no news); how many those are."""
    _ensure(connection, key)
    row = connection.execute(select(destinations).where(destinations.c.key == key)).one()
    if row.last_delivery == delivery_id:
        return int(row.strikes)
    values = {"strikes": row.strikes + 1, "last_delivery": delivery_id}
    connection.execute(update(destinations).where(destinations.c.key == key).values(values))
    return int(row.strikes) + 1


def rest(connection: Connection, key: str, seconds: float, *, step: int, now: datetime) -> None:
    """Let nothing leave for a while."""
    values = {"rest_until": now + timedelta(seconds=seconds), "step": step}
    connection.execute(update(destinations).where(destinations.c.key == key).values(values))


def recover(connection: Connection, key: str) -> bool:
    """A definite answer came: full speed again; whether it was resting."""
    resting = pace(connection, key)[2] > 0
    troubled = update(destinations).where(destinations.c.key == key, destinations.c.strikes > 0)
    connection.execute(troubled.values(strikes=0, last_delivery=None, step=0, rest_until=None))
    return resting


def rests(connection: Connection) -> list[tuple[str, datetime]]:
    """Destinations in trouble, and until when they rest."""
    troubled = select(destinations).where(destinations.c.step > 0, destinations.c.rest_until.is_not(None))
    return [(row.key, row.rest_until) for row in connection.execute(troubled)]


def _ensure(connection: Connection, key: str) -> None:
    connection.execute(
        rows.upsert(connection, destinations, {"key": key}).on_conflict_do_nothing(index_elements=["key"])
    )
