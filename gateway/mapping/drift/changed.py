"""Answers that still come but are another thing now: of another kind, or with options that `values` does not list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from gateway.mapping.drift.found import IN_A_ROW, UNLIKELY, Drift, DriftKind, Use, by_chance
from gateway.mapping.drift.histories import Past, Serving
from gateway.mapping.drift.kinds import WORDS, Kind, kind_of, usual
from gateway.mapping.fields import Field, find_among
from gateway.model import Value

#: An answer has a kind when so large a part of its leads agree on it.
_AGREED = 0.9


def changed(past: Past, fields: Mapping[str, Field], serving: Serving, country: str) -> list[Drift]:
    """Each answer once; of another kind before other options, which then follow from it."""
    options = _other_options(past, fields, serving, country)
    kinds = _other_kinds(past, fields, serving, country)
    return list({drift.answer: drift for drift in (*options, *kinds)}.values())


def _other_kinds(past: Past, fields: Mapping[str, Field], serving: Serving, country: str) -> Iterator[Drift]:
    for answer, uses in _uses(fields, serving).items():
        told = _told(uses[0], serving)
        kinds = [_family(kind_of(value)) for value in told.values()]
        [(was, _count)] = Counter(kinds).most_common(1)
        of = len(kinds) - kinds[::-1].index(was)
        came, missing = kinds[:of].count(was), len(kinds) - of
        if came < _AGREED * of or missing < IN_A_ROW or by_chance(came, of, missing) >= UNLIKELY:
            continue
        now, [first, *_] = usual(list(told.values())[of:]), list(told)[of:]
        harmed = sum(_finds_nothing(uses, past, at, country) for at in list(told)[of:])
        since = past.times[first]
        yield Drift(DriftKind.CHANGED, answer, since, missing, harmed, came, of, tuple(uses), was, now)


def _family(kind: Kind) -> Kind:
    return Kind.TEXT if kind in WORDS else kind


def _uses(fields: Mapping[str, Field], serving: Serving) -> dict[str, list[Use]]:
    """The answers that served any field, as the mapping calls them, and those fields."""
    found: dict[str, list[Use]] = {}
    for name, series in serving.by_field.items():
        answered = [served for served in series if served and not served.is_fact]
        for candidate in {served.candidate.name: served.candidate for served in answered}.values():
            found.setdefault(candidate.name, []).append(Use(fields[name], candidate))
    return found


def _told(use: Use, serving: Serving) -> dict[int, Value]:
    """What a candidate found, by the number of the lead."""
    series = enumerate(serving.by_field[use.field.name])
    return {at: served.answer.value for at, served in series if served and served.candidate.name == use.candidate.name}


def _finds_nothing(uses: Sequence[Use], past: Past, at: int, country: str) -> bool:
    return any(not find_among(use.field, past.leads[at], country).value for use in uses)


def _other_options(past: Past, fields: Mapping[str, Field], serving: Serving, country: str) -> Iterator[Drift]:
    for name, series in serving.by_field.items():
        entry = fields[name]
        found = [find_among(entry, answers, country) for answers in past.leads] if entry.values else []
        strange = {at: one for at, one in enumerate(found) if one.unlisted}
        served = next(filter(None, (series[at] for at in strange)), None)
        if served is None:
            continue
        counted = Counter(text for one in strange.values() for text in one.unlisted)
        yield Drift(
            DriftKind.CHANGED,
            served.candidate.name,
            past.times[min(strange)],
            len(strange),
            sum(not one.value for one in strange.values()),
            uses=(Use(entry, served.candidate),),
            options=tuple(text for text, _ in counted.most_common()),
        )
