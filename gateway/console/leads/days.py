"""From when to when: days as the person at the browser counts them, or so long until now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import abort

from gateway import clock

_LAST = re.compile(r"([0-9]{1,4})([dh])", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

#: The span that needs no date: what is asked for, and what it is called.
QUICK = {"today": "today", "7d": "7 days", "30d": "30 days"}


@dataclass(frozen=True, slots=True)
class Days:
    """A span of time."""

    begins: str = ""  #: As it was asked for: "2026-11-01", "7d", "24h", "today", a moment with its zone; "": ever.
    ends: str = ""
    zone: str = ""  #: In which days are meant, "Asia/Kolkata"; "": UTC.
    since: datetime | None = None
    until: datetime | None = None  #: The end itself does not count.

    @classmethod
    def of(cls, begins: str, ends: str, zone: str) -> Days:
        """Answers 400 where it cannot be meant."""
        where = _zone(zone)
        since = _moment(begins, where) if begins else None
        until = _moment(ends, where, timedelta(days=1)) if ends else None
        return cls(begins, ends, zone if where is not UTC else "", since, until)

    @property
    def names_one(self) -> bool:
        """Whether it matters in which zone days are meant."""
        return any(text == "today" or _DAY.fullmatch(text) for text in (self.begins, self.ends))

    def says(self, name: str) -> str:
        """The beginning ("from") or the end ("to") in words."""
        if name == "to":
            return f"until {self.ends}"
        if match := _LAST.fullmatch(self.begins):
            return f"last {match[1]} {'days' if match[2] == 'd' else 'hours'}"
        return "today" if self.begins == "today" else f"since {self.begins}"


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name and len(name) <= len("America/Argentina/Buenos_Aires") * 2 else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _moment(text: str, zone: tzinfo, whole: timedelta = timedelta()) -> datetime:
    """What was asked for, as a moment. `whole`: how long a day alone lasts."""
    now = clock.now()
    try:
        if match := _LAST.fullmatch(text):
            return now - int(match[1]) * (timedelta(days=1) if match[2] == "d" else timedelta(hours=1))
        if text == "today":
            return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
        if _DAY.fullmatch(text):
            return (datetime.fromisoformat(text).replace(tzinfo=zone) + whole).astimezone(UTC)
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        abort(400, f"'{text[:40]}' is no day: write it like 2026-11-01, or 7d for the last seven.")
