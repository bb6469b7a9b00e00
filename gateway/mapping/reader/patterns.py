"""Patterns of `matches`: whether they can be read, and whether some answer could keep them busy for long.

Only the common part of regular expressions is taken, so that the work of the worst answer can be counted.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

from gateway.mapping.compare import SEARCHED
from gateway.mapping.wording import short

MAX_LENGTH = 200
#: Steps, counted too high rather than too low; in fact a small part of a second.
MAX_WORK = 20_000_000

_PIECE = re.compile(
    r"""
    (?: (?P<open>\((?:\?:|(?!\?)))
    | (?P<close>\))
    | (?P<either>\|)
    | (?P<edge>[\^$]|\\[AbBZ])
    | (?P<some>\[\^?\]?(?:\\.|[^\]\\])*\]|\\[dDsSwWntr]|\.)
    | \\(?P<escaped>[^A-Za-z0-9])
    | (?P<plain>[^\\(\[])
    )
    (?P<repeat>(?:[*+?]|\{\d*,?\d*\})[?+]?)?
    """,
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of a pattern, and what the worst answer makes of it."""

    one: str = ""  #: The pattern of the one character that it takes, perhaps repeatedly; "" for a group or an edge.
    literal: str = ""  #: The character that it surely begins with, if there is only one.
    ways: int = 1  #: In how many ways it can fit at one place.
    work: int = 1  #: The steps to try them all.


def mistake(pattern: str) -> str:
    """What is wrong with a pattern, with the cure; "" when nothing is."""
    if len(pattern) > MAX_LENGTH:
        return f"this pattern is longer than {MAX_LENGTH} characters; for plain words write 'contains' with a list"
    shown = f"the pattern '{short(pattern)}'"
    if reason := _unreadable(pattern):
        return f"{shown} cannot be read ({reason}); for plain words write 'contains'"
    pieces, rest = _pieces(pattern)
    if rest:
        return f"{shown} has '{rest[:3]}', which is not taken here; write it in plainer signs"
    if _work(pieces) > MAX_WORK:
        cure = "use fewer '*', '+', '?' and '|', and none inside another"
        return f"{shown} could take very long on some answers; {cure}"
    return ""


def _unreadable(pattern: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, Warning, RecursionError, OverflowError) as error:
        return str(error).partition(" at position")[0]
    return ""


def _pieces(pattern: str) -> tuple[list[re.Match[str]], str]:
    """The pieces of a pattern, and what is left from the first one on that is not taken."""
    pieces: list[re.Match[str]] = []
    end = 0
    while found := _PIECE.match(pattern, end):
        pieces.append(found)
        end = found.end()
    return pieces, pattern[end:]


def _work(pieces: Sequence[re.Match[str]]) -> int:
    """The steps of the whole pattern, from every place of an answer where it may start."""
    # The groups that are open, each with its branches so far; the first is the whole pattern.
    groups: list[list[list[_Part]]] = [[[]]]
    for piece in pieces:
        if piece["open"]:
            groups.append([[]])
        elif piece["either"]:
            groups[-1].append([])
        elif piece["close"]:
            closed = _chosen(groups.pop())
            groups[-1][-1].append(_repeated(closed, piece["repeat"]))
        else:
            groups[-1][-1].append(_repeated(_single(piece), piece["repeat"]))
    tied = pieces and pieces[0]["edge"] in ("^", r"\A") and len(groups[0]) == 1
    return _chosen(groups[0]).work * (1 if tied else SEARCHED)


def _single(piece: re.Match[str]) -> _Part:
    if piece["edge"]:
        return _Part()
    literal = piece["escaped"] or piece["plain"] or ""
    return _Part(one=piece["some"] or re.escape(literal), literal=literal)


def _repeated(part: _Part, written: str | None) -> _Part:
    """`part` repeated as its `*`, `+`, `?` or `{2,3}` says."""
    if not written:
        return part
    least, most = _bounds(written)
    ways = work = 0
    power = 1  # the ways to fit so many times in a row
    for times in range(most + 1):
        ways += power * (times >= least)
        work += power * part.work
        power = min(power * part.ways, MAX_WORK + 1)
    return replace(part, literal=part.literal if least else "", ways=ways, work=work)


def _bounds(written: str) -> tuple[int, int]:
    """How often at least and at most; no answer is longer than what is searched."""
    if written[0] in "*+?":
        return int(written[0] == "+"), 1 if written[0] == "?" else SEARCHED
    first, comma, last = written.strip("{}?+").partition(",")
    least = min(int(first or 0), SEARCHED)
    most = last if comma else first
    return least, min(int(most), SEARCHED) if most else SEARCHED


def _chosen(branches: Sequence[Sequence[_Part]]) -> _Part:
    """A group: one of its branches fits, or several if they may begin alike."""
    rows = [_in_a_row(branch) for branch in branches]
    firsts = [branch[0].literal if branch else "" for branch in branches]
    apart = all(firsts) and not any(_fits(re.escape(one), other) for one, other in combinations(firsts, 2))
    ways = [row.ways for row in rows]
    return _Part(ways=max(ways) if apart else sum(ways), work=len(rows) + sum(row.work for row in rows))


def _in_a_row(parts: Sequence[_Part]) -> _Part:
    ways, work = 1, 1
    for part, following in pairwise([*parts, _Part()]):
        work += ways * part.work
        ends_there = part.one and following.literal and not _fits(part.one, following.literal)
        ways *= 1 if ends_there else part.ways
    return _Part(ways=ways, work=work)


def _fits(one: str, character: str) -> bool:
    return bool(re.fullmatch(one, character, re.IGNORECASE | re.DOTALL))
