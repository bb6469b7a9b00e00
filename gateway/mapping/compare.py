"""The words of `when`: what each asks of a value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import product

from gateway.mapping import filters
from gateway.mapping.clean import blank
from gateway.mapping.names import folded
from gateway.mapping.wording import choices, short
from gateway.model import Value

#: Patterns and amounts are looked for in this much of an answer, so that none can keep them busy for long.
SEARCHED = 200

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?", re.DOTALL)

_Asked = Callable[[str, str], bool]


def holds(operator: str, value: Value, texts: tuple[str, ...]) -> bool:
    """Whether `value` is what `operator` and its `texts` ask for.

    Raises ValueError with a clause that goes on from the field's name, when an amount, a date or a pattern
    cannot be read.

    >>> holds("is", "NAVI  Mumbai", ("Pune", "Navi Mumbai"))
    True
    """
    return _OPERATORS[operator](value, texts)


def _is(value: Value, texts: tuple[str, ...]) -> bool:
    """One of the choices is one of the texts.

    >>> holds("is", ("Pune", "Goa"), ("goa",)), holds("is", "Navi Mumbai", ("Mumbai",))
    (True, False)
    """
    wanted = set(map(folded, texts))
    return any(folded(text) in wanted for text in choices(value) or ("",))


def _is_not(value: Value, texts: tuple[str, ...]) -> bool:
    """No choice is one of the texts; an empty value is none of them.

    >>> holds("is_not", ("Pune", "Goa"), ("goa",)), holds("is_not", "", ("goa",))
    (False, True)
    """
    return not _is(value, texts)


def _only(value: Value, texts: tuple[str, ...]) -> bool:
    """There is one choice, and it is one of the texts.

    >>> holds("only", ("Pune", "Goa"), ("goa",)), holds("only", ("Goa",), ("goa",))
    (False, True)
    """
    return len(choices(value)) == 1 and _is(value, texts)


def _given(value: Value, texts: tuple[str, ...]) -> bool:
    """There is something to see ("yes"), or nothing ("no").

    >>> holds("given", "Goa", ("yes",)), holds("given", " ", ("yes",)), holds("given", "", ("no",))
    (True, False, True)
    """
    return any(not blank(text) for text in choices(value)) == ("yes" in texts)


def _some(asked: _Asked) -> Callable[[Value, tuple[str, ...]], bool]:
    """One of the choices answers `asked` with one of the texts; what cannot be read matters only if none does."""

    def some(value: Value, texts: tuple[str, ...]) -> bool:
        unread: list[ValueError] = []
        for choice, text in product(choices(value), texts):
            try:
                if asked(choice, text):
                    return True
            except ValueError as error:
                unread.append(error)
        if unread:
            raise unread[0]
        return False

    return some


def _contains(choice: str, text: str) -> bool:
    """The text stands somewhere in it.

    >>> holds("contains", "Call me AFTER 6pm", ("before", "after")), holds("contains", "", ("a",))
    (True, False)
    """
    return folded(text) in folded(choice)


def _starts_with(choice: str, text: str) -> bool:
    """The text stands at its start.

    >>> holds("starts_with", "Sea view", ("sea",)), holds("starts_with", "Sea view", ("view",))
    (True, False)
    """
    return folded(choice).startswith(folded(text))


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.IGNORECASE)


def _matches(choice: str, text: str) -> bool:
    """The pattern fits somewhere in what is searched of it.

    >>> holds("matches", "Flat 12-B", ("[0-9]+-[a-c]",)), holds("matches", "Flat 12-B", ("^[0-9]",))
    (True, False)
    """
    try:
        return bool(_pattern(text).search(choice[:SEARCHED]))
    except re.error:
        raise ValueError(f"cannot be held against '{short(text)}', which is no pattern") from None


def _at_least(choice: str, limit: str) -> bool:
    """An amount, or a date, that is not below the limit; a range counts by its lower end.

    >>> holds("at_least", "50 lakh - 1 crore", ("₹50,00,000",)), holds("at_least", "50 lakh", ("1 crore",))
    (True, False)
    >>> holds("at_least", "2026-11-20", ("2026-11-20",))
    True
    >>> holds("at_least", "many", ("3",))
    Traceback (most recent call last):
    ValueError: is 'many', which cannot be read as an amount
    """
    return _order(choice, limit) >= 0


def _at_most(choice: str, limit: str) -> bool:
    """An amount, or a date, that is not above the limit.

    >>> holds("at_most", "5k", ("10,000",)), holds("at_most", "22", ("20",))
    (True, False)
    """
    return _order(choice, limit) <= 0


def _order(choice: str, limit: str) -> int:
    """Negative, zero or positive as `choice` lies below, at or above `limit`."""
    choice, limit = choice[:SEARCHED].strip(), limit.strip()
    if _DATE.fullmatch(limit):
        return _compare_dates(choice, limit)
    bound = filters.read_amount(limit)
    if bound is None:
        raise ValueError(f"cannot be held against '{short(limit)}', which is no amount")
    amount = None if _DATE.fullmatch(choice) else filters.read_amount(choice)
    if amount is None:
        raise ValueError(f"is '{short(choice)}', which cannot be read as an amount")
    return (amount > bound) - (amount < bound)


def _compare_dates(choice: str, limit: str) -> int:
    when, bound = moment(choice), moment(limit)
    if when is None or bound is None:
        raise ValueError(f"is '{short(choice)}', which cannot be held against the date '{short(limit)}'")
    if len(limit) == len("2026-11-20"):
        return (when.date() > bound.date()) - (when.date() < bound.date())
    return (when > bound) - (when < bound)


def moment(text: str) -> datetime | None:
    """An ISO date or date-time, UTC where it names no zone; None for any other text.

    >>> moment("2026-11-20"), moment("2026-11-31")
    (datetime.datetime(2026, 11, 20, 0, 0, tzinfo=datetime.timezone.utc), None)
    """
    if not _DATE.fullmatch(text):
        return None
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


_OPERATORS: dict[str, Callable[[Value, tuple[str, ...]], bool]] = {
    "is": _is,
    "is_not": _is_not,
    "contains": _some(_contains),
    "starts_with": _some(_starts_with),
    "matches": _some(_matches),
    "at_least": _some(_at_least),
    "at_most": _some(_at_most),
    "given": _given,
    "only": _only,
}
