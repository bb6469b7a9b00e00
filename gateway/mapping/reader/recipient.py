"""What a file says of the recipient: a country, a time zone, and what `when` holds them against."""

from __future__ import annotations

import re

import phonenumbers

from gateway.mapping.names import folded
from gateway.mapping.reader.problems import did_you_mean
from gateway.mapping.recipient import DAYS, HOUR, WEEKDAY
from gateway.mapping.wording import listed
from gateway.phone.places import zone_names, zones_in

_WORDS = ("is", "is_not", "given")
_HOUR_WORDS = ("is", "is_not", "at_least", "at_most", "given")
_HOURS = 24
_SHORTEST_DAY = len("Mon")
_CLOCK = re.compile(r"(\d{1,2})(?:[:.]00)?\s*(am|pm|)", re.ASCII)


def wrong_country(text: str) -> str:
    """Why a text is no country's ISO code; "" when it is one."""
    if text in phonenumbers.SUPPORTED_REGIONS:
        return ""
    return f"'{text}' is no country code; write two capitals, like IN or AE"


def wrong_timezone(text: str, country: str) -> str:
    """Why a text is no time zone; "" when it is one. `country`: the file's, whose own may be meant."""
    if text in zone_names():
        return ""
    own = zones_in(country)
    if len(own) == 1:
        return f"'{text}' is no time zone; write {own[0]}, that of {country}"
    cities = [name for name in zone_names() if "/" in name]
    return f"'{text}' is no time zone{did_you_mean(text, cities) or '; write it like Asia/Kolkata'}"


def wrong_text(name: str, operator: str, text: str) -> str:
    """Why one of recipient.NAMES cannot be held against a text; "" when it can."""
    words = _HOUR_WORDS if name == HOUR else _WORDS
    if operator not in words:
        return f"'{name}' takes {listed(words, 'and', mark='')}; write one of these instead of {operator}"
    if operator == "given":
        return ""
    if name == WEEKDAY:
        return _wrong_day(text)
    if name == HOUR:
        return _wrong_hour(text)
    return wrong_country(text) if wrong_country(text.upper()) else ""


def as_known(name: str, text: str) -> str:
    """A text as the values of `name` have it: "mon" is Monday, "09" is 9. Any other text stays."""
    if name == WEEKDAY:
        return _day(text) or text
    return str(int(text)) if name == HOUR and not _wrong_hour(text) else text


def _day(text: str) -> str:
    start = folded(text)
    return next((day for day in DAYS if len(start) >= _SHORTEST_DAY and day.casefold().startswith(start)), "")


def _wrong_day(text: str) -> str:
    if _day(text):
        return ""
    cure = did_you_mean(text, DAYS) or "; write days like Monday or Mon, each on its own line"
    return f"'{text}' is no day of the week{cure}"


def _wrong_hour(text: str) -> str:
    if re.fullmatch(r"\d{1,2}", text, re.ASCII) and int(text) < _HOURS:
        return ""
    clock = _CLOCK.fullmatch(folded(text))
    meant = _on_a_day(int(clock[1]), clock[2]) if clock else None
    cure = "a whole number from 0 to 23" if meant is None else str(meant)
    return f"'{text}' is no hour; write {cure}"


def _on_a_day(hour: int, half: str) -> int | None:
    """The hour from 0 to 23: 9 "pm" is 21. None for what no clock shows."""
    if half:
        return hour % 12 + 12 * (half == "pm") if 1 <= hour <= _HOURS // 2 else None
    return hour if hour < _HOURS else None
