"""Amounts as people and forms write them (1,00,000 · 50 lakh · ₹1.2 crore · 5k), and the filters that use them."""

from __future__ import annotations

import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

from gateway.mapping.filters.registry import register

#: Amounts are short; longer texts are not worth reading.
_LONGEST = 100
_UNITS = {
    **dict.fromkeys(("", "rs", "inr", "rupee", "rupees"), 1),
    **dict.fromkeys(("k", "thousand", "thousands"), 10**3),
    **dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), 10**5),
    **dict.fromkeys(("million", "millions", "mn"), 10**6),
    **dict.fromkeys(("crore", "crores", "cr", "crs"), 10**7),
}
#: L and M may be litres and metres; they are read only beside rupees.
_SHORT_UNITS = {"l": 10**5, "m": 10**6}
_RUPEES = re.compile(r"₹|\brs\b|\binr\b|\brupees?\b")
_AMOUNT = re.compile(
    r"(?:₹|rs\.?|inr)? ?(?P<whole>\d{1,3}(?:,\d{2,3}){0,5},\d{3}|\d{1,15})(?P<rest>\.\d{1,6})? ?"
    r"(?P<unit>[a-z]*)\.?(?: (?:rs\.?|inr|rupees?))?"
)
_BELOW = re.compile(r"(?:below|under|less than|up ?to|at most|max(?:imum)?|within|<=?|≤) ?")
_FROM = re.compile(r"(?:above|over|more than|at least|min(?:imum)?|starting from|from|between|about|around|>=?|≥) ?")
_UPWARDS = re.compile(r" ?(?:\+|plus|and above|and more|or more|onwards)")
_TO = re.compile(r" ?- ?| to | and ")


def read_amount(text: str) -> Decimal | None:
    """The amount a text means, for comparing; a range counts by its lower end. None when it cannot be read.

    >>> read_amount("50_lakh_-_1_crore"), read_amount("under 50 lakh"), read_amount("many")
    (Decimal('5000000'), Decimal('0'), None)
    """
    plain = _plain(text)
    below = _BELOW.match(plain)
    if below:
        return None if _lower_end(plain[below.end() :]) is None else Decimal(0)
    upwards = _UPWARDS.search(plain)
    if upwards and upwards.end() == len(plain):
        plain = plain[: upwards.start()]
    return _lower_end(_FROM.sub("", plain, count=1) if _FROM.match(plain) else plain)


@register()
def number(text: str) -> str:
    """Writes an amount in plain digits; empty when the text is not one amount.

    >>> number("1,00,000")
    '100000'
    >>> number("1.2 crore")
    '12000000'
    >>> number("5k")
    '5000'
    >>> number("50-60 lakh")
    ''
    """
    amount = _single(text)
    if amount is None:
        return ""
    written = f"{amount:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written


@register()
def rupees(text: str) -> str:
    """Writes an amount in rupees, grouped the Indian way; empty when the text is not one amount.

    >>> rupees("100000")
    '₹1,00,000'
    >>> rupees("1.2 crore")
    '₹1,20,00,000'
    >>> rupees("Rs. 1250.50")
    '₹1,250.50'
    >>> rupees("50-60 lakh")
    ''
    """
    amount = _single(text)
    if amount is None:
        return ""
    whole, paise = str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP)).split(".")
    lakhs = re.sub(r"(?<=\d)(?=(?:\d\d)+$)", ",", whole[:-3])
    return "₹" + (f"{lakhs}," if lakhs else "") + whole[-3:] + ("" if paise == "00" else f".{paise}")


def _plain(text: str) -> str:
    """Small letters, single spaces, one kind of dash; "" for what is too long."""
    if len(text) > _LONGEST:
        return ""
    flat = re.sub("[‐-―−]", "-", unicodedata.normalize("NFKC", text).casefold().replace("_", " "))
    return " ".join(flat.replace("/-", " ").split())


def _single(text: str) -> Decimal | None:
    plain = _plain(text)
    match = _AMOUNT.fullmatch(plain)
    unit = _unit(match, plain) if match else None
    return _written(match) * unit if match and unit else None


def _written(match: re.Match[str]) -> Decimal:
    return Decimal(match["whole"].replace(",", "") + (match["rest"] or ""))


def _unit(match: re.Match[str], plain: str) -> int | None:
    known = _UNITS | _SHORT_UNITS if _RUPEES.search(plain) else _UNITS
    return known.get(match["unit"])


def _lower_end(plain: str) -> Decimal | None:
    matches = [match for end in _TO.split(plain) if (match := _AMOUNT.fullmatch(end))]
    units = [unit for match in matches if (unit := _unit(match, plain))]
    if not len(units) == len(_TO.split(plain)) <= len(("low", "high")):
        return None
    first, last = _written(matches[0]), _written(matches[-1])
    if not matches[0]["unit"] and first < last:
        return first * units[-1]  # "50-60 lakh"
    low, high = first * units[0], last * units[-1]
    left_out = not matches[0]["unit"] and low * 1000 < high  # "50 - 1 crore" may mean lakh, "500 - 1k" may not.
    return None if low > high or left_out else low
