"""The leads of one form → the answers it sends, how often, and what they say."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from gateway import phone
from gateway.mapping.wording import choices, short
from gateway.model import Lead, Value

#: What is longer is no example but somebody's story.
LONGEST_EXAMPLE = 40
#: From so many leads on, a few texts that come again and again are the options of a choice.
_LEADS_FOR_OPTIONS = 3
_MOST_OPTIONS = 8
#: Digits of the shortest text that may be somebody's number.
_SHORTEST_NUMBER = 7
#: Dates and amounts, which have as many digits.
_NO_NUMBER = re.compile(
    r"(?:\d{4}-\d\d-\d\d|\d{1,2}[./-]\d{1,2}[./-]\d{4})(?:[T ]\d\d?:\d\d(?::[\d.]{2,6})?Z?)?"
    r"|\D{0,10}\d{1,3}(?:,\d{2,3})+(?:\.\d+)?\D{0,10}"
)


@dataclass(frozen=True, slots=True)
class Given:
    """One answer of a form, over all leads that were looked at."""

    names: tuple[str, ...]  #: As the source gives them, the steadiest first.
    values: tuple[str, ...]  #: What was typed or chosen, each choice on its own, the newest lead first.
    leads: int  #: How many leads gave it.

    @property
    def called(self) -> str:
        """The name that people read."""
        return self.names[-1]

    @property
    def different(self) -> list[str]:
        """What was typed or chosen, the most frequent first."""
        return [value for value, _ in Counter(self.values).most_common()]

    @property
    def is_choice(self) -> bool:
        """Whether its few texts come again and again."""
        few = min(_MOST_OPTIONS, self.leads // 2 + 1)
        return self.leads >= _LEADS_FOR_OPTIONS and len(self.different) <= few


@dataclass(frozen=True, slots=True)
class Form:
    """A form, as its leads show it."""

    source: str
    form: str  #: "" where the source names none.
    leads: int  #: How many were looked at.
    answers: tuple[Given, ...]
    facts: tuple[Given, ...]  #: What stands around the answers: `utm_source`, …


def look(leads: Sequence[Lead]) -> Form:
    """Look at the leads of one form (one at least), the newest first."""
    answers = chain.from_iterable(((answer.names, answer.value) for answer in lead.answers) for lead in leads)
    facts = chain.from_iterable((((name,), text) for name, text in lead.about.items()) for lead in leads)
    return Form(leads[0].source, leads[0].form, len(leads), tuple(_gathered(answers)), tuple(_gathered(facts)))


def _gathered(told: Iterable[tuple[tuple[str, ...], Value]]) -> Iterator[Given]:
    """One `Given` for each first name, in the order they first came."""
    found: dict[str, list[tuple[tuple[str, ...], Value]]] = {}
    for names, value in told:
        if names and names[0].strip():
            found.setdefault(names[0], []).append((names, value))
    for each in found.values():
        texts = [[text for text in choices(value) if text.strip()] for _, value in each]
        yield Given(each[0][0], tuple(chain.from_iterable(texts)), sum(map(bool, texts)))


def example(value: str) -> str:
    """A value as it may be shown: on one line, short, no number or address of a person in it.

    >>> example("2026-11-20"), example("+12025550143"), example("mira@example.com")
    ('2026-11-20', '+1 20••• ••143', '•••••')
    """
    digits = len(re.findall(r"\d", value))
    if "@" in value or (digits >= _SHORTEST_NUMBER and not _NO_NUMBER.fullmatch(value)):
        return phone.mask(phone.read(value).e164) or "•••••"
    text = "".join(sign for sign in short(value) if sign.isprintable())
    return text if len(text) <= LONGEST_EXAMPLE else text[: LONGEST_EXAMPLE - 1].rstrip() + "…"


def is_number(value: str) -> bool:
    """Whether a text is a phone number in full, or one without its country.

    >>> is_number("+12025550143"), is_number("98765 43210"), is_number("3 rooms")
    (True, True, False)
    """
    return bool(phone.read(value).e164) or is_national(value)


def is_national(value: str) -> bool:
    """Whether a text looks like a phone number that only its country can complete."""
    digits = len(re.findall(r"\d", value))
    written = re.fullmatch(r"[\d ()./-]+", value.strip())
    return (
        bool(written)
        and not _NO_NUMBER.fullmatch(value)
        and _SHORTEST_NUMBER <= digits <= len("123456789012")
        and not phone.read(value).e164
    )
