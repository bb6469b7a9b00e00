"""`when:`: whether a rule holds for a lead, and if not, the first line that did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.model import Value


@dataclass(frozen=True, slots=True)
class Test:
    """One line: a field, one word of OPERATORS, and the texts it is held against."""

    field: str  #: A field of the file, or form, source, received.
    operator: str  #: is, is_not, contains, starts_with, matches, at_least, at_most, given, only.
    texts: tuple[str, ...]  #: `given` has ("yes",) or ("no",).
    line: int


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition
    line: int


Condition = Test | AllOf | AnyOf | Not

OPERATORS = ("is", "is_not", "contains", "starts_with", "matches", "at_least", "at_most", "given", "only")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds; if not, the line and sentence of the first test that did not."""

    holds: bool
    line: int = 0
    because: str = ""
    warnings: tuple[str, ...] = ()  #: Numbers that could not be read.


def judge(condition: Condition, values: Mapping[str, Value]) -> Verdict:
    """Hold `condition` against the fields' values (each "" when not found)."""
    raise NotImplementedError
