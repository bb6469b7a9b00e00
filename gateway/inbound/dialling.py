"""Phone numbers that a form asks for in pieces: the code and the rest → one number with its country.

The rest alone would be read as a number of the mapping's country, and reach a stranger there.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from phonenumbers import country_code_for_region

from gateway.inbound.flatten import Leaf
from gateway.inbound.values import bare

#: The pieces of an object that is one phone number, by the letters of their names.
_COUNTRY = {"code", "country", "countrycode", "dialcode", "phonecode"}
_AREA = {"area", "areacode"}
_NUMBER = {"mobile", "number", "phone", "phonenumber"}
_FULL = {"full"}
#: Fields that hold the country's code for the phone fields beside them.
_CODES_BESIDE = {"countrycode", "dialcode", "phonecode"}
_PHONE_NAME = re.compile(r"phone|mobile|whatsapp", re.IGNORECASE)

_FEWEST_DIGITS = 5
_FEWEST_DIGITS_WITH_CODE = 11
_AREA_CODE = re.compile(r"\s*(\+?\d{1,5})\s*")
_CODE = re.compile(r"\s*(?:00)?([1-9]\d{0,3})\s*")
#: As in "+977", "Nepal (+977)", "+1-684".
_CODE_WITH_PLUS = re.compile(r"\+\s?(\d{1,3}(?:[ -]\d{1,3})?)(?!\d)")


def with_country_codes(fields: Iterable[Leaf]) -> Iterator[Leaf]:
    """The same values, but phone numbers in pieces are whole: an object of code and number becomes one
    answer, under the object's name too, and a number beside the only code of its object bears that code.

    >>> [leaf.value for leaf in with_country_codes([Leaf(("code",), "+977"), Leaf(("phone",), "9841234567")])]
    ['+977', '9841234567']
    >>> [leaf.value for leaf in with_country_codes([Leaf(("q", "code"), "+977"), Leaf(("q", "phone"), "9841234567")])]
    ['+977 9841234567']
    """
    given = list(fields)
    families = _families(given)
    whole = {parent: number for parent, family in families.items() if parent and (number := _whole(family))}
    codes = {parent: code for parent, family in families.items() if (code := _code_beside(family))}
    for leaf in given:
        parent = leaf.path[:-1]
        if parent not in whole:
            yield _prefixed(leaf, codes.get(parent, ""))
        elif bare(leaf.path[-1]) in _NUMBER | _FULL:
            yield replace(leaf, value=whole[parent], own=(".".join(parent), parent[-1], *leaf.own))


def _families(given: list[Leaf]) -> dict[tuple[str, ...], list[Leaf]]:
    families: dict[tuple[str, ...], list[Leaf]] = defaultdict(list)
    for leaf in given:
        families[leaf.path[:-1]].append(leaf)
    return families


def _whole(family: list[Leaf]) -> str:
    """The number that an object's pieces make; "" when they are not the pieces of one number."""
    pieces = {bare(leaf.path[-1]): leaf.value for leaf in family if isinstance(leaf.value, str)}
    if len(pieces) < len(family) or not pieces.keys() <= _COUNTRY | _AREA | _NUMBER | _FULL:
        return ""
    country, area, number, full = (_only(pieces, names) for names in (_COUNTRY, _AREA, _NUMBER, _FULL))
    if pieces.keys() == {"full"}:
        return full if _digits(full) >= _FEWEST_DIGITS else ""
    return _joined(country, area, number) if number and (country or area) else ""


def _only(pieces: Mapping[str, str], names: set[str]) -> str:
    found = [text for name, text in pieces.items() if name in names]
    return found[0] if len(found) == 1 else ""


def _joined(country: str, area: str, number: str) -> str:
    if _is_international(number):
        return number
    code = _country_code(country)
    area_code = _AREA_CODE.fullmatch(area)
    if not _is_national(number) or (country and not code) or (area and not area_code):
        return ""
    return " ".join(filter(None, (code, area_code.group(1) if area_code else "", number)))


def _code_beside(family: list[Leaf]) -> str:
    found = [leaf.value for leaf in family if _CODES_BESIDE & set(map(bare, (leaf.path[-1], *leaf.own)))]
    only = found[0] if len(found) == 1 else ""
    return _country_code(only) if isinstance(only, str) and any(map(str.isdigit, only)) else ""


def _prefixed(leaf: Leaf, code: str) -> Leaf:
    is_phone = any(map(_PHONE_NAME.search, (leaf.path[-1], *leaf.own)))
    if code and is_phone and isinstance(leaf.value, str) and _is_national(leaf.value):
        return replace(leaf, value=f"{code} {leaf.value}")
    return leaf


def _country_code(text: str) -> str:
    """With its plus: of "977", "Nepal (+977)" and "NP" alike; "" for what says no country."""
    if found := _CODE_WITH_PLUS.search(text) or _CODE.fullmatch(text):
        return f"+{found.group(1)}"
    known = country_code_for_region(text.strip().upper())
    return f"+{known}" if known else ""


def _is_international(text: str) -> bool:
    """A leading space is what an unescaped "+" leaves behind."""
    lost_plus = text.startswith(" ") and _digits(text) >= _FEWEST_DIGITS_WITH_CODE
    return lost_plus or text.strip().startswith(("+", "00"))


def _is_national(text: str) -> bool:
    return not _is_international(text) and _digits(text) >= _FEWEST_DIGITS


def _digits(text: str) -> int:
    return sum(map(str.isdigit, text))
