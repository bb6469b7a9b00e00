"""Many numbers at once: read, suppressed in short transactions, counted."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import click
from sqlalchemy import Connection

from gateway import clock
from gateway.cli.suppress.files import Cell
from gateway.pipeline.suppressing import read, suppress
from gateway.store import suppressions
from gateway.store.ledger import Ledger
from gateway.store.rows import batches

#: Lines that share one commit.
BATCH = 1_000

#: Refused lines that are named one by one.
NAMED = 20


@dataclass
class Imported:
    """What came of a file."""

    added: int = 0
    known: int = 0  #: There already.
    again: int = 0  #: Written in the file before.
    refused: list[tuple[int, str]] = field(default_factory=list)  #: Line and why.
    seen: set[str] = field(default_factory=set)

    def fresh(self, cells: Sequence[Cell], country: str) -> list[str]:
        """The numbers in these lines that are new to this file; the others are counted."""
        found = []
        for cell in cells:
            told = read(cell.text, country)
            if not told.numbers:
                self.refused.append((cell.line, told.reason))
            for number in told.numbers:
                if number in self.seen:
                    self.again += 1
                else:
                    found.append(number)
            self.seen.update(told.numbers)
        return found


@dataclass(frozen=True, slots=True)
class Import:
    """How a file is taken in."""

    reason: str
    country: str
    dry_run: bool

    def carry_out(self, ledger: Ledger, cells: Sequence[Cell]) -> Imported:
        """Suppress what is in these lines; with `dry_run`, only say what would come of it."""
        done = Imported()
        bar = click.progressbar(length=len(cells), label="reading", file=sys.stderr, hidden=len(cells) <= BATCH)
        with bar:
            for batch in batches(cells, BATCH):
                numbers = done.fresh(batch, self.country)
                with ledger.read() if self.dry_run else ledger.write("suppress") as connection:
                    added = self._added(connection, numbers)
                done.added += added
                done.known += len(numbers) - added
                bar.update(len(batch))
        return done

    def _added(self, connection: Connection, numbers: Sequence[str]) -> int:
        if self.dry_run:
            return len(numbers) - len(suppressions.suppressed(connection, numbers))
        return len(suppress(connection, dict.fromkeys(numbers, self.reason), clock.now()))


def report(done: Imported, *, dry_run: bool) -> Iterator[str]:
    """What came of it, line by line."""
    again = f", {done.again} written twice" if done.again else ""
    yield (
        f"{done.added} {'would be ' if dry_run else ''}added, {done.known} there already{again}, "
        f"{len(done.refused)} refused"
    )
    for line, reason in done.refused[:NAMED]:
        yield f"  line {line}: {reason}"
    if more := Counter(reason for _line, reason in done.refused[NAMED:]):
        yield f"  and {more.total()} more: {', '.join(f'{count} × {reason}' for reason, count in more.most_common())}"
