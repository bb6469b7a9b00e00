"""Lengths of time in words, for the reasons that the gate gives."""

from __future__ import annotations

from datetime import timedelta

_UNITS = (
    (timedelta(days=1), "days"),
    (timedelta(hours=1), "hours"),
    (timedelta(minutes=1), "minutes"),
    (timedelta(seconds=1), "seconds"),
)


def exactly(length: timedelta) -> str:
    """A limit, as it is.

    >>> exactly(timedelta(days=7)), exactly(timedelta(days=1)), exactly(timedelta(hours=50))
    ('7 days', '24 hours', '50 hours')
    """
    whole = [(unit, name) for unit, name in _UNITS if length >= 2 * unit and not length % unit]
    return _count(length, *(whole or [_UNITS[-1]])[0])


def about(length: timedelta) -> str:
    """An age, near enough.

    >>> about(timedelta(hours=3, minutes=20)), about(timedelta(days=2, hours=5)), about(timedelta())
    ('3 hours', '2 days', '0 seconds')
    """
    large = [(unit, name) for unit, name in _UNITS if length >= 2 * unit]
    return _count(max(length, timedelta()), *(large or [_UNITS[-1]])[0])


def _count(length: timedelta, unit: timedelta, name: str) -> str:
    count = length // unit
    return f"{count} {name.removesuffix('s') if count == 1 else name}"
