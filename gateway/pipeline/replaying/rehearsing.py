"""What a replay would come to: it is done, the gate is asked, and all of it is undone."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, LeadState
from gateway.pipeline import gate, reading
from gateway.pipeline.planning import Live, fate
from gateway.pipeline.replaying import replay
from gateway.pipeline.replaying.wishes import Replayed, Wish, read_id
from gateway.store import claims, deliveries, leads
from gateway.store.claims import Claim
from gateway.store.deliveries import CLOSED, OPEN_STATES, Next
from gateway.store.leads import StoredLead

#: Of all that happens here.
_LOG = logging.getLogger("gateway.pipeline")

#: A call that would leave.
LEAVES = "would leave at once"


def rehearse(connection: Connection, names: Sequence[str], wish: Wish, live: Live) -> list[tuple[Replayed, str]]:
    """What would be done with each, and what the gate would say; nothing of it stays."""
    with _pretended(connection):
        done = [one for name in names for one in replay(connection, name, wish)]
        return [(one, _foretold(connection, one, live)) for one in done]


@contextmanager
def _pretended(connection: Connection) -> Iterator[None]:
    """What is done within is undone, and the log says nothing of it."""
    pretended, loud = connection.begin_nested(), _LOG.level
    _LOG.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        _LOG.setLevel(loud)
        pretended.rollback()


def _foretold(connection: Connection, one: Replayed, live: Live) -> str:
    kind, number = read_id(one.id)
    if not one.done:
        return "would be left alone"
    if kind == "e":
        return "is known only once it is read"
    if kind == "d":
        return _verdict(connection, _latest(connection, number), live)
    return _of_lead(connection, leads.load(connection, [number])[0], live)


def _latest(connection: Connection, delivery_id: int) -> Delivery:
    """The delivery, or the one that takes its place."""
    one = deliveries.load(connection, [delivery_id])[0]
    made = deliveries.of_lead(connection, one.lead_id)
    return [each for each in made if (each.step, each.round) == (one.step, one.round)][-1]


def _of_lead(connection: Connection, stored: StoredLead, live: Live) -> str:
    if stored.waits_for == "lookup":
        return "is known only once it is looked up"
    lead_fate = fate(stored.lead, live)
    if lead_fate.state is not LeadState.PLANNED:
        return f"would be {lead_fate.state}: {lead_fate.reason}"
    reading.settle_one(connection, stored, lead_fate)
    made = deliveries.of_lead(connection, stored.lead.id)
    firsts = [one for one in made if (one.step, one.round) == (0, stored.round) and one.state not in CLOSED]
    return _verdict(connection, firsts[-1], live)


def _verdict(connection: Connection, delivery: Delivery, live: Live) -> str:
    """What the gate says; what it lets pass counts as sent for those that are asked about next."""
    if delivery.state not in OPEN_STATES:
        return f"would be {delivery.state}: {delivery.reason}"
    now = clock.now()
    word = gate.judge(connection, delivery, live, now)
    if isinstance(word, Next):
        return f"would be {word.state}: {word.reason}"
    claims.write(connection, [Claim(delivery, uuid.uuid4().hex, {})], now=now, until=now)
    return LEAVES
