"""Answers that no field looks at and that no lead brought before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from gateway.mapping.drift.found import IN_A_ROW, UNLIKELY, Drift, DriftKind, by_chance
from gateway.mapping.drift.histories import History, Past, Serving

#: A form must have had so many leads before an answer counts as new, and it is new for so long.
_EARLIER, _NEWS = 5, timedelta(days=7)


def new(past: Past, serving: Serving, gone: Sequence[Drift]) -> Iterator[Drift]:
    """Those that stand in for a gone one, and those that are more than an optional question's first answer."""
    for name, history in past.histories.items():
        if name in serving.used or not _is_young(history, past):
            continue
        replaced = next((drift.answer for drift in gone if drift.likely in history.names), "")
        if replaced or _is_no_accident(history, past):
            start = history.came[0]
            came, of = len(history.came), len(past.leads) - start
            since, kind = past.times[start], history.kind
            yield Drift(DriftKind.NEW, name, since, of, came=came, of=of, now=kind, likely=replaced)


def _is_young(history: History, past: Past) -> bool:
    if not history.came or history.came[0] < _EARLIER:
        return False
    return past.times[-1] - past.times[history.came[0]] < _NEWS


def _is_no_accident(history: History, past: Past) -> bool:
    """Whether the leads before the first that brought it show that it could not come then."""
    start, came = history.came[0], len(history.came)
    return came >= IN_A_ROW and by_chance(came, len(past.leads) - start, start) < UNLIKELY
