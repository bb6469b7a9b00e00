"""A first mapping for a form: what waits for one, what there is already, and what its leads answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.mapping import contracts
from gateway.mapping.reader.check import choose
from gateway.mapping.reader.choose import unfinished
from gateway.mapping.starter import Form, Wanted, campaigns, in_file_name, is_for, look
from gateway.model import Contract
from gateway.pipeline.beside import lock_of, only_mappings
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import told
from gateway.pipeline.replaying import Wish, replay
from gateway.store import unmapped
from gateway.store.ledger import Ledger
from gateway.store.rows import batches
from gateway.store.unmapped import Waiting

#: Leads that are looked at, the newest first: enough to see what a form asks.
LOOKED_AT = 500

#: Leads that waited and are planned in one go, and how many of them share a commit.
MOST, TOGETHER = 500, 50

_LONGEST_NAME = 60

#: Told how many leads were planned, in the transaction that did it.
Note = Callable[[Connection, int], None]


@dataclass(frozen=True, slots=True)
class Forms:
    """The forms that wait for a mapping, the mappings that are there, and the campaigns that are known."""

    files: Mapping[str, bytes]  #: Name → content of each mapping.
    campaigns: Mapping[str, Contract]
    waiting: list[Waiting]

    @classmethod
    def of(cls, connection: Connection, found: Mapping[str, bytes]) -> Forms:
        """`found`: name → content of the mappings and of the files beside them."""
        known = contracts.together(lock_of(found)[0], told(connection))
        return cls(only_mappings(found), known, unmapped.forms(connection))

    def file_for(self, source: str, form: str) -> str:
        """The file that is for a form already; "" for none."""
        return next((name for name, content in self.files.items() if is_for(content, source, form)), "")

    def is_open(self, name: str) -> bool:
        """Whether a file still has places that a person must fill in."""
        return unfinished(self.files[name])

    def wanted(self, campaign: str) -> Wanted:
        """The campaign that a person named, or the only one that no rule sends yet."""
        if campaign:
            return Wanted(campaign, self.campaigns.get(campaign), named=True)
        free = set(self.campaigns).difference(*map(campaigns, self.files.values()))
        only = free.pop() if len(free) == 1 else ""
        return Wanted(only, self.campaigns.get(only))

    def free_name(self, source: str, form: str) -> str:
        """A name for the form's file that no other has: website-price-list.yaml."""
        stem = "-".join(filter(None, (source, in_file_name(form)[:_LONGEST_NAME].strip("-"))))
        numbers = ("", *(f"-{count}" for count in range(2, len(self.files) + 3)))
        return next(name for name in (f"{stem}{number}.yaml" for number in numbers) if name not in self.files)


def seen(connection: Connection, source: str, form: str) -> tuple[Form, int]:
    """The form as its latest leads without a mapping show it (one at least), and the event of the newest."""
    found = unmapped.latest(connection, source, form, LOOKED_AT)
    return look([stored.lead for stored in found]), found[0].event_id


def waiting_for(connection: Connection, live: Live, file: str) -> list[Waiting]:
    """The forms whose leads came before there was a mapping, and which a live file is for now."""
    found = unmapped.forms(connection)
    chosen = {(one.source, one.form): choose(live.mappings, one.source, one.form) for one in found}
    return [one for one in found if (mapping := chosen[one.source, one.form]) and mapping.file == file]


def take_up(ledger: Ledger, forms: list[Waiting], note: Note) -> None:
    """Have the latest leads of some forms planned that waited for a mapping, MOST of them."""
    names: list[str] = []
    with ledger.read() as connection:
        for one in forms:
            names += [f"l{found}" for found in unmapped.ids(connection, one.source, one.form, MOST - len(names))]
    for batch in batches(names, TOGETHER):
        with ledger.write("replay") as connection:
            if done := sum(one.done for name in batch for one in replay(connection, name, Wish())):
                note(connection, done)
