"""Where a number is: its country, and the time zones that it may be in."""

from __future__ import annotations

from functools import cache
from importlib import resources

import phonenumbers
from phonenumbers import timezone

from gateway.phone.countries import parse

#: The zone of most people, for countries whose row in `zone.tab` begins with another one: that goes from east to
#: west, or names the islands and territories first.
_MAIN = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


def country_of(number: str) -> str:
    """ISO code of an E.164 number's country; "" for what is no number, or is of no country (satellite phones).

    >>> country_of("+919876543210"), country_of("+12025550143"), country_of("")
    ('IN', 'US', '')
    """
    read = parse(number) if number.startswith("+") else None
    region = phonenumbers.region_code_for_number(read) if read else ""
    return region if region in phonenumbers.SUPPORTED_REGIONS else ""


def zones_of(number: str) -> tuple[str, ...]:
    """The time zones that an E.164 number may be in, by its first digits; none when they do not tell.

    >>> zones_of("+919876543210"), zones_of("+34612345678")
    (('Asia/Calcutta',), ('Atlantic/Canary', 'Europe/Madrid'))
    """
    read = parse(number)
    found = timezone.time_zones_for_number(read) if read else ()
    return tuple(zone for zone in found if zone in zone_names())


def zones_in(country: str) -> tuple[str, ...]:
    """The time zones of a country by its ISO code; none when it is unknown.

    >>> zones_in("IN"), zones_in("ID")
    (('Asia/Kolkata',), ('Asia/Jakarta', 'Asia/Pontianak', 'Asia/Makassar', 'Asia/Jayapura'))
    """
    return _zones_by_country().get(country, ())


def clocks(number: str, *, country: str = "", timezone: str = "") -> tuple[str, ...]:
    """Every time zone that a number may be in. `country` and `timezone`: the mapping's, where the number is of none.

    >>> clocks("+919876543210"), clocks("+34612345678")
    (('Asia/Kolkata',), ('Atlantic/Canary', 'Europe/Madrid'))
    """
    around = zones_in(country_of(number))
    found = around if len(around) == 1 else zones_of(number) or around
    return found or (timezone or main_zone(country) or "UTC",)


def home_clock(number: str, *, country: str = "", timezone: str = "") -> str:
    """The one time zone to go by for a number: its own; of several the mapping's, else the main one of its country.

    >>> home_clock("+61412345678"), home_clock("+61412345678", timezone="Australia/Perth")
    ('Australia/Sydney', 'Australia/Perth')
    """
    possible = clocks(number, country=country, timezone=timezone)
    if len(possible) == 1:
        return possible[0]
    home = country_of(number)
    likely = (*possible, *zones_in(home))
    return next(zone for zone in (timezone, main_zone(home), *possible) if zone in likely)


def main_zone(country: str) -> str:
    """The time zone of most people of a country; "" when the country is unknown.

    >>> main_zone("AU"), main_zone("ID"), main_zone("")
    ('Australia/Sydney', 'Asia/Jakarta', '')
    """
    zones = zones_in(country)
    return _MAIN.get(country, zones[0]) if zones else ""


@cache
def zone_names() -> frozenset[str]:
    """Every IANA name of a time zone, old ones too. The same on every machine."""
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="utf-8").split())


@cache
def _zones_by_country() -> dict[str, tuple[str, ...]]:
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    found: dict[str, tuple[str, ...]] = {}
    for country, _place, zone, *_remark in rows:
        found[country] = (*found.get(country, ()), zone)
    return found
