"""What `gateway diff` found: both sides, what is touched, and which of it nobody expected."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gateway import phone
from gateway.pipeline.differing import Change, Kind, Place
from gateway.pipeline.planning import Live
from gateway.pipeline.radius import Radius, Touched

#: Digits by which a number is known again, however it is written.
_ENDING = 8


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared with what."""

    before: Live
    after: Live
    live: int  #: Number of the live version; 0: nothing was ever live.
    folder: str  #: Of the changed mappings; "" when they are those that are live.
    files: tuple[str, ...]  #: That differ.


@dataclass(frozen=True, slots=True)
class Expected:
    """A change that is meant."""

    kind: Kind
    rule: str  #: "": any.

    def covers(self, change: Change) -> bool:
        return self.kind is change.kind and self.rule in ("", change.rule)


@dataclass(frozen=True, slots=True)
class Found:
    """All that the report says."""

    sides: Sides
    radius: Radius
    expected: Sequence[Expected]
    seconds: float
    everyone: bool = False  #: Name all ids.
    phones: bool = False  #: Show numbers in full.

    @property
    def unexpected(self) -> list[str]:
        """The changes that nobody named, each as `--expect` takes it."""
        groups = [group.change for group in self.radius.changes]
        return list(dict.fromkeys(f"{one.kind}:{one.rule}" for one in groups if not self.meant(one)))

    def meant(self, change: Change) -> bool:
        return any(one.covers(change) for one in self.expected)

    def number(self, number: str) -> str:
        return number if self.phones else phone.mask(number)

    def places(self, one: Touched) -> Sequence[Place]:
        """What changes in the call; the person's own numbers are hidden unless numbers are asked for."""
        if self.phones:
            return one.change.places
        sides = (one.change.before, one.change.after)
        numbers = {str(side.call["destination"]) for side in sides if side.call}
        return [
            Place(place.name, _discreet(place.before, numbers), _discreet(place.after, numbers))
            for place in one.change.places
        ]


def _discreet(text: str, numbers: set[str]) -> str:
    """`text` with `numbers` (E.164) masked, however they are written in it.

    >>> _discreet("Call me on 098765-43210 or +91 98765 43210", {"+919876543210"})
    'Call me on +91 98••• ••210 or +91 98••• ••210'
    """
    for number in numbers:
        ending = r"[\s().-]*".join(number[-_ENDING:])
        text = re.sub(rf"\+?(?:\d[\s().-]*)*{ending}", phone.mask(number), text)
    return text
