"""Filters that read and write dates. Months are written in English."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache

from gateway.mapping.filters.registry import Argument, register

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_WRITE: dict[str, Callable[[dt.date], str]] = {
    "dd": lambda day: f"{day.day:02}",
    "d": lambda day: str(day.day),
    "mm": lambda day: f"{day.month:02}",
    "m": lambda day: str(day.month),
    "mmm": lambda day: _MONTHS[day.month - 1][:3],
    "mmmm": lambda day: _MONTHS[day.month - 1],
    "yyyy": lambda day: f"{day.year:04}",
    "yy": lambda day: f"{day.year % 100:02}",
}
_READ = {
    **dict.fromkeys(("dd", "d"), r"(?P<day>\d{1,2})"),
    **dict.fromkeys(("mm", "m"), r"(?P<month>\d{1,2})"),
    **dict.fromkeys(("mmm", "mmmm"), r"(?P<month>[A-Za-z]{3,9})\.?"),
    "yyyy": r"(?P<year>\d{4})",
    "yy": r"(?P<year>\d{2})",
}
_LETTERS = re.compile(r"[A-Za-z]+")
_TIME = r"(?:,?[T ] ?\d{1,2}:\d{2}.{0,30})?"
#: The ways to write a date that cannot be misread.
_CLEAR = tuple(
    re.compile(pattern + _TIME)
    for pattern in (
        r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})",
        r"(?P<month>[A-Za-z]{3,9})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})",
        r"(?P<day>\d{1,2})(?:st|nd|rd|th)?[ -](?P<month>[A-Za-z]{3,9})\.?,?[ -](?P<year>\d{4})",
    )
)
#: Seconds, or milliseconds, since 1970; ten digits begin in 2001.
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?", re.ASCII)
_EPOCH_END = dt.datetime(2100, 1, 1, tzinfo=dt.UTC).timestamp()
#: Two-digit years from here on are of the last century, as most tools have it.
_LAST_CENTURY = 69


def _layout(text: str) -> bool:
    """Whether a text is a format for writing: its letters are all dd, mm, yyyy and so on."""
    parts = _LETTERS.findall(text.lower())
    return bool(parts) and all(part in _WRITE for part in parts)


def _whole_layout(text: str) -> bool:
    """Whether a text is a format for reading: day, month and year, once each."""
    return _layout(text) and sorted(part[0] for part in _LETTERS.findall(text.lower())) == ["d", "m", "y"]


@register(Argument("FORMAT", "a format made of d, dd, m, mm, mmm, mmmm, yy and yyyy", "dd/mm/yyyy", _layout))
def date(text: str, layout: str) -> str:
    """Writes a date as FORMAT says; empty when the date cannot be told for sure.

    >>> date("2026-11-20", "dd/mm/yyyy")
    '20/11/2026'
    >>> date("April 19, 1987", "d mmm yyyy")
    '19 Apr 1987'
    >>> date("3-Apr-2026", "dd/mm/yyyy")
    '03/04/2026'
    >>> date("2026-11-20T09:30:00Z", "d mmmm")
    '20 November'
    >>> date("03/04/2025", "d mmmm")
    ''
    """
    day = _clear(" ".join(text.split()))
    return _LETTERS.sub(lambda part: _WRITE[part[0].lower()](day), layout) if day else ""


@register(Argument("FORMAT", "a format with day, month and year", "dd/mm/yyyy", _whole_layout))
def read_date(text: str, layout: str) -> str:
    """Reads a date that was written as FORMAT says, for the filter date to write it.

    >>> read_date("03/04/2025", "dd/mm/yyyy")
    '2025-04-03'
    >>> read_date("03/04/2025", "mm/dd/yyyy")
    '2025-03-04'
    """
    match = _reader(layout).fullmatch(" ".join(text.split()))
    day = _day(match) if match else None
    return day.isoformat() if day else ""


@lru_cache(maxsize=256)
def _reader(layout: str) -> re.Pattern[str]:
    parts = re.split(r"([A-Za-z]+)", " ".join(layout.split()))
    return re.compile("".join(_READ.get(part.lower()) or re.escape(part) for part in parts) + _TIME)


def _clear(text: str) -> dt.date | None:
    epoch = _EPOCH.fullmatch(text)
    if epoch and text[0] != "0" and int(epoch[1]) < _EPOCH_END:
        return dt.datetime.fromtimestamp(int(epoch[1]), dt.UTC).date()
    match = next(filter(None, (pattern.fullmatch(text) for pattern in _CLEAR)), None)
    return _day(match) if match else None


def _day(match: re.Match[str]) -> dt.date | None:
    year = int(match["year"])
    if len(match["year"]) == len("yy"):
        year += 1900 if year >= _LAST_CENTURY else 2000
    try:
        return dt.date(year, _month(match["month"]), int(match["day"]))
    except ValueError:
        return None


def _month(text: str) -> int:
    """The number of a month; 0, which is no month, for a word that names none."""
    if text.isdecimal():
        return int(text)
    return next((at for at, name in enumerate(_MONTHS, 1) if name.lower().startswith(text.lower())), 0)
