"""What is known of a file while its mapping is being built."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from gateway.mapping.reader.document import Node
from gateway.mapping.reader.problems import Place, Problems, did_you_mean

#: What `when` knows beside the fields of the file.
EXTRA_NAMES = ("form", "source", "received")


@dataclass(slots=True)
class Draft:
    """The file's fields as written, and what its rules have used so far."""

    problems: Problems
    fields: Table[str, Node]
    version: str  #: AISENSY_VERSION.
    used: set[str] = field(default_factory=set)
    phones: set[str] = field(default_factory=set)  #: Fields that stand in `destination`.

    def add(self, place: Place, sentence: str) -> None:
        self.problems.add(place, sentence)

    def no_field(self, shown: str, name: str) -> str:
        """The sentence for a name that no field has."""
        known = [each.casefold().replace(" ", "_") for each in self.fields]
        cure = did_you_mean(name, known) or "; give it an entry under 'fields'"
        return f"'{shown}' is not one of this file's fields{cure}"
