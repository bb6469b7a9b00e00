"""Answers that a mapping uses, that used to come, and that come no more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.mapping.drift.found import IN_A_ROW, UNLIKELY, Drift, DriftKind, Use, by_chance
from gateway.mapping.drift.histories import Past, Served, Serving
from gateway.mapping.drift.likely import Gap, likely_names
from gateway.mapping.fields import Field

#: From this chance on, not even a new answer in its place shows that an answer is gone.
_DOUBTFUL = 0.01


def gone(past: Past, fields: Mapping[str, Field], serving: Serving, known: Mapping[str, datetime]) -> list[Drift]:
    """A field's answer is gone when none of its candidates finds any: one that serves makes up for the others.

    `known`: the answers that were found gone before, and since when.
    """
    gaps: dict[Gap, list[Use]] = {}
    for name, series in serving.by_field.items():
        found = _gap(past, fields[name], series) if any(series) else _known_gap(past, fields[name], known)
        if found:
            gaps.setdefault(found[0], []).append(found[1])
    likely = likely_names(past, serving.used, list(gaps))
    return [
        _drift(gap, uses, guess.name)
        for (gap, uses), guess in zip(gaps.items(), likely, strict=True)
        if guess.instead or known.get(gap.answer) == gap.since or _is_sure(gap)
    ]


def _is_sure(gap: Gap) -> bool:
    """Whether a gap needs no new answer in its place to be believed."""
    return gap.missing >= IN_A_ROW and by_chance(gap.came, gap.of, gap.missing) < UNLIKELY


def _drift(gap: Gap, uses: Sequence[Use], likely: str) -> Drift:
    since, missing = gap.since, gap.missing
    return Drift(DriftKind.GONE, gap.answer, since, missing, missing, gap.came, gap.of, tuple(uses), likely=likely)


def _gap(past: Past, entry: Field, series: Sequence[Served | None]) -> tuple[Gap, Use] | None:
    """What a field finds no more, and the candidate that used to find it."""
    came = [(at, served) for at, served in enumerate(series) if served]
    last, served = came[-1]
    start, missing = last + 1, len(series) - last - 1
    if served.is_fact or by_chance(len(came), start, missing) >= _DOUBTFUL:
        return None
    candidate, since = served.candidate, past.times[start]
    return Gap(candidate.name, served.answer.names[0], start, since, missing, len(came), start), Use(entry, candidate)


def _known_gap(past: Past, entry: Field, known: Mapping[str, datetime]) -> tuple[Gap, Use] | None:
    """The same for an answer that went before the first of these leads."""
    candidate = next((each for each in entry.candidates if each.name in known), None)
    if candidate is None:
        return None
    return Gap(candidate.name, "", 0, known[candidate.name], len(past.leads), 0, 0), Use(entry, candidate)
