"""One piece of a text → a number we are sure of, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from gateway.phone.countries import COUNTRIES, code_of, is_mobile, leading_code, parse
from gateway.phone.doubts import TWO_COUNTRIES, doubt
from gateway.phone.written import LETTERS, SHORTEST, has_code_mark, signed

#: National numbers that people type to get past a form; so is one digit repeated.
PLACEHOLDERS = frozenset({"0123456789", "1234567890"})
#: How many digits a number with its country code has.
_WITH_COUNTRY_CODE = range(11, 16)


@dataclass(frozen=True, slots=True)
class Number:
    """A number we are sure of (e164 set), or the reason why there is none."""

    e164: str = ""
    repair: str = ""  #: What was mended, in one clause; "" when nothing was.
    reason: str = ""  #: Why it is not used, in one clause that follows "the phone number …".
    others: tuple[str, ...] = ()  #: Further numbers in the same text, E.164.
    no_mobile: str = field(default="", compare=False)  #: A number that exists, E.164, and is refused for its kind.


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a written number."""

    digits: str  #: "+919876543210", or national digits when there is a country.
    country: str = ""
    repair: str = ""


def read_piece(piece: str, country: str, *, lost_plus: bool) -> Number:
    """The first way to read a piece that gives a valid number decides, be it a mobile or not."""
    if LETTERS.search(piece):
        return Number(reason="has words between its digits")
    written = signed(piece)
    for readings in _ways(written, country, lost_plus=lost_plus):
        valid = [(reading, number) for reading in readings if (number := parse(reading.digits, reading.country))]
        if len(valid) > 1 and len({number.country_code for _, number in valid if is_mobile(number)}) > 1:
            return Number(reason=TWO_COUNTRIES)
        if valid:
            reading, number = valid[0]
            found = _accept(reading, number, written)
            bare = found.e164 and not has_code_mark(piece)
            reason = doubt(piece, number, country, lost_plus=lost_plus) if bare else ""
            return Number(reason=reason) if reason else found
    return Number(reason=_why_not(written, country))


def _ways(written: str, country: str, *, lost_plus: bool) -> Iterator[list[_Reading]]:
    """Readings in the order they are tried; those of one list count only if they agree."""
    if written.startswith("+"):
        yield from _international(written[1:], "", leading_code(written[1:]))
    elif written.startswith("00"):
        yield from _international(written[2:], "read 00 as +", leading_code(written[2:]))
    else:
        local = [_Reading(written, country)] if country else []
        if lost_plus and len(written) in _WITH_COUNTRY_CODE:
            yield [_Reading("+" + written, repair="put back the + that was lost on the way"), *local]
        yield local
        yield from _country_code_without_plus(written, country)


def _country_code_without_plus(digits: str, country: str) -> Iterator[list[_Reading]]:
    code = code_of(country) if country else ""
    stripped = digits.lstrip("0")
    if stripped == digits and len(digits) in _WITH_COUNTRY_CODE:
        yield from _international(digits, "added the + in front", code)
    # A 1 or 7 after a zero begins many countries' own numbers: only longer codes tell.
    elif stripped != digits and stripped.startswith(code) and len(code) > 1:
        yield [_Reading("+" + stripped, repair="dropped the zero in front and added the +")]


def _international(digits: str, repair: str, code: str) -> Iterator[list[_Reading]]:
    yield [_Reading("+" + digits, repair=repair)]
    if code and digits.startswith(code * 2):
        yield [_Reading("+" + digits.removeprefix(code), repair="dropped a country code written twice")]


def _accept(reading: _Reading, number: PhoneNumber, written: str) -> Number:
    """A valid number, if it is a mobile and no placeholder."""
    national = phonenumbers.national_significant_number(number)
    if not is_mobile(number):
        fixed = phonenumbers.number_type(number) == PhoneNumberType.FIXED_LINE
        return Number(reason="is a fixed line" if fixed else "is not a mobile number", no_mobile=_e164(number))
    if national in PLACEHOLDERS or len(set(national)) == 1:
        return Number(reason="looks like a placeholder")
    e164 = _e164(number)
    if not reading.country:
        return Number(e164, reading.repair)
    if str(number.country_code) in written.removesuffix(national):
        return Number(e164, "added the + in front")
    name = COUNTRIES.get(reading.country, reading.country)
    return Number(e164, f"added +{number.country_code} because the country is {name}")


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _why_not(written: str, country: str) -> str:
    """Why no reading of a piece is a valid number."""
    digits = written.lstrip("+")
    if len(digits) < SHORTEST:
        return "is too short"
    if not written.startswith(("+", "00")):
        if not country:
            return "has no country code and no country is set"
    elif code := leading_code(digits.lstrip("0")):
        country = phonenumbers.region_code_for_country_code(int(code))
    else:
        return "has no country code that exists"
    return f"is not a valid number in {COUNTRIES.get(country, country)}"
