"""What is left of a value: without what shows nothing, without placeholders, after filters."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.mapping import filters
from gateway.mapping.clean import blank
from gateway.mapping.filters import FilterUse
from gateway.mapping.wording import choices
from gateway.model import Value

#: Blanks that another tool left unfilled, and what Facebook's test button types.
_PLACEHOLDER = re.compile(r"\s*(\{\{.*\}\}|<test lead:.*>)\s*", re.DOTALL | re.IGNORECASE)


def given(value: Value) -> Value:
    """`value` without choices that show nothing; "" when none is left."""
    if isinstance(value, str):
        return "" if blank(value) else value
    return tuple(text for text in value if not blank(text)) or ""


def resolved(value: Value) -> Value:
    """`value` without placeholders that were never filled in; "" when nothing else is there."""
    kept = tuple(text for text in choices(value) if not _PLACEHOLDER.fullmatch(text))
    return value if kept == choices(value) else kept or ""


def filtered(value: Value, uses: Sequence[FilterUse]) -> Value:
    """`value` after some filters; "" when one of them leaves nothing."""
    for use in uses:
        if not value:
            break
        value = given(filters.apply(use, value))
    return value


def until_nothing(value: Value, uses: Sequence[FilterUse]) -> Sequence[FilterUse]:
    """The filters up to the one that leaves nothing of `value`; none when nothing was there before."""
    tried = range(len(uses) + 1)
    return next((uses[:count] for count in tried if not filtered(value, uses[:count])), uses)


def written(uses: Sequence[FilterUse]) -> tuple[str, ...]:
    """Filters as a mapping has them: "truncate 60"."""
    return tuple(f"{use.name} {use.argument}".strip() for use in uses)
