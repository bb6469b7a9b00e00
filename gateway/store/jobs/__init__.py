"""Jobs of Procrastinate on PostgreSQL: each names one id that may be worked on. The ledger alone is the truth.

A job is added in the transaction that makes its work due, so that neither is there without the other. On SQLite there
are none: its one worker looks for itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import StrEnum

from sqlalchemy import Connection, text


class Queue(StrEnum):
    """Jobs that wait for the same thing: what one waits for keeps no other back."""

    READING = "reading"
    LOOKING_UP = "looking up"
    SENDING = "sending"
    SWEEPING = "sweeping"


class Kind(StrEnum):
    """What the id of a job is of; also the name of Procrastinate's task."""

    EVENT = "event"
    PLAN = "plan"
    RECEIPT = "receipt"
    LOOKUP = "lookup"
    DELIVERY = "delivery"

    @property
    def queue(self) -> Queue:
        if self is Kind.DELIVERY:
            return Queue.SENDING
        return Queue.LOOKING_UP if self is Kind.LOOKUP else Queue.READING


#: As Procrastinate's own function adds jobs, but for the last line: there, a job that waits already would undo the
#: whole transaction. They are fetched by priority, then in the order in which they were added.
_ADD = """
INSERT INTO procrastinate_jobs (queue_name, task_name, priority, queueing_lock, args)
SELECT :queue, CAST(:kind AS text), {priority}, CAST(:kind AS text) || ':' || wanted.id,
    jsonb_build_object('id', wanted.id)
FROM unnest(CAST(:ids AS bigint[])) WITH ORDINALITY AS wanted (id, place) {more}
ORDER BY wanted.place
ON CONFLICT (queueing_lock) WHERE status = 'todo' DO NOTHING
"""
_ANY = text(_ADD.format(priority="0", more=""))

#: What leaves first in the ledger is handed out first.
_BY_RANK = text(_ADD.format(priority="-deliveries.rank", more="JOIN deliveries ON deliveries.id = wanted.id"))

#: By Procrastinate's own indexes: what waits, and what some worker has now.
_KNOWN = text("""
SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(:names)
UNION ALL
SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'doing' AND worker_id IS NOT NULL
""")


def name(kind: Kind, one: int) -> str:
    """A job's queueing lock: of one name no two wait.

    >>> name(Kind.DELIVERY, 17)
    'delivery:17'
    """
    return f"{kind}:{one}"


def announce(connection: Connection, kind: Kind, ids: Sequence[int]) -> None:
    """Let a worker have these, in their order, with the commit of this transaction. One that waits already is left
    as it is. Ids that another may announce too are announced only by a transaction that writes alone: two that added
    the same jobs in another order would wait for one another."""
    if not ids or connection.dialect.name != "postgresql":
        return
    statement = _BY_RANK if kind is Kind.DELIVERY else _ANY
    connection.execute(statement, {"queue": kind.queue.value, "kind": kind.value, "ids": list(ids)})


def known(connection: Connection, names: Collection[str]) -> set[str]:
    """Those of these names that a job has, waiting or with a worker; and of whatever else a worker has."""
    return set(connection.scalars(_KNOWN, {"names": list(names)}))
