"""Patterns of `matches`: whether they can be read, and whether some answer could keep them busy for long."""

from __future__ import annotations

import re
import warnings

#: Each `*` or `+` multiplies the work by the length of the answer.
MAX_REPEATS = 2
#: A repeat of at most this many times is as good as none.
FEW = 10

_PIECE = re.compile(
    r"""
    \\.                                     # an escaped character
    | \[\^?\]?(?:\\.|[^\]\\])*\]            # a class
    | (?P<open>\((?:\?(?:P?<[^>]*>|[a-zA-Z-]*:|[=!>]|<[=!]|))?)
    | (?P<close>\))
    | (?P<either>\|)
    | (?P<repeat>[*+]|\{\d*,?\d*\})
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


def mistake(pattern: str) -> str:
    """What is wrong with a pattern, with the cure; "" when nothing is."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, Warning, RecursionError, OverflowError) as error:
        reason = str(error).partition(" at position")[0]
        return f"the pattern '{pattern}' cannot be read ({reason}); for plain words write 'contains'"
    if _nests(pattern) or _repeats(pattern) > MAX_REPEATS:
        return f"the pattern '{pattern}' could take very long on some answers; use fewer '*' and '+', none in another"
    return ""


def _nests(pattern: str) -> bool:
    """Whether something that may repeat or choose is itself repeated: `(a+)+`, `(a|b)*`."""
    groups = [False]
    closed = False  #: Whether a group that repeats or chooses has just ended.
    for found in _PIECE.finditer(pattern):
        kind = found.lastgroup
        if kind == "repeat" and closed:
            return True
        closed = kind == "close" and len(groups) > 1 and groups.pop()
        if kind == "open":
            groups.append(False)
        elif kind in ("either", "repeat") or closed:
            groups[-1] = True
    return False


def _repeats(pattern: str) -> int:
    """How many parts repeat without a small bound; a pattern tied to the start may have one more."""
    repeats = [found["repeat"] for found in _PIECE.finditer(pattern) if found["repeat"]]
    return sum(map(_is_long, repeats)) - pattern.startswith("^")


def _is_long(repeat: str) -> bool:
    most = repeat.strip("{}").rpartition(",")[2]
    return repeat in "*+" or not most.isdigit() or int(most) > FEW
