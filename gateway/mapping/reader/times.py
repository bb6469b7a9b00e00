"""How long, and at what hour: "2 hours", "1 day at 10:00", "09:00-20:00", as people write them."""

from __future__ import annotations

import re
from datetime import time, timedelta

from gateway.mapping.limits import Window
from gateway.mapping.names import folded
from gateway.mapping.reader.problems import nearest
from gateway.mapping.wording import short
from gateway.model import After

#: The longest that a limit reaches back.
LONGEST = timedelta(days=3650)
#: How soon and how late a follow-up may be.
SOONEST, LATEST = timedelta(seconds=10), timedelta(days=90)

_UNITS = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_SHORT = {"s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "d": "day", "w": "week"}
_DURATION = re.compile(r"(\d+)\s*([a-z]+)", re.ASCII)
_NUMBER = re.compile(r"(\d+)(?:\.\d+)?", re.ASCII)
_CLOCK = r"(\d{1,2})(?:[:.](\d\d))?\s*(am|pm)?"
_DAY = re.compile(rf"{_CLOCK}\s*(?:[-–—−]|to|until)\s*{_CLOCK}", re.ASCII)
_HOURS, _MINUTES = 24, 60
_LIKE = "write it like 30 minutes, 2 hours, 1 day or 2 weeks"


def duration(text: str) -> timedelta:
    """Raises ValueError with a sentence for what is none.

    >>> duration("7 days"), duration("1 Hour"), duration("30min")
    (datetime.timedelta(days=7), datetime.timedelta(seconds=3600), datetime.timedelta(seconds=1800))
    """
    found = _DURATION.fullmatch(folded(text))
    if not found:
        raise ValueError(_no_duration(text))
    unit = _unit(found[2], found[1])
    longest = LONGEST // _UNITS[unit]
    if len(found[1]) > len(str(longest)) or int(found[1]) > longest:
        raise ValueError(f"'{short(text)}' is longer than ten years; write a shorter time")
    if not int(found[1]):
        raise ValueError(f"'{text}' is no time at all; {_LIKE}")
    return int(found[1]) * _UNITS[unit]


def _unit(word: str, count: str) -> str:
    singular = word.removesuffix("s") or word
    unit = singular if singular in _UNITS else _SHORT.get(singular, "")
    if unit:
        return unit
    if singular in ("month", "year"):
        days = int(count[:2]) * (30 if singular == "month" else 365)
        raise ValueError(f"a {singular} is not always as long; write it in days, like {days} days")
    meant = nearest(singular, _UNITS)
    raise ValueError(f"'{short(word)}' is no measure of time; {f'did you mean {meant}s?' if meant else _LIKE}")


def _no_duration(text: str) -> str:
    said = folded(text)
    if _NUMBER.fullmatch(said) and "." not in said:
        return f"'{short(text)}' says no measure; write '{short(text)} hours', or minutes, days or weeks"
    if re.match(r"\d+\.\d+\s*[a-z]", said, re.ASCII):
        return f"'{short(text)}' is no whole number; write it in a smaller measure, like 90 minutes"
    return f"'{short(text)}' is no length of time; {_LIKE}"


def after(text: str) -> After:
    """When a follow-up leaves. Raises ValueError with a sentence for what is none.

    >>> after("1 day at 9 am")
    After(seconds=86400, at='09:00', says='1 day at 9 am')
    """
    length, word, hour = (part.strip() for part in folded(text).partition(" at "))
    waits = duration(length)
    if not SOONEST <= waits <= LATEST:
        raise ValueError(f"a follow-up comes after 10 seconds at the soonest and 90 days at the latest, not '{text}'")
    if not word:
        return After(int(waits.total_seconds()), says=text)
    if waits % _UNITS["day"]:
        raise ValueError(f"'{text}' is two times in one; an hour goes with whole days, like '1 day at 10:00'")
    return After(int(waits.total_seconds()), clock(hour).strftime("%H:%M"), text)


def clock(text: str) -> time:
    """An hour of the day. Raises ValueError with a sentence for what is none.

    >>> clock("9"), clock("10:30"), clock("8 pm")
    (datetime.time(9, 0), datetime.time(10, 30), datetime.time(20, 0))
    """
    found = re.fullmatch(_CLOCK, folded(text), re.ASCII)
    minutes = _minutes(found[1], found[2], found[3]) if found else None
    if minutes is None or minutes == _HOURS * _MINUTES:
        raise ValueError(f"'{short(text)}' is no hour of the day; write it like 10:00 or 18:30")
    return _time(minutes)


def window(text: str) -> Window:
    """Hours of a day, over midnight too. Raises ValueError with a sentence for what is none.

    >>> window("9:00 – 20:00") == window("9-20") == window("9am to 8pm")
    True
    >>> window("20:00-24:00").end
    datetime.time(0, 0)
    """
    found = _DAY.fullmatch(folded(text))
    start, end = (_minutes(*found.group(1, 2, 3)), _minutes(*found.group(4, 5, 6))) if found else (None, None)
    if start is None or end is None or start == _HOURS * _MINUTES:
        raise ValueError(f"'{short(text)}' are no hours of a day; write from when until when, like 09:00-20:00")
    if _time(start) == _time(end):
        raise ValueError(f"'{short(text)}' starts and ends at the same time; write two times, or take the line out")
    return Window(_time(start), _time(end))


def _minutes(hour: str, minute: str | None, half: str | None) -> int | None:
    """Minutes since midnight, up to 24:00; None for what no clock shows."""
    hours, minutes = int(hour), int(minute or 0)
    if half:
        if not 1 <= hours <= _HOURS // 2:
            return None
        hours = hours % 12 + 12 * (half == "pm")
    total = hours * _MINUTES + minutes
    return total if minutes < _MINUTES and total <= _HOURS * _MINUTES else None


def _time(minutes: int) -> time:
    return time(minutes // _MINUTES % _HOURS, minutes % _MINUTES)
