"""The chart of Today: bars in pixels from the top and per cent from the left, so that words keep their size."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.console.today.figures import Tally
from gateway.console.today.spans import HOUR, Span

#: Pixels: of the whole, above the highest bar, and of the bars.
HEIGHT, TOP, BARS = 190, 18, 140

#: The bottom line of the bars.
GROUND = TOP + BARS

#: The part of its room that a bar fills.
_FILLED = 0.72

#: Steps that people count in, and can halve; an axis of fewer leads says little.
_STEPS, _SHORTEST = (2, 4, 6, 10), 4

#: From so many bars on, only every so manieth is named: widely, and on a phone.
_NAMED = {24: (3, 6), 7: (1, 1), 30: (3, 6)}


@dataclass(frozen=True, slots=True)
class Bar:
    """The leads of an hour or a day."""

    start: datetime
    tally: Tally


@dataclass(frozen=True, slots=True)
class Part:
    """A rectangle of a bar."""

    kind: str  #: "accepted", "coming" or "without".
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """A bar as it is drawn; places in per cent of the width."""

    bar: Bar
    left: float  #: Of its room.
    room: float
    x: float
    width: float
    parts: tuple[Part, ...]
    named: str  #: "": not; "wide": only where there is room; "always".

    @property
    def middle(self) -> float:
        return round(self.left + self.room / 2, 3)


@dataclass(frozen=True, slots=True)
class Chart:
    """All of it."""

    columns: tuple[Column, ...]
    ticks: tuple[tuple[int, float], ...]  #: A number of leads, and how far from the top its line is.
    by_hour: bool

    @property
    def bars(self) -> Sequence[Bar]:
        return [column.bar for column in self.columns]


def chart(span: Span, bars: Sequence[Bar]) -> Chart:
    """Draw the bars."""
    most = _nice(max((bar.tally.leads for bar in bars), default=0))
    ticks = tuple((number, round(GROUND - BARS * number / most, 1)) for number in _numbers(most))
    columns = tuple(_column(span, bar, place, most) for place, bar in enumerate(bars))
    return Chart(columns, ticks, span.step == HOUR)


def _column(span: Span, bar: Bar, place: int, most: int) -> Column:
    room = 100 / span.bars
    left, width = place * room, room * _FILLED
    return Column(
        bar,
        round(left, 3),
        round(room, 3),
        round(left + (room - width) / 2, 3),
        round(width, 3),
        tuple(_parts(bar.tally, most)),
        _named(span, place),
    )


def _named(span: Span, place: int) -> str:
    """Which of the bars have a name below, counted from the last."""
    widely, always = _NAMED[span.bars]
    back = span.bars - 1 - place
    return "always" if back % always == 0 else "wide" if back % widely == 0 else ""


def _parts(tally: Tally, most: int) -> list[Part]:
    """From the ground up."""
    found, below = list[Part](), 0
    for kind, count in (
        ("accepted", tally.count("accepted")),
        ("coming", tally.coming),
        ("without", tally.without),
    ):
        if count:
            height = BARS * count / most
            top = GROUND - BARS * (below + count) / most
            found.append(Part(kind, round(top, 1), round(max(height, 1.0), 1)))
        below += count
    return found


def _nice(most: int) -> int:
    """A round even number that is not below: where the axis ends.

    >>> [_nice(number) for number in (0, 3, 7, 12, 63, 4170)]
    [4, 4, 10, 20, 100, 6000]
    """
    steps: Iterator[int] = (step * 10**power for power in itertools.count() for step in _STEPS)
    return next(number for number in steps if number >= max(most, _SHORTEST))


def _numbers(most: int) -> tuple[int, ...]:
    """What the axis says."""
    return (0, most // 2, most)
