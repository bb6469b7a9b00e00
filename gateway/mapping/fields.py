"""FIND: a field's value among a lead's answers, and the story of how it was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial

from gateway import phone
from gateway.mapping.answers import Answers
from gateway.mapping.filters import FilterUse
from gateway.mapping.left import filtered, given, resolved, until_nothing, written
from gateway.mapping.names import choice, normal
from gateway.mapping.wording import choices, joined, listed, short
from gateway.model import Answer, Lead, Value

#: What people type in place of a second phone number.
_NO_NUMBER = frozenset(
    {"", "as_above", "above", "ditto", "na", "n_a", "nil", "no", "none", "null", "undefined", "not_applicable"}
)
#: More of what was typed than this is not carried along: it only explains.
_TYPED = 1000


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place to look: an answer's name, then filters."""

    name: str  #: As the mapping writes it, without the scope.
    scope: str = ""  #: "answer", "about", or "" for answers and then about.
    filters: tuple[FilterUse, ...] = ()
    line: int = 0

    def __str__(self) -> str:
        """As a mapping writes it: "about.utm_source"."""
        return f"{self.scope}.{self.name}" if self.scope else self.name


@dataclass(frozen=True)
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
    default_line: int = 0  #: Where the default is written; 0: on the field's own line.

    @cached_property
    def loose_values(self) -> Mapping[str, str]:
        """The table of `values` by its keys as choices are compared."""
        return {choice(key): words for key, words in self.values.items()}


@dataclass(frozen=True, slots=True)
class Found:
    """What a field came to for one lead."""

    field: Field
    value: Value = ""  #: From the answers alone; "" when none: what `when`, tags and attributes see.
    answer: str = ""  #: The (first) name of the answer that gave it, or of the first one that gave nothing.
    typed: str = ""  #: That answer before any filter, shortened.
    filters: tuple[str, ...] = ()  #: As written, in the order applied; "values" where the table was used.
    line: int = 0  #: Of the candidate that won.
    warnings: tuple[str, ...] = ()  #: Drift, repairs, a second number.
    unclear: str = ""  #: Two answers fit one name: the sentence that says which.
    failure: str = ""  #: Why there is no value although something was typed (a phone that cannot be sure).
    unlisted: tuple[str, ...] = ()  #: Choices that `values` does not list.

    def missing(self) -> str:
        """Why there is no value, as a clause: "no answer 'city'"."""
        names = listed(dict.fromkeys(map(str, self.field.candidates)), "or")
        return self.failure or f"no answer {names}"

    def no_text(self) -> str:
        """Why neither an answer nor a default says anything, as a clause."""
        return f"{self.failure}; it has no default" if self.failure else f"{self.missing()} and no default"

    def no_number(self) -> str:
        """Why there is no phone number, as a clause."""
        if self.failure:
            return f"no usable phone number: {self.failure}"
        names = [f"'{candidate}'" for candidate in self.field.candidates]
        return f"no phone number in the answer{'s' * (len(names) > 1)} {', '.join(names)}"


@dataclass(frozen=True, slots=True)
class _Try:
    """What one candidate came to: a value, or why there is none although something was typed."""

    value: Value = ""
    warnings: tuple[str, ...] = ()
    failure: str = ""


def find(entry: Field, lead: Lead, country: str) -> Found:
    """Look for `entry` in `lead`. `country`: ISO code for numbers written without one, "" for none."""
    return find_among(entry, Answers(lead), country)


def find_among(entry: Field, answers: Answers, country: str) -> Found:
    """The same, for several fields of one lead: the first candidate that is not empty wins."""
    warnings: list[str] = []
    failures: list[str] = []
    lost: list[Found] = []
    for candidate in entry.candidates:
        fitting = answers.fitting(candidate.name, candidate.scope)
        if unclear := _unclear(candidate, fitting):
            return Found(entry, warnings=tuple(warnings), unclear=unclear)
        answer = next((each for each in fitting if given(each.value)), None)
        if answer is None:
            lost += [_lost(entry, candidate, each) for each in fitting[:1]]
            continue
        tried = _try(entry, candidate, answer, country)
        warnings += tried.warnings
        if tried.value:
            warnings += [f"not used: {failure}" for failure in failures]
            return _settled(entry, candidate, answer, tried.value, warnings)
        lost.append(_lost(entry, candidate, answer))
        if tried.failure:
            failures.append(tried.failure)
    story = next((found for found in lost if found.typed), lost[0] if lost else Found(entry))
    return replace(story, warnings=tuple(warnings), failure="; ".join(failures))


def _lost(entry: Field, candidate: Candidate, answer: Answer) -> Found:
    """The story of an answer that gave nothing; for a phone number the failure alone tells it."""
    if entry.is_phone:
        return Found(entry)
    typed = joined(given(answer.value))[:_TYPED]
    used = until_nothing(resolved(given(answer.value)), candidate.filters)
    return Found(entry, answer=answer.names[0], typed=typed, filters=written(used), line=candidate.line)


