"""What a worker may do now, as ids: it must still win each row in the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Work:
    """Ids of what may be done now."""

    events: list[int] = field(default_factory=list)
    plans: list[int] = field(default_factory=list)
    lookups: list[int] = field(default_factory=list)
    deliveries: list[int] = field(default_factory=list)
    receipts: list[int] = field(default_factory=list)
    probes: bool = False  #: Something that is stopped may be tried.


class Engine(Protocol):
    """Tells a worker what is due, and wakes it."""

    #: No other worker can be alive on this ledger: what was out at the start is lost.
    alone: bool

    def work(self, idle: int, lookups: int) -> Work:
        """What is due, at most `idle` deliveries and `lookups` look-ups among it."""
        ...

    def announce(self, connection: Connection, ids: Sequence[int]) -> None:
        """These deliveries did not leave; those still due go to whoever can send them, as this transaction commits."""
        ...

    def done(self, work: Work) -> None:
        """What was handed out has been dealt with: claimed, entered, or found to need nothing."""
        ...

    def turned(self, *, well: bool) -> None:
        """A turn ended well, or failed; after some failures others get what was handed out, until one ends well."""
        ...

    def wait(self, seconds: float) -> None:
        """Return as soon as something may be due, at the latest after `seconds`."""
        ...

    def wake(self) -> None:
        """From another thread, or a signal handler (so it takes no lock): something is due."""
        ...

    def stop(self) -> None:
        """Hand nothing out any more; what was, and is not dealt with, goes to others. `wait` and `wake` go on."""
        ...

    def close(self) -> None: ...
