"""Whether digits that read well could still be another person's number. In doubt a number is held, never guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from phonenumbers import PhoneNumber, region_code_for_country_code

from gateway.phone.countries import COUNTRIES, LONG_NUMBERS, code_of, is_mobile, is_mobile_in, parse
from gateway.phone.written import digits_of, has_code_mark, is_code_alone

TWO_COUNTRIES = "could be a number of two countries"
MORE_DIGITS = "has a few more digits beside it"
DIGIT_TWICE = "could be foreign or have a digit typed twice"


def doubt(piece: str, number: PhoneNumber, country: str, *, lost_plus: bool) -> str:
    """Why a piece without a mark of its country code may not mean the number that it reads as; "" when it does.
    A lost plus speaks for itself, except where a home number stands apart ("7 9123456789" may be a flat and a number).
    """
    if not country:
        return "" if lost_plus else _doubt_anywhere(piece)
    code = number.country_code or 0
    at_home = str(code) == code_of(country)
    for rest in _beside_few_digits(piece, most=2, groups=2 if at_home else 3):
        if is_mobile_in(country, rest) and not (at_home and int(rest) == number.national_number):
            return MORE_DIGITS
    expected = at_home or lost_plus or region_code_for_country_code(code) in COUNTRIES
    return "" if expected or not _is_mobile_with_a_digit_twice(digits_of(piece), country) else DIGIT_TWICE


def could_be_its_code(before: str, piece: str, country: str) -> bool:
    """Whether a few digits before a number may be its country code ("977 / 98412…")."""
    code = digits_of(before)
    if not 1 <= len(code) <= len("977") or has_code_mark(piece):
        return False
    number = parse("+" + code + digits_of(piece))
    return number is not None and is_mobile(number) and str(number.country_code) != code_of(country)


def is_foreign_code(piece: str, country: str) -> bool:
    """Whether a piece is nothing but a country code, and not home's."""
    return is_code_alone(piece) and digits_of(piece).lstrip("0") != code_of(country)


def _doubt_anywhere(piece: str) -> str:
    """Where no country is home, a single reading over the whole world must make sense."""
    if any(_beside_few_digits(piece, most=1, groups=3)):
        return MORE_DIGITS
    return TWO_COUNTRIES if any(is_mobile_in(country, digits_of(piece)) for country in LONG_NUMBERS) else ""


def _beside_few_digits(piece: str, *, most: int, groups: int) -> Iterator[str]:
    """The rest of a piece whose first or last few digits are set off. More groups are a way to write one number."""
    parts = re.findall(r"\d+", piece)
    if 1 < len(parts) <= groups:
        ends = ((parts[0], parts[1:]), (parts[-1], parts[:-1]))
        yield from ("".join(rest) for end, rest in ends if len(end) <= most)


def _is_mobile_with_a_digit_twice(digits: str, country: str) -> bool:
    shorter = {digits[:at] + digits[at + 1 :] for at in range(1, len(digits)) if digits[at] == digits[at - 1]}
    return any(is_mobile_in(country, rest) for rest in shorter)
