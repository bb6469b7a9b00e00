"""Under what name an answer that is gone probably comes now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from gateway.mapping.drift.histories import History, Past
from gateway.mapping.drift.kinds import same_family
from gateway.mapping.names import normal

#: From here on two names are alike.
_ALIKE = 0.6

#: A new name may come this many leads before the old one goes: pages are kept open and cached.
_OVERLAP = 5

#: Longer names are compared by their start.
_COMPARED = 100


@dataclass(frozen=True, slots=True)
class Gap:
    """An answer that came, and then no more."""

    answer: str  #: As the mapping calls it.
    name: str  #: The steadiest name that it had; "" when no lead that was looked at has it.
    start: int  #: The number of the first lead without it.
    since: datetime  #: When that one came.
    missing: int  #: Leads without it, up to the newest.
    came: int  #: How many of the `of` leads before had it.
    of: int


@dataclass(frozen=True, slots=True)
class Likely:
    """What a gap is probably filled by now."""

    name: str = ""  #: The new answer's name; "" when none, or more than one, may be it.
    instead: bool = False  #: It came first where the gap starts, and with every lead since.


def likely_names(past: Past, used: Collection[str], gaps: Sequence[Gap]) -> list[Likely]:
    """For each gap the answer that no field uses and that is most like it; none twice."""
    unused = [history for name, history in past.histories.items() if name not in used and history.came]
    scored = [
        (_score(gap, history, past), at, history)
        for at, gap in enumerate(gaps)
        for history in _fitting(gap, unused, past)
    ]
    found = [Likely()] * len(gaps)
    taken: set[str] = set()
    for _, at, history in sorted(scored, key=lambda each: -each[0]):
        if not found[at].name and history.names[0] not in taken:
            taken.add(history.names[0])
            found[at] = _likely(gaps[at], history, past)
    return found


def _likely(gap: Gap, history: History, past: Past) -> Likely:
    """The name of the same rank as the mapping has it: where it says a title, a title."""
    old = past.histories.get(gap.name)
    is_steady = old is None or normal(old.names[0]) == normal(gap.answer)
    name = history.names[0 if is_steady else -1]
    return Likely(name, instead=history.came[0] == gap.start and len(history.came) == gap.missing)


def _fitting(gap: Gap, unused: Sequence[History], past: Past) -> Iterator[History]:
    """Those with a name alike; and one that began in the very lead, if it is the only one of that kind."""
    old = past.histories.get(gap.name)
    young = [history for history in unused if history.came[0] >= gap.start - _OVERLAP]
    kin = [history for history in young if old is None or same_family(old.kind, history.kind)]
    alike = [history for history in kin if _likeness(gap, history, old) >= _ALIKE]
    at_once = [history for history in kin if history.came[0] == gap.start and old]
    yield from alike
    if len(at_once) == 1 and at_once[0] not in alike:
        yield at_once[0]


def _score(gap: Gap, history: History, past: Past) -> float:
    return _likeness(gap, history, past.histories.get(gap.name)) + (history.came[0] == gap.start)


def _likeness(gap: Gap, history: History, old: History | None) -> float:
    """From 0 to 1: how alike the names are; 1 where one holds all the words of the other."""
    before = {gap.answer} | ({old.names[0], old.names[-1]} if old else set())
    return max(_alike(one, other) for one in before for other in (history.names[0], history.names[-1]))


def _alike(one: str, other: str) -> float:
    """How alike two names are.

    >>> _alike("name", "Full name"), round(_alike("phone", "telephone"), 2), round(_alike("city", "budget"), 2)
    (1.0, 0.71, 0.2)
    """
    first, second = normal(one[:_COMPARED]), normal(other[:_COMPARED])
    fewer, more = sorted((set(first.split("_")), set(second.split("_"))), key=len)
    return 1.0 if fewer <= more else SequenceMatcher(None, first, second).ratio()
