"""What needs a person: what it is, why, and what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gateway.store.daily.troubles import MOST

#: How pressing it is: messages are kept back or lost; somebody should look; it is good to know.
BAD, WARN, CALM = "bad", "warn", "calm"


@dataclass(frozen=True, slots=True)
class Way:
    """Where a button leads."""

    says: str
    to: str  #: The endpoint, without "console.".
    values: Mapping[str, str | int] = field(default_factory=dict)
    posts: bool = False  #: It does something at once, so it is posted.


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs a person."""

    key: str  #: Always the same for the same thing: letters, digits, lines between.
    tone: str  #: BAD, WARN or CALM.
    title: str
    cause: str  #: Why it is so, and what mends it.
    at: datetime | None = None  #: Since when it is so.
    ways: tuple[Way, ...] = ()
    lately: bool = False  #: `at` is when the latest of several came.


def several(count: int, word: str, words: str = "") -> str:
    """
    >>> several(1, "lead"), several(3, "lead"), several(1000, "request")
    ('1 lead', '3 leads', '1,000 or more requests')
    """
    more = " or more" if count >= MOST else ""
    return f"{count:,}{more} {word if count == 1 else words or f'{word}s'}"


def sentence(text: str) -> str:
    """With a capital and an end.

    >>> sentence("no credit"), sentence("Did you mean 'rules'?"), sentence("")
    ('No credit.', "Did you mean 'rules'?", '')
    """
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?')) else '.'}" if text else ""


def them(count: int) -> str:
    """What several things, or the one, are called."""
    return "it" if count == 1 else "them"


def key(*parts: str) -> str:
    """The key of a need.

    >>> key("unmapped", "website", "Price list / 2")
    'unmapped-website-Price-list---2'
    """
    return "-".join("".join(sign if sign.isalnum() else "-" for sign in part) for part in parts)


def mapping_way(file: str, says: str = "", line: int = 0) -> Way:
    """To a mapping file."""
    values: dict[str, str | int] = {"file": file} | ({"line": line} if line else {})
    return Way(says or f"Open {file}", "mappings.edit", values)


def leads_way(says: str, **asked: str) -> Way:
    """To the leads that are meant."""
    return Way(says, "leads.show", asked)
