"""What came of an ordeal: the ledger is held against what was posted, and against what the sandbox really took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import requests
from senders import Posted
from sqlalchemy import Connection, func, select

from gateway.model import Delivery, DeliveryState, EventState, LeadState, OutcomeKind
from gateway.store import books, deliveries
from gateway.store.ledger import Ledger
from gateway.store.tables import attempts, events, leads
from gateway.store.tables import deliveries as table

#: What a call comes to, if all goes well in the end.
ENDS = frozenset({"accepted", "uncertain"})

#: States of a first call that something is still to happen to.
MOVING = (DeliveryState.SCHEDULED, DeliveryState.SENDING, DeliveryState.RETRYING, DeliveryState.HELD)


@dataclass(slots=True)
class Verdict:
    """What came of some leads."""

    posted: int = 0
    answered: int = 0
    states: Counter[str] = field(default_factory=Counter)  #: Of the deliveries, by state.
    doubts: Counter[str] = field(default_factory=Counter)  #: The uncertain ones, by why.
    again: int = 0  #: Calls that were taken once more, because a rule says so of what may have arrived.
    lost: list[str] = field(default_factory=list)  #: Each as a sentence.
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)  #: Everything else that is not as promised.

    @property
    def broken(self) -> list[str]:
        """Every broken promise."""
        return self.lost + self.doubled + self.wrong

    def add(self, other: Verdict) -> None:
        """Take in another verdict."""
        self.posted += other.posted
        self.answered += other.answered
        self.states += other.states
        self.doubts += other.doubts
        self.again += other.again
        self.lost += other.lost
        self.doubled += other.doubled
        self.wrong += other.wrong


def still_to_do(ledger: Ledger) -> list[int]:
    """How many events are to be read, leads to be looked up, and first calls to be made."""
    with ledger.read() as connection:
        unread = select(func.count()).select_from(events).where(events.c.state == EventState.NEW)
        waiting = select(func.count()).select_from(leads).where(leads.c.state == LeadState.WAITING)
        moving = select(func.count()).select_from(table).where(table.c.state.in_(MOVING), table.c.step == 0)
        return [int(connection.execute(found).scalar_one()) for found in (unread, waiting, moving)]


def judge(
    ledger: Ledger, sandbox: str, posted: Sequence[Posted], *, doubts: Collection[str], ends: Collection[str]
) -> Verdict:
    """Hold these leads against the ledger and the sandbox. `doubts`: why a call may be uncertain."""
    taken = Counter(call["number"] for call in requests.get(f"{sandbox}/calls", timeout=30).json()["calls"])
    sent = Counter(requests.get(f"{sandbox}/seen", timeout=30).json()["destinations"])
    with ledger.read() as connection:
        mistakes = books.audit(connection).mistakes
        promised = _promised(connection, {one.phone for one in posted})
        repeated = list(_repeated(connection))
    found = Verdict(len(posted), sum(one.answered for one in posted), wrong=[*mistakes, *repeated])
    for one in posted:
        mine = promised.get(one.phone, [])
        found.states.update(str(delivery.state) for delivery in mine)
        found.doubts.update(delivery.tag for delivery in mine if delivery.state == "uncertain")
        found.lost += _lost(one, mine)
        found.again += max(0, taken[one.phone] - 1) if _may_repeat(mine) else 0
        found.doubled += _doubled(one, mine, taken[one.phone])
        found.wrong += _wrong(one, mine, taken[one.phone], sent[one.phone])
        found.wrong += _unexplained(one, mine, doubts, ends)
    return found


def _promised(connection: Connection, phones: Collection[str]) -> dict[str, list[Delivery]]:
    found: dict[str, list[Delivery]] = {}
    for delivery in deliveries.listing(connection, limit=None):
        if delivery.destination in phones:
            found.setdefault(delivery.destination, []).append(delivery)
    return found


def _may_repeat(promised: Sequence[Delivery]) -> bool:
    """Whether the rule says: a call that may have arrived is made once more."""
    return any(delivery.plan.send_again and delivery.state in ENDS for delivery in promised)


def _repeated(connection: Connection) -> Iterator[str]:
    """Deliveries that were tried once more although an earlier try may have arrived, and no rule says so."""
    by_rule = {one.id for one in deliveries.listing(connection, limit=None) if one.plan.send_again}
    tries: dict[int, list[str | None]] = {}
    for delivery_id, outcome in connection.execute(
        select(attempts.c.delivery_id, attempts.c.outcome).order_by(attempts.c.id)
    ):
        tries.setdefault(delivery_id, []).append(outcome)
    for delivery_id, outcomes in tries.items():
        if delivery_id not in by_rule and any(
            earlier in (OutcomeKind.UNKNOWN, "", None) for earlier, _later in pairwise(outcomes)
        ):
            yield f"d{delivery_id} was tried again although nobody knew what became of it: {outcomes}"


def _lost(posted: Posted, promised: Sequence[Delivery]) -> Iterator[str]:
    if posted.answered and not promised:
        yield f"{posted.source} lead {posted.phone} was answered 200 and is lost"


def _doubled(posted: Posted, promised: Sequence[Delivery], taken: int) -> Iterator[str]:
    if len(promised) > 1:
        yield f"{posted.source} lead {posted.phone} has {len(promised)} deliveries"
    if taken > 1 and not _may_repeat(promised):
        yield f"{posted.source} lead {posted.phone} was messaged {taken} times"


def _wrong(posted: Posted, promised: Sequence[Delivery], taken: int, sent: int) -> Iterator[str]:
    who = f"{posted.source} lead {posted.phone}"
    if not promised and sent:
        yield f"{who} was messaged, and the ledger knows nothing of it"
    for delivery in promised:
        if delivery.state == "accepted" and (taken < 1 or (taken > 1 and not _may_repeat(promised))):
            yield f"{who} is accepted, and {taken} calls were taken"
        if delivery.state not in ("accepted", "uncertain") and taken:
            yield f"{who} is {delivery.state}, and {taken} calls were taken"


def _unexplained(
    posted: Posted, promised: Sequence[Delivery], doubts: Collection[str], ends: Collection[str]
) -> Iterator[str]:
    who = f"{posted.source} lead {posted.phone}"
    for delivery in promised:
        if delivery.state == "uncertain" and delivery.tag not in doubts:
            yield f"{who} is uncertain, and nothing that went wrong explains it: {delivery.reason}"
        if delivery.state not in ENDS | set(ends):
            yield f"{who} is {delivery.state}: {delivery.reason}"
