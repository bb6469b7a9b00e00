"""What comes after the first message of a plan, or in its place, and what holds it back, in words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from gateway.mapping.limits import Limits, lasting, words
from gateway.mapping.wording import listed
from gateway.model import After, Plan

#: Limits stand below each other.
_WIDTH = 20


def later_lines(plan: Plan) -> Iterator[str]:
    """What older leads get instead, and each follow-up: when, and what is other than in the first message."""
    if plan.too_late:
        yield f"  instead, if the lead is too old (line {plan.too_late.line}):"
        yield from _changes(plan.too_late, plan)
    for number, later in enumerate(plan.follow_ups, 1):
        yield f"  follow-up {number}, {_when(later)} (line {later.line}):"
        yield from _changes(later, plan)


def _when(later: Plan) -> str:
    after = later.after or After(0)
    waits = f"{lasting(timedelta(seconds=after.seconds))} after the message before it is accepted"
    at = f", at {after.at}" if after.at else ""
    unless = f", unless {_ends(later)}" if later.unless else ""
    return f"{waits}{at}{unless}{', even without receipts' * later.without_receipts}"


def _ends(later: Plan) -> str:
    known = {"replied": "they replied", "submitted again": "they submitted again"}
    return listed([known.get(each, f"rule '{each}' took them") for each in later.unless], "or", mark="")


def _changes(later: Plan, first: Plan) -> Iterator[str]:
    """The words that the first message does not say, or why there are none."""
    if later.reason:
        yield f"    nothing: {later.reason}"
        return
    said = {(word.place, word.text) for word in first.words}
    other = [word for word in later.words if (word.place, word.text) not in said]
    for word in other:
        yield f"    {word.place:<{_WIDTH}} {word.text or '(nothing)'}   (line {word.line})"
    gone = {word.place for word in first.words} - {word.place for word in later.words}
    if gone:
        yield f"    without {listed(sorted(gone), 'and', mark='')}"
    if not other and not gone:
        yield "    the same message again"


def limit_lines(limits: Limits) -> Iterator[str]:
    """What the message is held against before it leaves; nothing where no file says anything."""
    said = words(limits)
    if said:
        yield "  limits:"
    yield from (f"    {name:<{_WIDTH}} {text}" for name, text in said.items())
