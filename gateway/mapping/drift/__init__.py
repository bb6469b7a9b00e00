"""What changed in a form: answers that a mapping uses and that are gone or another thing now, and new ones.

Forms do not tell of their questions, so all is read from the leads. A question may be left open, so an answer
counts as gone only when chance no longer explains that it is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.mapping import rules
from gateway.mapping.drift.changed import changed
from gateway.mapping.drift.found import Drift, DriftKind
from gateway.mapping.drift.gone import gone
from gateway.mapping.drift.histories import History, Past, look_back, serving
from gateway.mapping.drift.new import new
from gateway.mapping.drift.wording import cure, line, place, says, shown

__all__ = [
    "Drift",
    "DriftKind",
    "History",
    "Past",
    "cure",
    "drifts",
    "line",
    "look_back",
    "place",
    "says",
    "serving",
    "shown",
]


def drifts(past: Past, mapping: rules.Mapping, country: str, known: Mapping[str, datetime]) -> list[Drift]:
    """All that drifted in a form: what is gone, what changed, what is new.

    `known`: the answers that were found gone before, and since when; they still are while no lead brings them,
    however few of the older leads are looked at. `country` serves where the file names none.
    """
    served = serving(mapping.fields, past)
    missed = gone(past, mapping.fields, served, known)
    return [*missed, *changed(past, mapping.fields, served, mapping.country or country), *new(past, served, missed)]
