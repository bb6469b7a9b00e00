"""Numbers that nobody messages any more: what becomes of what waits for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway import phone
from gateway.pipeline import following
from gateway.store import suppressions
from gateway.store.deliveries import waiting_for

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


@dataclass(frozen=True, slots=True)
class Read:
    """The numbers in a text (E.164), or why there is none."""

    numbers: tuple[str, ...] = ()
    reason: str = ""


def read(written: str, country: str) -> Read:
    """All numbers in a text, also those that are no mobiles: whoever asks to be left alone is left alone.

    >>> read("98765 43210 / 98765 43211", "IN").numbers, read("+91 22 2345 6789", "").numbers
    (('+919876543210', '+919876543211'), ('+912223456789',))
    """
    found = phone.read(written, country)
    first = found.e164 or found.no_mobile
    return Read((first, *found.others)) if first else Read(reason=found.reason)


def read_known(written: str, country: str) -> Read:
    """The same for numbers that may be on the list: one that stands there need not exist in any country."""
    text = written.strip()
    return Read((text,)) if _E164.fullmatch(text) else read(written, country)


def suppress(connection: Connection, numbers: Mapping[str, str], now: datetime) -> set[str]:
    """Message these (each with its reason) no more, nor with what waits for them already; those that are new."""
    added = suppressions.add_all(connection, numbers, now)
    for number in sorted(waiting_for(connection, numbers)):
        following.opted_out(connection, number, now, numbers[number])
    return added
