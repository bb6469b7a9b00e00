"""The gate: the one place that every call passes before it leaves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache

from sqlalchemy import Connection

from gateway.model import Delivery, Plan
from gateway.pipeline.gate import age, hours, often, person, unless
from gateway.pipeline.gate.case import Case, Known, as_planned
from gateway.pipeline.planning import Live
from gateway.store.deliveries import Next
from gateway.store.people import Origin

#: Those that may stop a call for good, before it is known whether another one leaves in its place.
_FIRST: tuple[Callable[[Case], Next | None], ...] = (unless.judge, person.suppressed, person.consent)

#: Those that the call itself is held against, whichever it is.
_THEN: tuple[Callable[[Case], Next | None], ...] = (
    person.suppressed,
    often.once,
    often.a_day,
    hours.judge,
    often.an_hour,
    often.spacing,
)


class Gate:
    """The gate as it stands at one moment."""

    def __init__(
        self,
        connection: Connection,
        coming: Sequence[Delivery],
        live: Live,
        now: datetime,
        origins: Mapping[int, Origin] | None = None,
    ) -> None:
        """`coming`: every call that will be judged. `origins`: of their leads, where they are known already."""
        self.connection = connection
        self.live = live
        self.now = now
        self._limits = cache(live.limits)
        self.known = Known.of(connection, coming, self._limits, now, origins)

    def judge(self, delivery: Delivery) -> Next | Plan | None:
        """What the limits say of a call that would leave now.

        None: it may leave. A plan: this one leaves in its place. Next: it does not leave now, and why.
        """
        case = Case(self.connection, delivery, self.live, self.known, self._limits(delivery.mapping), self.now)
        if word := _first(_FIRST, case):
            return word
        late = age.judge(case)
        if isinstance(late, Next):
            return late
        if late:
            case = replace(case, delivery=as_planned(delivery, late), limits=self._limits(late.mapping))
        return _first(_THEN, case) or late

    def left(self, delivery: Delivery) -> None:
        """A call leaves: this counts for those judged after it."""
        self.known.note(delivery, self.now)


def judge(connection: Connection, delivery: Delivery, live: Live, now: datetime) -> Next | Plan | None:
    """What the gate would say of one call that stays where it is."""
    return Gate(connection, [delivery], live, now).judge(delivery)


def _first(judges: Sequence[Callable[[Case], Next | None]], case: Case) -> Next | None:
    words = (judge(case) for judge in judges)
    return next((word for word in words if word), None)
