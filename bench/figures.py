"""What a part of the benchmark is, and what one round of it comes to."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table, of one round."""

    says: str
    gateway: float
    beside: float | None = None  #: What the part compares with; None: nothing.
    digits: int = 0


@dataclass(slots=True)
class Round:
    """What came of one round of one part."""

    figures: list[Figure] = field(default_factory=list)
    leads: int = 0  #: Answered 200 by the gateway.
    mistakes: list[str] = field(default_factory=list)  #: What was promised and not kept.
    notes: list[str] = field(default_factory=list)  #: What belongs to the figures; the same in every round.
    generator: float = 0.0  #: The largest share of one CPU that the load generator took.


@dataclass(frozen=True, slots=True)
class Asked:
    """How long and how much to measure."""

    seconds: float  #: Of each load.
    leads: int  #: Of a drain.
    sizes: tuple[int, ...]  #: Leads in the ledger, for the growth; the first is compared with.
    workers: tuple[int, ...]  #: On PostgreSQL.
    rest: float  #: Seconds in which an idle system is watched.


class Part(Protocol):
    """One part of the benchmark; made with a folder for whatever its rounds share."""

    #: Names what is measured and what stands beside it.
    title: str

    def play(self, folder: Path) -> Round:
        """One round, with the systems in turn; `folder` is fresh."""
        ...
