"""All mapping files with how each stands, and the forms that have none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from gateway import clock
from gateway.console.desk import Desk
from gateway.inbound.source import names
from gateway.mapping import rules
from gateway.mapping.contracts import FILE as CONTRACTS
from gateway.mapping.reader.check import choose, read_mapping
from gateway.mapping.reader.choose import unfinished
from gateway.mapping.starter import named
from gateway.model import Problem
from gateway.pipeline.beside import BESIDE
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import candidate, told
from gateway.pipeline.saving import Ground, as_text
from gateway.pipeline.starting import Forms
from gateway.store import versions
from gateway.store.console.forms import sent_since
from gateway.store.unmapped import Waiting
from gateway.store.versions import Change

#: Leads are counted that came within this time.
LATELY = timedelta(days=7)

#: Problems of one file that are shown; the editor shows all.
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One file, and how it stands."""

    file: str
    about: str  #: "mapping", "limits" or "contracts".
    source: str  #: "" where it cannot be read.
    forms: tuple[str, ...]
    rules: int | None  #: How many; None where it cannot be read, or is no mapping.
    since: Change | None  #: When the live text of it went live; None: none is.
    badge: tuple[str, str]  #: In words, and its tone.
    says: str  #: What is the matter, in a sentence; "" for nothing.
    problems: Sequence[Problem]
    lately: int  #: Leads that came for it within LATELY.

    @property
    def is_last_resort(self) -> bool:
        return self.about == "mapping" and bool(self.source) and not self.forms

    @property
    def mistakes(self) -> int:
        return _mistakes(self.problems)


@dataclass(frozen=True, slots=True)
class Listing:
    """What the page shows."""

    rows: list[Row]
    beside: list[Row]  #: Of the files beside the mappings.
    free: list[Waiting]  #: Forms whose leads wait for a mapping, and have no file.
    version: int
    folder: str  #: That is followed; "" where there is none.
    fault: str  #: Why nothing can be written there.


def listing(desk: Desk, connection: Connection) -> Listing:
    """Every file that is in the folder or live."""
    ground, (version, texts) = Ground.of(connection, desk.settings), versions.live(connection)
    forms = Forms.of(connection, ground.files)
    looked = _Look(desk, ground, texts, desk.live(connection), versions.changes(connection))
    found = looked.rows(connection)
    free = [one for one in forms.waiting if not forms.file_for(one.source, one.form)]
    mappings, beside = ([row for row in found if (row.file in BESIDE) is wanted] for wanted in (False, True))
    return Listing(mappings, beside, free, version, str(ground.folder or ""), ground.fault)


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known when the files are looked at."""

    desk: Desk
    ground: Ground
    texts: Mapping[str, str]  #: Of the files that are live.
    live: Live
    changes: Mapping[str, Sequence[Change]]

    def rows(self, connection: Connection) -> list[Row]:
        _files, problems = candidate(self.ground.files, self.texts, told(connection), self.desk.settings)
        sent = self._sent(connection)
        return [
            self._row(file, [each for each in problems if each.file == file], sent.get(file, 0))
            for file in sorted({*self.ground.files, *self.texts})
        ]

    def _sent(self, connection: Connection) -> dict[str, int]:
        """File → how many leads came for it lately."""
        found: dict[str, int] = {}
        for (source, form), count in sent_since(connection, clock.now() - LATELY).items():
            if mapping := choose(self.live.mappings, source, form):
                found[mapping.file] = found.get(mapping.file, 0) + count
        return found

    def _row(self, file: str, problems: list[Problem], lately: int) -> Row:
        content, live = self.ground.files.get(file), self.texts.get(file)
        about = {CONTRACTS: "contracts"}.get(file, "limits") if file in BESIDE else "mapping"
        mapping = self._mapping(file, content)
        source, forms = (mapping.source, mapping.forms) if mapping else named(content or b"")
        badge, says = _standing(content, live, problems, self._since(file))
        many = len(mapping.rules) if mapping else None
        return Row(file, about, source, forms, many, self._since(file), badge, says, problems, lately)

    def _since(self, file: str) -> Change | None:
        return self.changes[file][-1] if file in self.texts else None

    def _mapping(self, file: str, content: bytes | None) -> rules.Mapping | None:
        """What a file says, or what it says live where it cannot be read."""
        if file in BESIDE:
            return None
        live = self.live.mapping(file)
        if content is None or as_text(content) == self.texts.get(file):
            return live
        version = self.desk.settings.text("AISENSY_VERSION")
        return read_mapping(file, content, version=version, sources=names())[0] or live


def _standing(
    content: bytes | None, live: str | None, problems: Sequence[Problem], since: Change | None
) -> tuple[tuple[str, str], str]:
    """A file's badge, and what is the matter in a sentence."""
    number = since.number if since else 0
    kept = f"version {number} of it stays live" if since else "it is not live, and its leads wait"
    if content is None:
        return ("live", "warn"), "It is gone from the folder, and stays live while another file there has a problem."
    count = _mistakes(problems)
    if count and unfinished(content):
        places = "1 place is" if count == 1 else f"{count} places are"
        return ("not finished", "wait"), f"{places} still to be chosen; until then {kept}."
    if count:
        many = "1 problem" if count == 1 else f"{count} problems"
        return (many, "bad"), f"The file has {many}, so {kept}."
    if live == as_text(content):
        return ("live", "good"), ""
    return (
        "not live yet",
        "wait",
    ), "It was changed in the folder; a worker makes it live within a second or two."


def _mistakes(problems: Sequence[Problem]) -> int:
    return sum(not problem.warning for problem in problems)
