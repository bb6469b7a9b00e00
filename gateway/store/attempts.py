"""Attempts: each HTTP try of a delivery, what was asked and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, exists, func, insert, select, update

from gateway import jsontext
from gateway.model import Outcome, OutcomeKind
from gateway.store import rows
from gateway.store.tables import attempts, deliveries

#: After so many refusals of one delivery alone, the fault is taken to be its own.
PATIENCE_WITH_ONE = 2

#: Of a delivery: nobody knows what came of one of its tries, so that it may have arrived, whatever state it is in.
DOUBTFUL = exists().where(attempts.c.delivery_id == deliveries.c.id, attempts.c.outcome == OutcomeKind.UNKNOWN)

_BEGUN = insert(attempts)
_ENDED = update(attempts).where(attempts.c.token == bindparam("under"))
_WITH_OUTCOME = (
    select(attempts.c.delivery_id)
    .where(
        attempts.c.delivery_id.in_(bindparam("ids", expanding=True)),
        attempts.c.outcome == bindparam("came"),
    )
    .distinct()
)
_DOUBTS = select(func.count()).where(
    and_(attempts.c.delivery_id == bindparam("id"), attempts.c.token != bindparam("but")),
    attempts.c.outcome == OutcomeKind.UNKNOWN,
)


def begin(connection: Connection, tries: Iterable[tuple[int, str, Mapping[str, Any]]], now: datetime) -> None:
    """Write down tries before their requests leave: of which delivery, under which token, and what is asked (without
    the key)."""
    begun = [
        {"delivery_id": delivery_id, "token": token, "started_at": now, "request": jsontext.dumps(dict(request))}
        for delivery_id, token, request in tries
    ]
    if begun:
        connection.execute(_BEGUN, begun)


def end(connection: Connection, came: Iterable[tuple[str, Outcome]], now: datetime) -> None:
    """Write down what the try under each token came to."""
    ended = [
        {
            "under": token,
            "ended_at": now,
            "outcome": outcome.kind,
            "tag": outcome.tag,
            "status": outcome.status,
            "text": outcome.text,
            "response": outcome.response,
        }
        for token, outcome in came
    ]
    rows.change(connection, _ENDED, ended)


def refused_alone(connection: Connection, delivery_id: int, tag: str) -> bool:
    """Whether this one was refused twice before in the same words, and AiSensy took another call in between."""
    mine = select(func.min(attempts.c.ended_at), func.count()).where(attempts.c.delivery_id == delivery_id)
    first, times = connection.execute(mine.where(attempts.c.tag == tag)).one()
    if times < PATIENCE_WITH_ONE:
        return False
    taken = select(attempts.c.id).where(attempts.c.started_at > first, attempts.c.outcome == OutcomeKind.ACCEPTED)
    return connection.execute(taken.order_by(attempts.c.id.desc()).limit(1)).first() is not None


def unknown(token: str) -> ColumnElement[bool]:
    """That nobody knows what came of the try under this token."""
    return exists().where(attempts.c.token == token, attempts.c.outcome == OutcomeKind.UNKNOWN)


def in_doubt(connection: Connection, delivery_id: int) -> bool:
    """Whether nobody knows what came of some try of a delivery; what came of a later one makes it no surer."""
    return doubts(connection, delivery_id, but="") > 0


def doubts(connection: Connection, delivery_id: int, but: str) -> int:
    """Of how many tries of a delivery nobody knows what came, the one under the token `but` left aside."""
    return int(connection.execute(_DOUBTS, {"id": delivery_id, "but": but}).scalar_one())


def with_outcome(connection: Connection, delivery_ids: Collection[int], kind: OutcomeKind) -> set[int]:
    """Those of these deliveries of which some try came to this."""
    found: set[int] = set()
    for batch in rows.batches(sorted(delivery_ids)):
        found |= set(connection.scalars(_WITH_OUTCOME, {"ids": batch, "came": kind}))
    return found


def outcomes(connection: Connection, delivery_id: int) -> set[str]:
    """All that came of the tries of a delivery."""
    found = select(attempts.c.outcome).where(attempts.c.delivery_id == delivery_id).distinct()
    return set(connection.scalars(found))


def of(connection: Connection, delivery_id: int) -> Sequence[RowMapping]:
    """Every try: started_at, ended_at, outcome, tag, status, text, request, response."""
    found = select(attempts).where(attempts.c.delivery_id == delivery_id).order_by(attempts.c.id)
    return connection.execute(found).mappings().all()
