"""`when:`: whether a rule holds for a lead, and if not, the first line that did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from gateway.mapping.clean import blank
from gateway.mapping.compare import holds
from gateway.mapping.wording import choices, listed
from gateway.model import Value


@dataclass(frozen=True, slots=True)
class Test:
    """One line: a field, one word of OPERATORS, and the texts it is held against."""

    field: str  #: A field of the file, or one of EXTRAS.
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

#: What `when` knows beside the fields of a file, and what each is.
EXTRAS = {
    "form": "The form's id.",
    "source": "Where the lead came from.",
    "received": "The date and time the lead came, in UTC; takes at_least, at_most and starts_with: 2026-10-01.",
    "phone_country": "The country of the number that the call goes to, like IN; empty without a number.",
    "weekday": "The day the lead came, where that number is: Monday, or Mon.",
    "hour": "The hour the lead came, where that number is: 0 to 23.",
}

_AMOUNT = "reads 1,00,000, 50 lakh, 1.2 crore and ₹5k, and dates like 2026-10-01."
#: The words that a field may be held against, and what each asks of the answer.
OPERATORS = {
    "is": "This text, or one of a list.",
    "is_not": "None of these; an empty answer is none of them.",
    "contains": "This text stands in it.",
    "starts_with": "This text stands at its start.",
    "matches": "It fits this pattern, a regular expression.",
    "at_least": f"This amount, or more; {_AMOUNT}",
    "at_most": f"This amount, or less; {_AMOUNT}",
    "given": "yes: it is there. no: it is empty.",
    "only": "This choice, and no other.",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds; if not, the line and sentence of the first test that did not."""

    holds: bool
    line: int = 0
    because: str = ""
    warnings: tuple[str, ...] = ()  #: Numbers that could not be read.


#: What is said of a test that does not hold, and of one that does (under `not`). {value} is what the lead
#: says, quoted; {bare} the same without quotes; {texts} what the rule names.
_SAYINGS = {
    "is": ("{field} is {value}, not {texts}", "{field} is {value}"),
    "is_not": ("{field} is {value}", "{field} is {value}, not {texts}"),
    "contains": ("{field} is {value}, which does not contain {texts}", "{field} is {value}, which contains {texts}"),
    "starts_with": (
        "{field} is {value}, which does not start with {texts}",
        "{field} is {value}, which starts with {texts}",
    ),
    "matches": ("{field} is {value}, which does not match {texts}", "{field} is {value}, which matches {texts}"),
    "at_least": ("{field} {bare} is below {limit}", "{field} {bare} is at least {limit}"),
    "at_most": ("{field} {bare} is above {limit}", "{field} {bare} is at most {limit}"),
    "given": ("{field} is {value}", "{field} is {value}"),
    "only": ("{field} is {value}, not only {texts}", "{field} is only {value}"),
}

#: What is said after "is empty" of a test that an empty value fails, so that both values are told.
_NOT_EMPTY = {
    "is": ", not {texts}",
    "contains": ", so it does not contain {texts}",
    "starts_with": ", so it does not start with {texts}",
    "matches": ", so it does not match {texts}",
    "at_least": ", not {limit} or more",
    "at_most": ", not {limit} or less",
    "only": ", not {texts}",
}


def judge(condition: Condition, values: Mapping[str, Value]) -> Verdict:
    """Hold `condition` against the fields' values (each "" when not found).

    Case never counts, nor do width and extra spaces (but to the patterns of `matches`). A multi-select holds
    if one of its choices does. An empty value fails every test but `is_not` (it is indeed not that) and
    `given: no`. Texts that cannot be read as an amount or a date fail `at_least` and `at_most`, with a warning.
    """
    match condition:
        case Test():
            return _test(condition, values.get(condition.field, ""))
        case AllOf():
            return _all(condition, values)
        case AnyOf():
            return _any(condition, values)
        case Not():
            return _not(condition, values)


def named(*conditions: Condition | None) -> frozenset[str]:
    """The fields that some conditions look at."""
    return frozenset(test.field for test in _lines(conditions))


def compared(*conditions: Condition | None) -> frozenset[str]:
    """The same without those that are only asked for by `given`, which expects that they may be missing."""
    return frozenset(test.field for test in _lines(conditions) if test.operator != "given")


def _lines(conditions: Iterable[Condition | None]) -> Iterator[Test]:
    for condition in conditions:
        match condition:
            case Test():
                yield condition
            case Not():
                yield from _lines((condition.condition,))
            case AllOf() | AnyOf():
                yield from _lines(condition.conditions)


def _test(test: Test, value: Value) -> Verdict:
    try:
        held = holds(test.operator, value, test.texts)
    except ValueError as error:
        because = f"{test.field} {error}"
        return Verdict(holds=False, line=test.line, because=because, warnings=(f"{because} (line {test.line})",))
    return Verdict(holds=True) if held else Verdict(holds=False, line=test.line, because=_saying(test, value))


def _saying(test: Test, value: Value, *, held: bool = False) -> str:
    """The plain clause that says why `test` does not hold, or that it does, with both values."""
    said = choices(value)
    saying = _SAYINGS[test.operator][held]
    if all(map(blank, said)):
        saying = "{field} is empty" + ("" if held else _NOT_EMPTY.get(test.operator, ""))
    return saying.format(
        field=test.field,
        value=listed(said, "and"),
        bare=listed(said, "and", mark=""),
        texts=_listed(test.texts),
        limit=_listed(test.texts, mark=""),
    )


@lru_cache(maxsize=1024)
def _listed(texts: tuple[str, ...], mark: str = "'") -> str:
    """What a test of a mapping names; the same for every lead."""
    return listed(texts, "or", mark)


def _all(condition: AllOf, values: Mapping[str, Value]) -> Verdict:
    warnings: tuple[str, ...] = ()
    for each in condition.conditions:
        verdict = judge(each, values)
        warnings += verdict.warnings
        if not verdict.holds:
            return Verdict(False, verdict.line, verdict.because, warnings)
    return Verdict(True, warnings=warnings)


def _any(condition: AnyOf, values: Mapping[str, Value]) -> Verdict:
    warnings: tuple[str, ...] = ()
    reasons: list[str] = []
    for each in condition.conditions:
        verdict = judge(each, values)
        warnings += verdict.warnings
        if verdict.holds:
            return Verdict(True, warnings=warnings)
        reasons.append(verdict.because)
    return Verdict(False, condition.line, f"none of these holds: {'; '.join(reasons)}", warnings)


def _not(condition: Not, values: Mapping[str, Value]) -> Verdict:
    verdict = judge(condition.condition, values)
    if not verdict.holds:
        return Verdict(True, warnings=verdict.warnings)
    return Verdict(False, condition.line, _held(condition.condition, values), verdict.warnings)


def _held(condition: Condition, values: Mapping[str, Value]) -> str:
    """The plain clause for a condition that holds although it stands under `not`."""
    match condition:
        case Test():
            return _saying(condition, values.get(condition.field, ""), held=True)
        case AllOf():
            return " and ".join(_held(each, values) for each in condition.conditions)
        case AnyOf():
            return next(_held(each, values) for each in condition.conditions if judge(each, values).holds)
        case Not():
            return judge(condition.condition, values).because
