"""Leads as they are counted on the page."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from gateway.model import DeliveryState, LeadState
from gateway.store.daily.counts import Group
from gateway.store.leads import NOT_PEOPLE

#: The states that are shown as one: what has not left, or is on its way.
WAITING = (LeadState.WAITING, DeliveryState.SCHEDULED, DeliveryState.SENDING, DeliveryState.RETRYING)

#: The states behind each figure. Each state of a person's lead is in one of them: together they are all that came in.
BEHIND: Mapping[str, tuple[str, ...]] = {
    "accepted": (DeliveryState.ACCEPTED,),
    "waiting": WAITING,
    "held": (DeliveryState.HELD,),
    "uncertain": (DeliveryState.UNCERTAIN,),
    "failed": (DeliveryState.FAILED,),
    "skipped": (DeliveryState.SKIPPED,),
    "cancelled": (DeliveryState.CANCELLED,),
    "unmapped": (LeadState.UNMAPPED,),
    "unmatched": (LeadState.UNMATCHED,),
}

#: Of these, what is shown although there is none.
ALWAYS = ("accepted", "waiting", "held", "failed", "skipped")

#: Those that may still get their message.
COMING = ("waiting", "held", "uncertain")


@dataclass(frozen=True)
class Tally:
    """Some leads, by state, and how long those took that were accepted."""

    states: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[float, int] = field(default_factory=dict)  #: From form to message → how many took so long.

    @classmethod
    def of(cls, groups: Iterable[Group]) -> Tally:
        states, seconds = Counter[str](), Counter[float]()
        for group in groups:
            states[group.state] += group.leads
            if group.seconds is not None:
                seconds[group.seconds] += group.leads
        return cls(states, seconds)

    @cached_property
    def leads(self) -> int:
        """Of people: no tests, no copies, nothing that looks like spam."""
        return sum(count for state, count in self.states.items() if state not in NOT_PEOPLE)

    def count(self, figure: str) -> int:
        """One of BEHIND."""
        return sum(self.states.get(state, 0) for state in BEHIND[figure])

    @cached_property
    def coming(self) -> int:
        """May still get their message."""
        return sum(map(self.count, COMING))

    @cached_property
    def without(self) -> int:
        """Get none, unless somebody does something."""
        return self.leads - self.count("accepted") - self.coming

    @cached_property
    def apart(self) -> Mapping[str, int]:
        """What is no lead of a person, by state."""
        return {str(state): self.states[state] for state in NOT_PEOPLE if self.states.get(state)}

    def share(self, part: float) -> float | None:
        """So many seconds or fewer were enough for this part of the accepted; None when there are none.

        >>> tally = Tally(seconds={1.0: 2, 40.0: 1})
        >>> tally.share(0.5), tally.share(0.95), Tally().share(0.5)
        (1.0, 40.0, None)
        """
        wanted, seen = math.ceil(part * sum(self.seconds.values())), 0
        for seconds, count in sorted(self.seconds.items()):
            seen += count
            if seen >= wanted:
                return seconds
        return None


def by_source(groups: Iterable[Group]) -> dict[str, Tally]:
    """The leads of each source, the busiest first."""
    return _by(groups, "source")


def by_campaign(groups: Iterable[Group]) -> dict[str, Tally]:
    """The leads of each campaign, the busiest first; without those that no call was made for."""
    return _by((group for group in groups if group.campaign), "campaign")


def _by(groups: Iterable[Group], name: str) -> dict[str, Tally]:
    found: dict[str, list[Group]] = {}
    for group in groups:
        found.setdefault(getattr(group, name), []).append(group)
    tallies = {key: Tally.of(own) for key, own in found.items()}
    return dict(sorted(tallies.items(), key=lambda item: (-item[1].leads, item[0])))
