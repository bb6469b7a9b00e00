"""Which leads typed a phone number, however they wrote it: to find all that is known of one person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from gateway.model import Lead, Value
from gateway.store import rows
from gateway.store.tables import phones

#: The last digits by which a number is found: with or without its country, they are the same.
ENDING = 8

#: The fewest digits that look like a phone number: one typed without its area.
FEWEST = 7

#: Digits with whatever people write between them, and the plus in front: one number, or several in a row.
_NUMBER = re.compile(r"(?:[+＋]\s*)?\d(?:[\s().+＋/\-‐-―·]*\d){6,59}")

#: Digits that nothing stands between, and the plus in front.
_GROUP = re.compile(r"(?:[+＋]\s*)?\d+")

#: After so many digits a number is whole, even without its country.
_WHOLE = 10

#: A date (and an hour) is no number, although it has as many digits.
_DATE = re.compile(r"(?:(?:19|20)\d\d-[01]?\d-[0-3]?\d|[0-3]?\d([./-])[01]?\d\1(?:19|20)\d\d)(?: \d\d?)?")

#: So many digits of a hidden number are shown, to tell it by.
_SHOWN = 3

#: More than this of one answer is not looked at, and no more numbers of one lead are kept.
_LOOKED_AT, _KEPT = 2_000, 20

_NOTE = rows.unless_there(phones)


def ending(number: str) -> str:
    """The digits by which a number is found.

    >>> ending("+91 98765-43210"), ending("٠٩٨٧٦٥٤٣٢١٠")
    ('76543210', '76543210')
    """
    return digits(number)[-ENDING:]


def digits(number: str) -> str:
    """The digits of a number, in ASCII.

    >>> digits("+91 98765-43210")
    '919876543210'
    """
    return "".join(str(unicodedata.digit(sign)) for sign in number if sign.isdigit())


def endings(values: Iterable[Value | Sequence[str]]) -> frozenset[str]:
    """The endings of all that looks like a phone number among some answers.

    >>> sorted(endings(["call 098765 43210", ("+1 202 555 0143", "no")]))
    ['25550143', '76543210']
    """
    found = dict.fromkeys(map(ending, numbers(values)))
    return frozenset(list(found)[:_KEPT])


def numbers(values: Iterable[Value | Sequence[str]]) -> Iterator[str]:
    """All that looks like a phone number among some answers, as it was typed.

    >>> list(numbers(["call +91 98765 43210 on 20/11/2026", ("2026-11-20", "0202-555 0143")]))
    ['+91 98765 43210', '0202-555 0143']

    Where it may be several in a row, all of it comes first, then each of them:

    >>> list(numbers(["9876543210 / 9876543211"]))
    ['9876543210 / 9876543211', '9876543210', '9876543211']
    """
    for value in values:
        for text in [value] if isinstance(value, str) else value:
            found = (match[0] for match in _NUMBER.finditer(text[:_LOOKED_AT]))
            yield from (number for row in found if not _DATE.fullmatch(row) for number in _readings(row))


def _readings(row: str) -> Iterator[str]:
    """All of it as one number, then each one of it where there may be several."""
    yield row
    start = end = 0
    for group in _GROUP.finditer(row):
        known = len(digits(row[start:end]))
        is_next = group[0][0] in "+＋" or "/" in row[end : group.start()]
        if known >= _WHOLE or (known >= FEWEST and is_next):
            yield row[start:end]
            start = group.start()
        end = group.end()
    if start and len(digits(row[start:end])) >= FEWEST:
        yield row[start:end]


def hide(text: str, only: Collection[str] | None = None) -> str:
    """A text in which no phone number can be read; with `only`, none of these endings.

    >>> hide("call +91 98765 43210 on 2026-11-20 11:30"), hide("form 1202134567", only=["76543210"])
    ('call •••••210 on 2026-11-20 11:30', 'form 1202134567')
    """
    return _NUMBER.sub(lambda match: _hidden(match[0], only), text)


def _hidden(number: str, only: Collection[str] | None) -> str:
    shown = _DATE.fullmatch(number) if only is None else not {ending(one) for one in _readings(number)} & set(only)
    return number if shown else "•••••" + digits(number)[-_SHOWN:]


def of_lead(lead: Lead) -> frozenset[str]:
    """The endings of all that looks like a phone number among a lead's answers."""
    return endings(answer.value for answer in lead.answers)


def note(connection: Connection, found: Mapping[int, Collection[str]]) -> None:
    """Enter leads, by their ids, under these endings."""
    new = [{"ending": one, "lead_id": lead_id} for lead_id, ones in found.items() for one in sorted(ones)]
    if new:
        connection.execute(_NOTE[connection.dialect.name], new)


def leads_of(connection: Connection, number: str) -> list[int]:
    """The ids of the leads that may have typed this number, the oldest first; it may be another of the same ending."""
    wanted = {ending(number), ending(number)[-FEWEST:]}
    found = select(phones.c.lead_id).where(phones.c.ending.in_(wanted)).distinct()
    return list(connection.scalars(found.order_by(phones.c.lead_id)))
