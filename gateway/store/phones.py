"""Which leads typed a phone number, however they wrote it: to find all that is known of one person."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select

from gateway.model import Value
from gateway.store import rows
from gateway.store.tables import phones

#: The last digits by which a number is found: with or without its country, they are the same.
ENDING = 8

#: Digits with whatever people write between them.
_NUMBER = re.compile(r"\d(?:[\s().+/\-‐-―·]*\d){6,19}")

#: More than this of one answer is not looked at, and no more numbers of one lead are kept.
_LOOKED_AT, _KEPT = 2_000, 20


def ending(number: str) -> str:
    """The digits by which a number is found.

    >>> ending("+91 98765-43210"), ending("٠٩٨٧٦٥٤٣٢١٠")
    ('76543210', '76543210')
    """
    return "".join(str(unicodedata.digit(sign)) for sign in number if sign.isdigit())[-ENDING:]


def endings(values: Iterable[Value | Sequence[str]]) -> frozenset[str]:
    """The endings of all that looks like a phone number among some answers.

    >>> sorted(endings(["call 098765 43210", ("+1 202 555 0143", "no")]))
    ['25550143', '76543210']
    """
    texts = (text for value in values for text in ([value] if isinstance(value, str) else value))
    found = {ending(match[0]): None for text in texts for match in _NUMBER.finditer(text[:_LOOKED_AT])}
    return frozenset(list(found)[:_KEPT])


def note(connection: Connection, lead_id: int, values: Iterable[Value]) -> None:
    """Enter a lead under the numbers in its answers."""
    found = endings(values)
    if found:
        row = [{"ending": one, "lead_id": lead_id} for one in sorted(found)]
        connection.execute(rows.upsert(connection, phones, row).on_conflict_do_nothing())


def leads_of(connection: Connection, number: str) -> list[int]:
    """The ids of the leads that may have typed this number, the oldest first; it may be another of the same ending."""
    found = select(phones.c.lead_id).where(phones.c.ending == ending(number))
    return list(connection.scalars(found.order_by(phones.c.lead_id)))
