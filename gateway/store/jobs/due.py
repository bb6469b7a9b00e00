"""What is due in the ledger and has no job: a time that has come, a job whose worker died, a word of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from gateway.store import deliveries, events, jobs, leads, receipts
from gateway.store.jobs import Kind
from gateway.store.ledger import Ledger

#: Ids of one kind that are announced together: more than workers take until the next look, few enough to be quick.
MOST = 500


def announce(ledger: Ledger, now: datetime) -> int:
    """Announce what is due and has no job, the first of it; how many those are."""
    with ledger.read() as connection:
        found = _without_a_job(connection, _due(connection, now))
    if not any(found.values()):
        return 0
    with ledger.write("announcing") as connection:
        for kind, ids in found.items():
            jobs.announce(connection, kind, ids)
    return sum(map(len, found.values()))


def _due(connection: Connection, now: datetime) -> dict[Kind, list[int]]:
    return {
        Kind.EVENT: events.new(connection, MOST),
        Kind.PLAN: leads.due(connection, ("plan", "mapping"), now, MOST),
        Kind.RECEIPT: receipts.new(connection, MOST),
        Kind.LOOKUP: leads.due(connection, ("lookup",), now, MOST),
        Kind.DELIVERY: deliveries.due(connection, now, MOST),
    }


def _without_a_job(connection: Connection, due: Mapping[Kind, Sequence[int]]) -> dict[Kind, list[int]]:
    names = [jobs.name(kind, one) for kind, ids in due.items() for one in ids]
    known = jobs.known(connection, names) if names else set()
    return {kind: [one for one in ids if jobs.name(kind, one) not in known] for kind, ids in due.items()}
