"""A source that says nothing for much longer than it ever did: something between it and here may be broken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

#: Fewer leads tell nothing of how often a source sends.
FEWEST = 10

#: So many times the longest pause before is much longer; and a short silence is never one.
_MUCH, _LEAST = 2, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came since then, although nothing like it happened before."""

    since: datetime
    longest: timedelta  #: Of the pauses before.
    leads: int  #: Those pauses are the ones between so many leads.


def silence(came: Sequence[datetime], now: datetime) -> Silence | None:
    """`came`: when the newest leads of a source came, the latest first. None: it is as it was."""
    if len(came) < FEWEST:
        return None
    longest = max(later - earlier for later, earlier in pairwise(came))
    much = max(_MUCH * longest, _LEAST)
    return Silence(came[0], longest, len(came)) if now - came[0] > much else None
