"""Two plans held against each other: of a real lead, and of the same lead with invented people."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from gateway.model import Part, Plan, Word
from gateway.samples import Planned


def difference(before: Planned, after: Planned, changed: Callable[[str], str]) -> str:
    """What differs although it is nobody's name or number, in a clause; "" for nothing."""
    if before.plan and after.plan and before.plan.rule != after.plan.rule:
        return f"{_rule(after.plan)} is chosen instead of {_rule(before.plan)}"
    if before.state != after.state or (before.plan is None) != (after.plan is None):
        return f"it is {after.state} instead of {before.state}"
    return _of_plans(before.plan, after.plan, changed) if before.plan and after.plan else ""


def _of_plans(before: Plan, after: Plan, changed: Callable[[str], str]) -> str:
    if (before.mapping, before.kind) != (after.mapping, after.kind):
        return f"it becomes {after.kind} instead of {before.kind} ({after.reason or before.reason})"
    for one, other in zip_longest(before.words, after.words):
        if one is None or other is None or not _alike(one, other, changed):
            return f"{(one or other).place} is another text"
    return ""


def _rule(plan: Plan) -> str:
    return f"rule '{plan.rule}'" if plan.rule else "no rule"


def _alike(one: Word, other: Word, changed: Callable[[str], str]) -> bool:
    if (one.place, len(one.parts)) != (other.place, len(other.parts)):
        return False
    return all(_alike_parts(*both, changed) for both in zip(one.parts, other.parts, strict=True))


def _alike_parts(one: Part, other: Part, changed: Callable[[str], str]) -> bool:
    """The same origin, and the same text unless the answer itself was changed."""
    origins = [(part.field, part.answer, part.filters, part.defaulted) for part in (one, other)]
    is_changed = one.typed != other.typed or changed(one.text) == other.text
    return origins[0] == origins[1] and (one.text == other.text or is_changed)
