"""How far a move is: one line that moves on a terminal, one line a table elsewhere."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import click

from gateway import clock

#: Seconds between two looks of the line that moves.
_PAUSE = 0.2


class Told:
    """Tells a person on stderr: what is done with which table, how many rows of all, and how many a second."""

    def __init__(self, total: int) -> None:
        """`total`: rows of all tables."""
        self.total = total
        self.moving = sys.stderr.isatty()
        self.now = ("", "")
        self.done = self.before = 0  # rows of all tables; those before this one
        self.started = self.table_started = clock.monotonic()
        self.next_look = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_table()

    def rows(self, doing: str, table: str, number: int) -> None:
        """So many more rows of a table are "carried" or "compared"."""
        if (doing, table) != self.now:
            self._end_table()
            self._begin_table(doing, table)
        self.done += number
        if self.moving and clock.monotonic() >= self.next_look:
            self.next_look = clock.monotonic() + _PAUSE
            self._say("\r", newline=False)

    def _begin_table(self, doing: str, table: str) -> None:
        if doing != self.now[0]:
            self.done, self.started = 0, clock.monotonic()
        self.now, self.before, self.table_started = (doing, table), self.done, clock.monotonic()

    def _end_table(self) -> None:
        if self.done > self.before:
            self._say("\r" if self.moving else "", newline=True)
        self.before = self.done

    def _say(self, start: str, *, newline: bool) -> None:
        doing, table = self.now
        rate = (self.done - self.before) / max(clock.monotonic() - self.table_started, 0.001)
        share = f"{self.done:,} of {self.total:,} rows"
        line = f"{doing:<8} {table:<17} {self.done - self.before:>11,} rows, {rate:>7,.0f} a second; {share}"
        click.echo(f"{start}{line:<90}" if start else line, nl=newline, err=True)
