"""What a person asks for, and what came of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gateway.errors import GatewayError
from gateway.pipeline.planning import Live


@dataclass(frozen=True, slots=True)
class Edit:
    """One answer that is changed before the replay."""

    name: str  #: Of the answer; "": wherever the mapping looks for the phone number.
    text: str


@dataclass(frozen=True, slots=True)
class Wish:
    """How things are to be replayed."""

    again: bool = False  #: Also what was sent already, or may have been.
    despite: tuple[str, ...] = ()  #: The limits that are lifted, by their names.
    edits: tuple[Edit, ...] = ()
    live: Live | None = None  #: Says where a phone number is looked for; needed for edits alone.


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay did with one thing, in a sentence; `done` is False when it was left alone."""

    id: str
    done: bool
    says: str
    hint: str = ""  #: What to do instead, at the command line.

    @property
    def told(self) -> str:
        """The sentence with its hint."""
        return f"{self.says}; {self.hint}" if self.hint else self.says


def read_id(name: str, kinds: str = "eld") -> tuple[str, int]:
    """The kind and number of an id like e12; raises GatewayError when it is none of these kinds."""
    kind, number = name[:1].lower(), name[1:]
    if not kind or kind not in kinds or not re.fullmatch(r"[0-9]{1,18}", number):
        known = {"e": "e12 for an event", "l": "l34 for a lead", "d": "d56 for a delivery"}
        raise GatewayError(f"'{name}' is no id here: write {', '.join(known[one] for one in kinds)}.")
    return kind, int(number)
