"""What comes after the first message of a plan, or in its place, and what holds it back, in words."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.mapping.later import changes, when
from gateway.mapping.limits import Limits, words
from gateway.mapping.wording import listed
from gateway.model import Plan

#: Limits stand below each other.
_WIDTH = 20


def later_lines(plan: Plan) -> Iterator[str]:
    """What older leads get instead, and each follow-up: when, and what is other than in the first message."""
    if plan.too_late:
        yield f"  instead, if the lead is too old (line {plan.too_late.line}):"
        yield from _changes(plan.too_late, plan)
    for number, later in enumerate(plan.follow_ups, 1):
        yield f"  follow-up {number}, {when(later)} (line {later.line}):"
        yield from _changes(later, plan)


def _changes(later: Plan, first: Plan) -> Iterator[str]:
    """The words that the first message does not say, or why there are none."""
    if later.reason:
        yield f"    nothing: {later.reason}"
        return
    found = changes(later, first)
    for word in found.words:
        yield f"    {word.place:<{_WIDTH}} {word.text or '(nothing)'}   (line {word.line})"
    if found.gone:
        yield f"    without {listed(found.gone, 'and', mark='')}"
    if found.none:
        yield "    the same message again"


def limit_lines(limits: Limits) -> Iterator[str]:
    """What the message is held against before it leaves; nothing where no file says anything."""
    said = words(limits)
    if said:
        yield "  limits:"
    yield from (f"    {name:<{_WIDTH}} {text}" for name, text in said.items())
