"""Of what kind an answer is, told by what people answered: a form's questions are known by their answers alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from enum import StrEnum

from gateway.mapping.filters.amounts import number
from gateway.mapping.filters.dates import date
from gateway.mapping.left import given
from gateway.mapping.names import folded
from gateway.mapping.wording import choices
from gateway.model import Value


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"  #: Few different texts in many leads.
    SEVERAL = "several choices"
    PHONE = "phone"
    EMAIL = "e-mail"
    DATE = "date"
    YES_NO = "yes/no"
    EMPTY = "empty"


#: Kinds between which one question goes to and fro: a single tick among several comes as a text.
WORDS = frozenset({Kind.TEXT, Kind.CHOICE, Kind.SEVERAL})

#: A question has options when it came so often, with no more different texts than this, each so often on average.
_OFTEN, _FEW, _EACH = 6, 12, 3

#: Longer answers are texts without a look.
_LOOKED_AT = 100
_YES_NO = frozenset({"yes", "no", "true", "false", "on", "off", "y", "n"})
_EMAIL = re.compile(r"[^\s@,;]+@[^\s@,;]+\.[^\s@,;.]+")
_PHONE = re.compile(r"\+?[\d\s().\-‐-―/]+")
_SHORT_DATE = re.compile(r"\d{1,2}([/.-])\d{1,2}\1(?:\d{2}|\d{4})")
#: Digits of a phone number: with a + before them, and without.
_DIGITS, _BARE_DIGITS = range(7, 16), range(10, 16)


def kind_of(value: Value) -> Kind:
    """The kind of one answer by itself.

    >>> [str(kind_of(each)) for each in ("Mira", "5 lakh", "+91 98765 43210", "20/11/2026", "yes", ("a", "b"), " ")]
    ['text', 'number', 'phone', 'date', 'yes/no', 'several choices', 'empty']
    """
    told = given(value)
    if not told:
        return Kind.EMPTY
    if isinstance(told, tuple):
        return Kind.SEVERAL
    return _of_text(folded(told)) if len(told) <= _LOOKED_AT else Kind.TEXT


def _of_text(text: str) -> Kind:
    if not any(map(str.isdigit, text)):
        return Kind.YES_NO if text in _YES_NO else Kind.EMAIL if _EMAIL.fullmatch(text) else Kind.TEXT
    return next((kind for kind, is_one in _WITH_DIGITS if is_one(text)), Kind.TEXT)


def _is_like_a_phone_number(text: str) -> bool:
    digits = sum(map(str.isdigit, text))
    return digits in (_DIGITS if text[0] == "+" else _BARE_DIGITS) and bool(_PHONE.fullmatch(text))


#: What a text with digits may be; the first that holds.
_WITH_DIGITS: tuple[tuple[Kind, Callable[[str], object]], ...] = (
    (Kind.EMAIL, _EMAIL.fullmatch),
    (Kind.DATE, _SHORT_DATE.fullmatch),
    (Kind.PHONE, _is_like_a_phone_number),
    (Kind.DATE, lambda text: date(text, "yyyy-mm-dd")),
    (Kind.NUMBER, number),
)


def usual(values: Iterable[Value]) -> Kind:
    """The kind that a question has by many answers to it.

    >>> str(usual(["Goa", "Pune"] * 3)), str(usual(["Mira", "Asha", "Zoé"])), str(usual([("a", "b"), "a"]))
    ('choice', 'text', 'several choices')
    """
    told = list(values)
    kinds = Counter(map(kind_of, told))
    del kinds[Kind.EMPTY]
    if not kinds:
        return Kind.EMPTY
    if kinds[Kind.SEVERAL] and set(kinds) <= WORDS:
        return Kind.SEVERAL
    [(most, _count)] = kinds.most_common(1)
    return Kind.CHOICE if most is Kind.TEXT and _are_few(options(told)) else most


def _are_few(counted: Counter[str]) -> bool:
    return counted.total() >= _OFTEN and len(counted) <= _FEW and len(counted) * _EACH <= counted.total()


def options(values: Iterable[Value]) -> Counter[str]:
    """How often each text was chosen.

    >>> options(["Goa", ("Goa", "Pune")])
    Counter({'Goa': 2, 'Pune': 1})
    """
    return Counter(text for value in values for text in choices(given(value)))


def same_family(one: Kind, other: Kind) -> bool:
    """Whether two kinds may be the same question."""
    return one is other or {one, other} <= WORDS
