"""One look at how it goes, shared by all who look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from itertools import chain

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.shared import Shared
from gateway.console.today.chart import Bar, Chart, chart
from gateway.console.today.counting import Counting
from gateway.console.today.figures import Tally, by_campaign, by_source
from gateway.console.today.spans import SPANS, Span
from gateway.store.daily import counts


@dataclass(frozen=True, slots=True)
class Seen:
    """What came in some time, and what became of it."""

    span: Span
    since: datetime
    ever: bool  #: Whether a lead ever came at all.
    tally: Tally
    sources: Mapping[str, Tally]
    campaigns: Mapping[str, Tally]
    chart: Chart


class Looking:
    """The figures of each span."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.counting = Counting()
        self.shared = {span.word: Shared(partial(self._look, span)) for span in SPANS.values()}

    def at(self, span: Span) -> Seen:
        return self.shared[span.word].get()

    def _look(self, span: Span) -> Seen:
        now = clock.now()
        bars = span.pieces(now)
        with self.desk.ledger.read() as connection:
            ever = counts.any_lead(connection)
            pieces = list(chain.from_iterable(bars))
            found = dict(zip(pieces, self.counting.look(connection, pieces), strict=True))
        groups = [group for own in found.values() for group in own]
        drawn = [Bar(bar[0].start, Tally.of(chain.from_iterable(found[piece] for piece in bar))) for bar in bars]
        return Seen(
            span,
            span.begins(now),
            ever,
            Tally.of(groups),
            by_source(groups),
            by_campaign(groups),
            chart(span, drawn),
        )


@lru_cache(maxsize=4)
def looking_of(desk: Desk) -> Looking:
    """The one of a web process: several pages look by it."""
    return Looking(desk)
