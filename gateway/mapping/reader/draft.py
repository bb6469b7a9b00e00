"""What is known of a file while its mapping is being built."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from gateway.mapping.reader.document import Node
from gateway.mapping.reader.problems import START, Place, Problems, did_you_mean
from gateway.mapping.when import EXTRAS
from gateway.model import Contract

NOTHING = Node(None, START)

#: What `when` knows beside the fields of the file.
EXTRA_NAMES = tuple(EXTRAS)


@dataclass(frozen=True, slots=True)
class Settings:
    """What the file is read for."""

    version: str = "v1"  #: AISENSY_VERSION.
    sources: Collection[str] = ()  #: The sources there are; empty: any word is taken.
    contracts: Table[str, Contract] = field(default_factory=dict)  #: What campaigns want, as far as it is known.
    consent: str = ""  #: The field that must say yes in every file.


@dataclass(slots=True)
class Draft:
    """The file as written, and what its rules have used so far."""

    problems: Problems
    settings: Settings
    table: Table[str, Node]  #: Its keys at the top.
    fields: Table[str, Node]  #: By the names that were meant.
    phones: frozenset[str]  #: Fields that stand in `destination`.
    misnamed: Collection[str] = ()  #: Names of fields as typed that cannot be names; noted where they stand.
    used: set[str] = field(default_factory=set)

    @property
    def source(self) -> str:
        return self.table.get("source", NOTHING).text

    @property
    def forms(self) -> tuple[str, ...]:
        return tuple(node.text for node in self.table.get("form", NOTHING).texts)

    @property
    def country(self) -> str:
        return self.table.get("country", NOTHING).text

    @property
    def timezone(self) -> str:
        return self.table.get("timezone", NOTHING).text

    def add(self, place: Place, sentence: str) -> None:
        self.problems.add(place, sentence)

    def warn(self, place: Place, sentence: str) -> None:
        self.problems.add(place, sentence, warning=True)

    def no_field(self, place: Place, shown: str, name: str, among: tuple[str, ...] = ()) -> None:
        """Note a name that no field has, `shown` as it is written; `among`: other names that may be meant."""
        if not self.fields:
            return  # What is wrong with `fields` is noted already, and then no name can be right.
        if any(typed == name or typed.startswith(f"{name} ") for typed in self.misnamed):
            return  # So is the name itself; a text shows only its first word.
        known = [each.casefold().replace(" ", "_") for each in self.fields]
        cure = did_you_mean(name, [*known, *among]) or "; give it an entry under 'fields'"
        self.add(place, f"'{shown}' is not one of this file's fields{cure}")
