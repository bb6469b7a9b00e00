"""What is wrong with a text, beside the other files as they are: as `gateway check` and publishing see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.console.desk import Desk
from gateway.inbound.source import names
from gateway.mapping import contracts as lock
from gateway.mapping import rules
from gateway.mapping.reader.check import read_mappings
from gateway.model import Problem
from gateway.pipeline.beside import BESIDE, limits_of, lock_of
from gateway.pipeline.checking import outdated, unheard
from gateway.pipeline.saving import Ground, weigh
from gateway.settings import Settings
from gateway.store import contracts, receipts


@dataclass(frozen=True, slots=True)
class Checked:
    """A text of a file, and what is wrong with it."""

    file: str
    text: str
    own: tuple[Problem, ...]  #: Its own, by place; warnings among them.
    others: tuple[Problem, ...]  #: What it makes wrong in other files.
    mapping: rules.Mapping | None = None  #: What it says; None where it cannot be read, or is no mapping.

    @property
    def wrong(self) -> int:
        """How many problems keep it from going live."""
        return sum(not problem.warning for problem in (*self.own, *self.others))

    @property
    def says(self) -> str:
        """How it stands, in words."""
        return _says(self.wrong, sum(problem.warning for problem in self.own))


def check(desk: Desk, connection: Connection, file: str, text: str) -> Checked:
    """Hold a text against all that publishing it would."""
    files = Ground.of(connection, desk.settings).files
    found = {**files, file: text.encode()}
    _, weighed = weigh(connection, files, file, text, desk.settings)
    problems = {*weighed, *_beside(connection, file, found)}
    mapping = _read(file, found, desk.settings)
    if mapping and not receipts.ever(connection):
        problems |= set(unheard({file: mapping}))
    own = tuple(sorted(problem for problem in problems if problem.file == file))
    others = tuple(sorted(problem for problem in problems.difference(own) if not problem.warning))
    stops = any(not problem.warning for problem in own)
    return Checked(file, text, own, others, None if stops else mapping)


def _beside(connection: Connection, file: str, found: Mapping[str, bytes]) -> Iterator[Problem]:
    """What AiSensy's own word makes of `contracts.yaml`."""
    if file == lock.FILE:
        seen = {campaign: one.seen for campaign, one in contracts.all_of(connection).items()}
        known, wrong = lock_of(found)
        if not wrong:
            yield from outdated(file, found[file], known, seen)


def _read(file: str, found: Mapping[str, bytes], settings: Settings) -> rules.Mapping | None:
    """What a file says by itself; None where it cannot be read."""
    if file in BESIDE:
        return None
    version, consent = settings.text("AISENSY_VERSION"), limits_of(found)[0].consent
    good, _ = read_mappings({file: found[file]}, version=version, sources=names(), consent=consent)
    return good.get(file)


def _says(wrong: int, warnings: int) -> str:
    """
    >>> _says(0, 0), _says(2, 1), _says(0, 1)
    ('No problems.', '2 problems, 1 warning.', '1 warning; it can be saved as it is.')
    """
    counts = [f"{count} {word}{'s' * (count != 1)}" for count, word in ((wrong, "problem"), (warnings, "warning"))]
    if not wrong:
        return f"{counts[1]}; it can be saved as it is." if warnings else "No problems."
    return f"{', '.join(counts if warnings else counts[:1])}."
