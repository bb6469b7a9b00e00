"""What comes after the first message of a plan, or in its place, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.mapping.limits import lasting
from gateway.mapping.wording import listed
from gateway.model import After, Plan, Word


@dataclass(frozen=True, slots=True)
class Changes:
    """What a later message says otherwise than the first one."""

    words: tuple[Word, ...]  #: That the first message does not say.
    gone: tuple[str, ...]  #: Places of the first message that it has not.

    @property
    def none(self) -> bool:
        """It is the same message again."""
        return not self.words and not self.gone


def changes(later: Plan, first: Plan) -> Changes:
    said = {(word.place, word.text) for word in first.words}
    words = tuple(word for word in later.words if (word.place, word.text) not in said)
    gone = {word.place for word in first.words} - {word.place for word in later.words}
    return Changes(words, tuple(sorted(gone)))


def when(later: Plan) -> str:
    """When a follow-up leaves, and what ends it: "1 day after the message before it is accepted, unless …"."""
    after = later.after or After(0)
    waits = f"{lasting(timedelta(seconds=after.seconds))} after the message before it is accepted"
    at = f", at {after.at}" if after.at else ""
    unless = f", unless {_ends(later)}" if later.unless else ""
    return f"{waits}{at}{unless}{', even without receipts' * later.without_receipts}"


def _ends(later: Plan) -> str:
    known = {"replied": "they replied", "submitted again": "they submitted again"}
    return listed([known.get(each, f"rule '{each}' took them") for each in later.unless], "or", mark="")
