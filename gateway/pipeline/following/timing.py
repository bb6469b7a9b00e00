"""When a follow-up leaves."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.model import After
from gateway.phone.places import home_clock

#: Two calls to one number are never closer together than this.
SPACING = timedelta(seconds=10)


def when(after: After, since: datetime, number: str) -> datetime:
    """When a call leaves that comes `after` the one before it, which was accepted at `since`.

    >>> accepted = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
    >>> when(After(7200), accepted, "+919876543210").isoformat()
    '2026-11-20T14:00:00+00:00'

    A time of day is by the recipient's clock:

    >>> when(After(86400, "10:00"), accepted, "+919876543210").isoformat()
    '2026-11-21T04:30:00+00:00'
    """
    counted = since + timedelta(seconds=after.seconds)
    if after.at:
        counted = _at(time.fromisoformat(after.at), counted, since, ZoneInfo(home_clock(number)))
    return max(counted, since + SPACING)


def _at(clock: time, counted: datetime, since: datetime, zone: ZoneInfo) -> datetime:
    """That time on the day of `counted`; on the day after, where it is over when the count begins."""
    day = counted.astimezone(zone).date()
    there = datetime.combine(day, clock, zone).astimezone(UTC)
    if there >= since + SPACING:
        return there
    return datetime.combine(day + timedelta(days=1), clock, zone).astimezone(UTC)
