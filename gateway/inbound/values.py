"""What a stranger's JSON may hold, as the texts and objects that a source can use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.model import Value

#: Characters of an answer's name; mappings look no further either.
LONGEST_NAME = 1_000
_BETWEEN = re.compile(r"[\W_]+")
_NO = {"", "0", "false", "no", "off"}


def as_text(value: Any) -> str:
    """One value as a text; "" for nothing, lists and objects. Numbers keep their digits.

    >>> as_text(True), as_text(900100200300402), as_text(None)
    ('yes', '900100200300402', '')
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if isinstance(value, int) else ""


def as_value(texts: Iterable[str]) -> Value:
    """What was chosen: blank texts are no choice, the same twice is one, one is a text, several stay several.

    >>> as_value(["2 BHK", "", "2 BHK"]), as_value(["2 BHK", "3 BHK"]), as_value([])
    ('2 BHK', ('2 BHK', '3 BHK'), '')
    """
    given = tuple(dict.fromkeys(text for text in texts if text.strip()))
    return given if len(given) > 1 else "".join(given)


def as_object(value: Any) -> dict[str, Any]:
    """The object, or an empty one where something else stands in its place."""
    return value if isinstance(value, dict) else {}


def as_objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; whatever else is in it is passed over."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def as_texts(value: Any) -> list[str]:
    """The texts of a list, or of a single value."""
    return [as_text(item) for item in value] if isinstance(value, list) else [as_text(value)]


def is_no(text: str) -> bool:
    """Whether a box that sends this was left unticked.

    >>> is_no("False"), is_no("on")
    (True, False)
    """
    return text.strip().lower() in _NO


def filled(facts: Mapping[str, Any]) -> dict[str, str]:
    """The facts that say something, as texts.

    >>> filled({"ad_id": 600, "ad_name": None, "is_organic": False})
    {'ad_id': '600', 'is_organic': 'no'}
    """
    texts = {name: as_text(value) for name, value in facts.items()}
    return {name: text for name, text in texts.items() if text.strip()}


def bare(name: str) -> str:
    """The letters and digits of a name, to know it however it is spelled.

    >>> bare("countryCode"), bare("Country code"), bare("country_code")
    ('countrycode', 'countrycode', 'countrycode')
    """
    return name.lower() if name.isalnum() else _BETWEEN.sub("", name).lower()


def names(*texts: str) -> tuple[str, ...]:
    """The names of an answer: no blanks, no name twice, none endless, in the order given.

    >>> names("phone", "", "Phone", "phone")
    ('phone', 'Phone')
    """
    return tuple(dict.fromkeys(text[:LONGEST_NAME] for text in texts if text.strip()))
