"""The blast radius of a change: which stored leads, and which messages that have not left, it touches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from gateway import clock
from gateway.model import Delivery, Lead
from gateway.pipeline.differing import BOTH, Change, Kind, of_delivery, of_lead, sharing
from gateway.pipeline.planning import Live, who
from gateway.store import deliveries, leads, rows, window
from gateway.store.leads import StoredLead
from gateway.store.window import Window

#: Whom a group names unless everyone is asked for.
FEW = 3


@dataclass(frozen=True, slots=True)
class Touched:
    """One lead or delivery, and how it changes."""

    id: str  #: "l34" or "d56".
    lead: str  #: "l34" of both.
    who: str
    number: str  #: E.164; "" when there is none.
    change: Change


@dataclass(slots=True)
class Group:
    """Equal changes: same kind, rules, reasons and places."""

    count: int = 0
    ids: list[str] = field(default_factory=list)
    touched: list[Touched] = field(default_factory=list)  #: The first few, or all.

    @property
    def change(self) -> Change:
        """The first one's, which speaks for all."""
        return self.touched[0].change


@dataclass(slots=True)
class Tally:
    """All that was compared of one sort, and what changes, in groups."""

    few: int | None = FEW  #: How many of a group are kept whole; None: all.
    compared: int = 0
    cut: bool = False  #: There was no time for the rest.
    _groups: dict[Any, Group] = field(default_factory=dict)

    @property
    def groups(self) -> list[Group]:
        """The largest first, those that change nothing for anybody last."""
        return sorted(self._groups.values(), key=lambda group: (group.change.kind is Kind.REASON, -group.count))

    @property
    def same(self) -> int:
        return self.compared - sum(group.count for group in self._groups.values())

    def count(self, kind: Kind) -> int:
        return sum(group.count for group in self._groups.values() if group.change.kind is kind)

    def add(self, touched: Touched) -> None:
        group = self._groups.setdefault(_key(touched.change), Group())
        group.count += 1
        group.ids.append(touched.id)
        if self.few is None or len(group.touched) < self.few:
            group.touched.append(touched)


@dataclass(frozen=True, slots=True)
class Radius:
    """What a change would do."""

    leads: Tally  #: If those of the window came again.
    deliveries: Tally  #: Those that have not left.
    waiting: Tally  #: Leads that wait for another mapping, and are planned again as soon as one is live.

    @property
    def changes(self) -> Iterator[Group]:
        """Every group in which somebody gets something else, or nothing."""
        for tally in (self.leads, self.deliveries, self.waiting):
            yield from (group for group in tally.groups if group.change.kind is not Kind.REASON)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The ids of what is compared."""

    leads: list[int]
    deliveries: list[int]
    waiting: list[int]

    @classmethod
    def of(cls, connection: Connection, wanted: Window) -> Chosen:
        """The window narrows the stored leads alone: what has not left counts whatever it is."""
        ids = window.lead_ids(connection, wanted), window.delivery_ids(connection), window.waiting_ids(connection)
        return cls(*ids)

    def __len__(self) -> int:
        return len(self.leads) + len(self.deliveries) + len(self.waiting)


@dataclass(frozen=True, slots=True)
class _Comparison:
    """Two sets of mappings, held against what the ledger has."""

    connection: Connection
    before: Live
    after: Live
    tick: Callable[[int], None]  #: Told how many more are done.
    until: float | None  #: Nothing more is begun then (`clock.monotonic`); None: all is compared.

    def of(self, chosen: Chosen, *, everyone: bool = False) -> Radius:
        """Compare all that was chosen. `everyone`: keep each one that changes, not the first few."""
        few = None if everyone else FEW
        return Radius(
            self._tally(self._leads(chosen.leads), few),
            self._tally(self._deliveries(chosen.deliveries), few),
            self._tally(self._leads(chosen.waiting), few),
        )

    def _tally(self, found: Iterable[Touched | None], few: int | None) -> Tally:
        tally = Tally(few)
        for touched in found:
            if self.until is not None and clock.monotonic() > self.until:
                tally.cut = True
                break
            tally.compared += 1
            if touched is not None:
                tally.add(touched)
        return tally

    def _leads(self, ids: list[int]) -> Iterator[Touched | None]:
        for batch in rows.batches(ids):
            known = self._stored(batch)
            for lead_id in batch:
                yield _lead(known[lead_id].lead, self.before, self.after)
            self.tick(len(batch))

    def _deliveries(self, ids: list[int]) -> Iterator[Touched | None]:
        for batch in rows.batches(ids):
            found = deliveries.load(self.connection, batch)
            known = self._stored([one.lead_id for one in found])
            for delivery in found:
                if not _newer(delivery, self.before):
                    yield _delivery(delivery, known[delivery.lead_id].lead, self.before, self.after)
            self.tick(len(batch))

    def _stored(self, ids: Iterable[int]) -> dict[int, StoredLead]:
        return {stored.lead.id: stored for stored in leads.load(self.connection, list(ids))}


def compare(
    connection: Connection,
    chosen: Chosen,
    before: Live,
    after: Live,
    *,
    everyone: bool = False,
    tick: Callable[[int], None] = lambda _done: None,
    until: float | None = None,
) -> Radius:
    """Plan all that was chosen under both sets of mappings; reads in batches, writes nothing."""
    return _Comparison(connection, before, sharing(before, after), tick, until).of(chosen, everyone=everyone)


def _newer(delivery: Delivery, before: Live) -> bool:
    """Whether a delivery was promised after `before` was replaced: that change had nothing to change in it."""
    return (delivery.first_version or 0) > before.version


def _lead(lead: Lead, before: Live, after: Live) -> Touched | None:
    change = of_lead(lead, before, after)
    return _touched(f"l{lead.id}", lead, change, after.fallback_name) if change else None


def _delivery(delivery: Delivery, lead: Lead, before: Live, after: Live) -> Touched | None:
    change = of_delivery(delivery, lead, before, after)
    return _touched(f"d{delivery.id}", lead, change, after.fallback_name) if change else None


def _touched(name: str, lead: Lead, change: Change, nobody: str) -> Touched:
    """`nobody`: what people without a name are called, by which none can be told from another."""
    call = change.after.call or change.before.call
    called = str(call.get("userName", nobody))
    person = who(lead, None) if called == nobody else called
    return Touched(name, f"l{lead.id}", person, str(call.get("destination", "")), change)


def _key(change: Change) -> tuple[Any, ...]:
    """What makes two changes equal but for the people."""
    sides = [(side.says, side.file, side.rule) for side in (change.before, change.after)]
    both = change.kind in BOTH
    return change.kind, *sides, tuple(place.name for place in change.places) if both else ()
