"""Phone numbers as people type them → E.164, or a plain reason why not."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model import Value


@dataclass(frozen=True, slots=True)
class Number:
    """A number we are sure of (e164 set), or the reason why there is none."""

    e164: str = ""
    repair: str = ""  #: What was mended, in one clause; "" when nothing was.
    reason: str = ""  #: Why it is not used, in one clause.
    others: tuple[str, ...] = ()  #: Further numbers in the same text, E.164.


def read(typed: Value, country: str = "") -> Number:
    """Read one answer. `country`: ISO code for numbers without one, "" for none.

    A leading space before 11 to 15 digits is a `+` that urlencoding lost.
    """
    raise NotImplementedError


def mask(number: str) -> str:
    """For logs and lists: only the ends of a number."""
    raise NotImplementedError
