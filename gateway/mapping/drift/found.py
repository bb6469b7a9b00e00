"""What is found: one thing that changed in a form, and when it is more than chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import prod

from gateway.mapping.drift.kinds import Kind
from gateway.mapping.fields import Candidate, Field

#: Below this chance something is no accident. Every lead is another occasion, so it must be small: with it, one
#: answer that people often skip is wrongly called gone about once in 10,000 leads, and that rights itself.
UNLIKELY = 0.0003

#: So many leads in a row must show a change.
IN_A_ROW = 3


class DriftKind(StrEnum):
    GONE = "gone"
    CHANGED = "changed"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Use:
    """A field that looks at an answer, and the candidate by which it does."""

    field: Field
    candidate: Candidate


@dataclass(frozen=True, slots=True)
class Drift:
    """One thing that changed in a form."""

    kind: DriftKind
    answer: str  #: As the mapping calls it; a new one by its steadiest name.
    since: datetime  #: When the first lead came that shows it.
    leads: int  #: How many came since, of a form; of changed options, how many chose one of them.
    harmed: int = 0  #: In how many of them a field that looks at it found nothing.
    came: int = 0  #: How many had it (or its old kind): of the `of` leads before, and of a new one since.
    of: int = 0
    uses: tuple[Use, ...] = ()
    was: Kind = Kind.EMPTY  #: What kind it had before, if that changed.
    now: Kind = Kind.EMPTY
    options: tuple[str, ...] = ()  #: Choices that `values` does not list, the most frequent first.
    likely: str = ""  #: The name that a gone answer probably has now; of a new one, the gone one it stands for.


def by_chance(came: int, of: int, missing: int) -> float:
    """How likely it is that `missing` leads in a row lack what `came` of the `of` leads before them had.

    What share of people answer a question is not known but for these leads (before the first, every share counts
    as equally likely), so few leads prove little.

    >>> [round(by_chance(12, 12, missing), 4) for missing in (1, 2, 3)], round(by_chance(3, 12, 3), 2)
    ([0.0714, 0.0095, 0.0018], 0.39)
    """
    return prod((of - came + 1 + more) / (of + 2 + more) for more in range(missing))
