"""What `when` knows of the one the call would go to: their country, and the day and hour it was for them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from gateway.phone.countries import COUNTRIES
from gateway.phone.places import country_of, zones_in, zones_of

COUNTRY, WEEKDAY, HOUR = NAMES = ("phone_country", "weekday", "hour")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def known(
    names: Collection[str], number: str, received: datetime, *, country: str, timezone: str
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of those of NAMES that are asked for, "" where they cannot be told, and warnings that say why.

    `number`: E.164, "" for none. `received`: when the lead came. `country` and `timezone`: what the mapping says.

    >>> came = datetime.fromisoformat("2026-10-04T19:30:00+00:00")
    >>> known(NAMES, "+919876543210", came, country="", timezone="")
    ({'phone_country': 'IN', 'weekday': 'Monday', 'hour': '1'}, ())
    """
    values = {COUNTRY: country_of(number)} if COUNTRY in names else {}
    if WEEKDAY not in names and HOUR not in names:
        return values, ()
    told = day_and_hour(number, received, country=country, timezone=timezone)
    day, hour = told or ("", "")
    return values | {WEEKDAY: day, HOUR: hour}, () if told else (_why_not(number, timezone),)


def day_and_hour(number: str, received: datetime, *, country: str, timezone: str) -> tuple[str, str] | None:
    """The day and hour where the number is: ("Monday", "22"). None when it may be in zones that differ.

    The mapping's `timezone` decides only between zones that the number may be in; without a number, alone.
    """
    if not number:
        return _agreed([timezone] if timezone else zones_in(country), received)
    own = zones_of(number)
    if told := _agreed(own, received):
        return told
    around = zones_in(country_of(number))
    fits = timezone and _may_be(timezone, (*own, *around), received)
    return _agreed(around, received) or (_agreed([timezone], received) if fits else None)


def _may_be(timezone: str, zones: Sequence[str], moment: datetime) -> bool:
    """Whether it is as late there as in one of the zones; any may be right where none is known."""
    offsets = {_there(zone, moment).utcoffset() for zone in zones}
    return not offsets or _there(timezone, moment).utcoffset() in offsets


def _there(zone: str, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(zone))


def _agreed(zones: Sequence[str], moment: datetime) -> tuple[str, str] | None:
    """The day and hour in all these zones; None when they differ, or when there is none."""
    found = {(DAYS[there.weekday()], str(there.hour)) for there in (_there(zone, moment) for zone in zones)}
    return found.pop() if len(found) == 1 else None


def _why_not(number: str, timezone: str) -> str:
    unknown = "the weekday and hour of this lead are not known"
    if not number:
        return f"{unknown}: it has no usable phone number; write whose clock counts, like 'timezone: Asia/Kolkata'"
    country = country_of(number)
    zones = zones_in(country) or zones_of(number)
    if not zones:
        return f"{unknown}: its phone number is of no country; write 'timezone: …' at the top of the mapping"
    several = f"{unknown}: numbers of {COUNTRIES.get(country, country)} are in several time zones"
    if timezone:
        return f"{several}, and none has the time of '{timezone}', the mapping's 'timezone'"
    return f"{several}; write the one you mean at the top of the mapping, like 'timezone: {zones[0]}'"
