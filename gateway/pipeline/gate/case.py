"""One call that would leave now, and what is known about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from gateway.mapping.limits import Limits
from gateway.model import Delivery, DeliveryState, Plan
from gateway.pipeline.following.timing import SPACING
from gateway.pipeline.planning import Live
from gateway.store import people, suppressions
from gateway.store.people import Message, Origin

DAY = timedelta(days=1)

#: Waives every limit of `mapping.limits.NAMES`, and the conditions of a follow-up.
ALL = "all"


@dataclass(frozen=True, slots=True)
class Known:
    """What the ledger says about some calls together, asked once for all of them."""

    origins: Mapping[int, Origin]
    suppressed: Mapping[str, str]
    messages: Mapping[str, Sequence[Message]]  #: By number, as the ledger has them.
    leaving: dict[str, list[Message]] = field(default_factory=dict)  #: By number, what has left since it was asked.
    by_rule: Counter[tuple[str, str]] = field(default_factory=Counter)  #: How many of those are of one file and rule.
    claimed: set[int] = field(default_factory=set)  #: Their ids. The ledger may know an earlier try of one.

    @classmethod
    def of(
        cls,
        connection: Connection,
        found: Sequence[Delivery],
        limits: Callable[[str], Limits],
        now: datetime,
        origins: Mapping[int, Origin] | None = None,
    ) -> Known:
        """`origins`: of their leads, where somebody has asked already."""
        numbers = {number for delivery in found for number in numbers_of(delivery)}
        memories = (_memory(limits(file)) for file in {delivery.mapping for delivery in found})
        since = now - max(memories, default=SPACING)
        messages: dict[str, list[Message]] = {}
        for message in people.messages(connection, numbers, since):
            messages.setdefault(message.number, []).append(message)
        if origins is None:
            origins = people.origins(connection, {delivery.lead_id for delivery in found})
        return cls(origins, suppressions.suppressed(connection, numbers), messages)

    def note(self, delivery: Delivery, now: datetime) -> None:
        """A call leaves: this counts for those judged after it."""
        one, source = delivery, self.origins[delivery.lead_id].source
        message = Message(
            one.id, one.lead_id, one.round, one.destination, one.campaign, now, DeliveryState.SENDING, source
        )
        self.leaving.setdefault(one.destination, []).append(message)
        self.by_rule[one.mapping, one.rule] += 1
        self.claimed.add(one.id)

    def sent(self, number: str) -> list[Message]:
        """What left for a number, the latest last: each message once, though it leaves for a second time."""
        earlier = [one for one in self.messages.get(number, ()) if one.delivery_id not in self.claimed]
        return [*earlier, *self.leaving.get(number, ())]


@dataclass(frozen=True, slots=True)
class Case:
    """A call before the gate."""

    connection: Connection
    delivery: Delivery
    live: Live
    known: Known
    limits: Limits  #: Of its file.
    now: datetime

    def lifted(self, name: str) -> bool:
        """Whether a person has lifted this limit for this call."""
        return name in self.delivery.waived or ALL in self.delivery.waived

    def sent(self, within: timedelta) -> list[Message]:
        """What left for this number lately, the latest last."""
        found = self.known.sent(self.delivery.destination)
        return [one for one in found if one.left > self.now - within and one.delivery_id != self.delivery.id]


def numbers_of(delivery: Delivery) -> set[str]:
    """Where a call may go: its number, and that of what is sent in its place."""
    late = delivery.plan.too_late
    return {delivery.destination, str(late.call.get("destination", ""))} - {""} if late else {delivery.destination}


def as_planned(delivery: Delivery, plan: Plan) -> Delivery:
    """A delivery as another plan has it."""
    call = plan.call
    return replace(
        delivery,
        plan=plan,
        mapping=plan.mapping,
        rule=plan.rule,
        campaign=call.get("campaignName", ""),
        destination=call.get("destination", ""),
    )


def _memory(limits: Limits) -> timedelta:
    """How long back it matters what a person was sent."""
    per_day = DAY if limits.per_person_a_day else SPACING
    return max(SPACING, per_day, limits.once_per_person or SPACING)
