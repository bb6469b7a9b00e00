"""Where a number is: its country, and the time zones that it may be in."""

from __future__ import annotations

from functools import cache
from importlib import resources

import phonenumbers
from phonenumbers import timezone

from gateway.phone.countries import parse


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
