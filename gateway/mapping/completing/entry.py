"""What is offered, and what it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.mapping.starter import Form


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that may stand at the cursor."""

    label: str  #: As the list shows it.
    says: str  #: What it is, in a short line.
    insert: str  #: What is written in the place of what was typed.


@dataclass(frozen=True, slots=True)
class Offered:
    """All that is offered at one place."""

    typed: str = ""  #: What stands there already: an entry takes its place.
    sure: bool = False  #: Whether nothing but such an entry may stand there, or a text of one's own may.
    entries: Sequence[Entry] = ()


class Known(Protocol):
    """What is known beside the text. Each is asked for only where it is wanted."""

    def sources(self) -> Sequence[str]:
        """The sources that there are."""

    def forms(self, source: str) -> Sequence[str]:
        """The forms of a source that sent leads."""

    def seen(self) -> Form | None:
        """What the forms of this file answered in the latest leads; None when none came."""

    def campaigns(self) -> Mapping[str, str]:
        """The campaigns, and what is known of each in words."""
