"""FIND: a field's value among a lead's answers, and the story of how it was found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.mapping.filters import FilterUse
from gateway.model import Lead, Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place to look: an answer's name, then filters."""

    name: str  #: As the mapping writes it, without the scope.
    scope: str = ""  #: "answer", "about", or "" for answers and then about.
    filters: tuple[FilterUse, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One entry of `fields:`."""

    name: str
    candidates: tuple[Candidate, ...]
    values: Mapping[str, str] = field(default_factory=dict)  #: Empty: no table.
    keep_others: bool = False  #: `others: keep`
    filters: tuple[FilterUse, ...] = ()
    default: str = ""
    required: bool = False
    is_phone: bool = False  #: It stands in `destination`: every candidate runs through the phone pipeline.
    line: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a field came to for one lead."""

    field: Field
    value: Value = ""  #: From the answers alone; "" when none: what `when`, tags and attributes see.
    answer: str = ""  #: The (first) name of the answer that gave it.
    typed: str = ""  #: That answer before any filter.
    filters: tuple[str, ...] = ()  #: As written, in the order applied; "values" where the table was used.
    line: int = 0  #: Of the candidate that won.
    warnings: tuple[str, ...] = ()  #: Drift, repairs, a second number.
    unclear: str = ""  #: Two answers fit one name: the sentence that says which.
    failure: str = ""  #: Why there is no value although something was typed (a phone that cannot be sure).


def find(entry: Field, lead: Lead, country: str) -> Found:
    """Look for `entry` in `lead`. `country`: ISO code for numbers written without one, "" for none."""
    raise NotImplementedError