def _same(value: Value) -> tuple[str, ...]:
    return tuple(text.strip() for text in choices(given(value)))


def _unclear(candidate: Candidate, fitting: Sequence[Answer]) -> str:
    """Two filled answers under one name: a sentence that quotes no text, for it may hold a phone number."""
    filled = [answer for answer in fitting if given(answer.value)] if len(fitting) > 1 else []
    if len({_same(answer.value) for answer in filled}) < 2:  # noqa: PLR2004 - two different texts make a doubt
        return ""
    names = list(dict.fromkeys(answer.names[0] for answer in filled))
    if len(names) == 1:
        return f"the answer {listed(names, 'and')} came more than once, with different texts"
    return (
        f"the answers {listed(names, 'and')} both fit the name '{candidate}' (line {candidate.line}) and differ; "
        "write the whole name of the one you mean"
    )


def _try(entry: Field, candidate: Candidate, answer: Answer, country: str) -> _Try:
    value = given(answer.value)
    kept = resolved(value)
    warnings = () if kept == value else (_unfilled(answer, value),)
    if not kept:
        return _Try(warnings=warnings)
    read = _read_phone(entry, candidate, answer, kept, country) if entry.is_phone else _read(candidate, answer, kept)
    return _Try(read.value, warnings + read.warnings, read.failure)


def _unfilled(answer: Answer, value: Value) -> str:
    return f"the answer '{short(answer.names[0])}' is an unfilled placeholder, '{short(joined(value))}'"


def _read(candidate: Candidate, answer: Answer, typed: Value) -> _Try:
    value = filtered(typed, candidate.filters)
    return _Try(value) if value else _Try(failure=_nothing_left(answer, typed, candidate.filters))


def _nothing_left(answer: Answer, typed: Value, uses: Sequence[FilterUse]) -> str:
    name = short(answer.names[0])
    if not typed:
        return f"the values of the field say nothing for the answer '{name}'"
    return f"the answer '{name}' says '{short(joined(typed))}', of which '{' | '.join(written(uses))}' leaves nothing"


def _read_phone(entry: Field, candidate: Candidate, answer: Answer, typed: Value, country: str) -> _Try:
    value = filtered(typed, (*candidate.filters, *entry.filters))
    if _is_no_number(joined(value)):
        return _Try()
    number = phone.read(value, country)
    name = short(answer.names[0])
    if not number.e164:
        return _Try(failure=f"'{name}' {number.reason}")
    repair = (f"the number in '{name}': {number.repair}",) if number.repair else ()
    others = tuple(f"'{name}' holds another number, {phone.mask(other)}, which is not used" for other in number.others)
    return _Try(number.e164, repair + others)


def _is_no_number(text: str) -> bool:
    word = normal(text[:_TYPED])
    return word in _NO_NUMBER or (word.partition("_")[0] == "same" and not any(map(str.isdigit, word)))


def _settled(entry: Field, candidate: Candidate, answer: Answer, value: Value, warnings: Sequence[str]) -> Found:
    """The found value after the field's own `values` and `filters`."""
    story = partial(Found, entry, answer=answer.names[0], typed=joined(answer.value)[:_TYPED], line=candidate.line)
    if entry.is_phone:
        used = (*written(candidate.filters), *written(entry.filters))
        return story(value, filters=used, warnings=tuple(warnings))
    said, unlisted = _said(entry, value)
    drift = (_drift(entry, answer, unlisted),) if unlisted else ()
    story = partial(story, unlisted=tuple(unlisted))
    table = ("values",) if said != value else ()
    after = filtered(said, entry.filters)
    if not after:
        failure = drift[0] if drift else _nothing_left(answer, said, entry.filters)
        told = (*written(candidate.filters), *table, *written(until_nothing(said, entry.filters)))
        return story(filters=told, warnings=(*warnings, failure), failure=failure)
    used = (*written(candidate.filters), *table, *written(entry.filters))
    return story(after, filters=used, warnings=(*warnings, *drift))


def _said(entry: Field, value: Value) -> tuple[Value, list[str]]:
    """`value` in the words of the table of `values`, and the choices that the table does not list."""
    if not entry.values:
        return value, []
    kept: list[str] = []
    unlisted: list[str] = []
    for text in choices(value):
        words = entry.values.get(text, entry.loose_values.get(choice(text), text if entry.keep_others else None))
        if words is None:
            unlisted.append(text)
        else:
            kept.append(words)
    return given(tuple(kept) if isinstance(value, tuple) else "".join(kept)), unlisted


def _drift(entry: Field, answer: Answer, unlisted: Sequence[str]) -> str:
    name = short(answer.names[0])
    return f"drift: the answer '{name}' says {listed(unlisted, 'and')}, which the values of '{entry.name}' do not list"
