"""How far back Today looks, and the bars of its chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time that is counted by itself: an hour, or a whole day that is over."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Span:
    """How far back one may look."""

    word: str  #: In the address.
    says: str
    bars: int
    step: timedelta  #: Of a bar: an hour, or a day (of UTC).

    def begins(self, now: datetime) -> datetime:
        """Where the first bar begins: whole hours or days, the last of them not over yet."""
        return _floor(now, self.step) - (self.bars - 1) * self.step

    def pieces(self, now: datetime) -> Sequence[Sequence[Piece]]:
        """What each bar is made of, the oldest first. Of a day that is not over, the hours."""
        first, last = self.begins(now), _floor(now, HOUR) + HOUR
        starts = [first + self.step * number for number in range(self.bars)]
        return [[Piece(at, at + self.step)] if at + self.step < last else _hours(at, last) for at in starts]


SPANS = {
    span.word: span
    for span in (
        Span("24h", "the last 24 hours", 24, HOUR),
        Span("7d", "the last 7 days", 7, DAY),
        Span("30d", "the last 30 days", 30, DAY),
    )
}


def _floor(at: datetime, step: timedelta) -> datetime:
    """The start of the hour or day in which a moment lies."""
    whole = at.replace(minute=0, second=0, microsecond=0)
    return whole if step == HOUR else whole.replace(hour=0)


def _hours(start: datetime, end: datetime) -> list[Piece]:
    return [Piece(start + HOUR * number, start + HOUR * (number + 1)) for number in range((end - start) // HOUR)]
