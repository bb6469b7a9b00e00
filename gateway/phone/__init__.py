"""Phone numbers as people type them → E.164, or a plain reason why not.

The steps, in this order: one text → cleaned → refused if mangled → split into the numbers it may hold (`written`) →
each read in the few ways that can be meant (`reading`) → only a mobile whose country is sure (`doubts`) → no
placeholder.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from gateway.model import Value
from gateway.phone.countries import leading_code
from gateway.phone.doubts import TWO_COUNTRIES, could_be_its_code, is_foreign_code
from gateway.phone.reading import Number, read_piece
from gateway.phone.written import MAX_LENGTH, Written, clean, take_apart, unreadable

__all__ = ["MAX_LENGTH", "Number", "mask", "read"]


def read(typed: Value, country: str = "") -> Number:
    """Read one answer. `country`: ISO code for numbers without one, "" for none.

    A leading space before 11 to 15 digits is a `+` that urlencoding lost.

    >>> read("098765-43210 (WhatsApp)", "IN").e164
    '+919876543210'
    >>> read("98765 43210").reason
    'has no country code and no country is set'
    """
    choices = [choice for choice in ((typed,) if isinstance(typed, str) else typed) if choice.strip()]
    if len(choices) != 1:
        return Number(reason="is a list of several answers" if choices else "is empty")
    text = choices[0]
    cleaned = clean(text) if len(text) <= MAX_LENGTH else text
    if reason := unreadable(cleaned):
        return Number(reason=reason)
    written = take_apart(cleaned)
    if written.has_stray_letter:
        return Number(reason="has a letter among its digits")
    return _first_mobile(written, country.upper(), lost_plus=bool(re.match(r" +[1-9]", text)))


def mask(number: str) -> str:
    """For logs and lists: only the ends of a number; any other text is hidden whole.

    >>> mask("+919876543210"), mask("call me")
    ('+91 98••• ••210', '•••••')
    """
    code = leading_code(number[1:]) if re.fullmatch(r"\+[1-9]\d{6,14}", number, re.ASCII) else ""
    if not code:
        return "•••••" if number else ""
    national = number[1 + len(code) :]
    left, right = (2, 3) if len(national) > len("12345678") else (1, 1)
    shown = national[:left] + "•" * (len(national) - left - right) + national[-right:]
    return f"+{code} " + " ".join(shown[start : start + 5] for start in range(0, len(shown), 5))


def _first_mobile(written: Written, country: str, *, lost_plus: bool) -> Number:
    """The first number of a text that can be used; the others are only told."""
    numbers = _read_all(written.pieces, country, lost_plus=lost_plus)
    mobiles = list({number.e164: number for number in reversed(numbers) if number.e164}.values())
    if not mobiles:
        return max(numbers, key=lambda number: number.reason != "is too short")
    if any(is_foreign_code(piece, country) for piece in written.pieces):
        return Number(reason="has a country code apart from its number")
    repairs = [mobiles[-1].repair, "dropped the extension" if written.has_extension else ""]
    if len(mobiles) > 1:
        repairs.append(f"took the first of {'two' if len(mobiles[1:]) == 1 else 'several'} numbers")
    elif written.has_more:
        repairs.append("left out the text around it")
    others = tuple(number.e164 for number in reversed(mobiles[:-1]))
    return replace(mobiles[-1], repair=", ".join(filter(None, repairs)), others=others)


def _read_all(pieces: list[str], country: str, *, lost_plus: bool) -> list[Number]:
    numbers = []
    for at, (before, piece) in enumerate(pairwise(["", *pieces])):
        number = read_piece(piece, country, lost_plus=lost_plus and at == 0)
        doubtful = number.e164 and could_be_its_code(before, piece, country)
        numbers.append(Number(reason=TWO_COUNTRIES) if doubtful else number)
    return numbers
