"""A person saves one mapping file: checked first, never over what somebody else wrote, live at once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from gateway.errors import GatewayError
from gateway.model import Problem
from gateway.pipeline.beside import only_mappings
from gateway.pipeline.publishing import Proposal, candidate, put, read_folder, told
from gateway.pipeline.watching import follows
from gateway.pipeline.writing import lay_schema, write_whole
from gateway.settings import Settings
from gateway.store import versions
from gateway.store.ledger import Ledger

#: Others may publish while a text is checked; then it is checked anew, at most so often.
_TRIES = 20

#: Told the version that went live, in its own transaction.
Note = Callable[[Connection, int], None]


@dataclass(frozen=True, slots=True)
class Ground:
    """Where people write the mappings now, and what they say there."""

    folder: Path | None  #: The folder that is followed; None: they stand in the ledger alone.
    files: Mapping[str, bytes]  #: Name → content.
    fault: str = ""  #: Why nothing can be written there; "" when it may be.

    @classmethod
    def of(cls, connection: Connection, settings: Settings) -> Ground:
        live = {name: text.encode() for name, text in versions.live(connection)[1].items()}
        if not follows(settings):
            return cls(None, live)
        folder = Path(settings.text("GATEWAY_MAPPINGS"))
        found = _read(folder)
        if only_mappings(found) or (folder.is_dir() and not only_mappings(live)):
            return cls(folder, found)
        return cls(folder, live, f"the mappings that are live are not in the folder {folder} of this machine")

    def text(self, file: str) -> str | None:
        """What a file says; None: it is not there."""
        return as_text(self.files[file]) if file in self.files else None

    def is_still(self, file: str, base: str) -> bool:
        """Whether a file is what somebody began from. `base`: its `mark`; "" for none."""
        content = self.files.get(file)
        return base in {mark(content), mark(as_text(content))} if content is not None else not base


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that somebody wants to be a file's."""

    file: str
    text: str
    base: str  #: The `mark` of what they began from; "" for a new file.


@dataclass(frozen=True, slots=True)
class Trial:
    """What would be if a text were saved now."""

    ground: Ground
    proposal: Proposal
    problems: tuple[Problem, ...]  #: Of the text, and those that it makes in other files; warnings among them.

    @property
    def mistakes(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if not problem.warning)


@dataclass(frozen=True, slots=True)
class Saved:
    version: int  #: That is live now.
    changed: bool  #: False: it was live already.


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else changed the file meanwhile."""

    theirs: str | None  #: What it says now; None: it went away.


@dataclass(frozen=True, slots=True)
class Wrong:
    """It has problems, so nothing was done."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Unwritable:
    """The folder says what is live, and cannot be written: a person has to."""

    path: Path
    reason: str  #: In one sentence.


Outcome = Saved | Conflict | Wrong | Unwritable


def try_out(connection: Connection, file: str, text: str, settings: Settings) -> Trial:
    """Check a text as publishing would, among the other files as they are now."""
    ground = Ground.of(connection, settings)
    return Trial(ground, *weigh(connection, ground.files, file, text, settings))


def weigh(
    connection: Connection, found: Mapping[str, bytes], file: str, text: str, settings: Settings
) -> tuple[Proposal, tuple[Problem, ...]]:
    """What would be live if one of the files `found` said this, and the problems of that text and by it."""
    version, live = versions.live(connection)
    known = told(connection)
    before = set(candidate(found, live, known, settings)[1])
    files, problems = candidate({**found, file: text.encode()}, live, known, settings)
    own = tuple(problem for problem in problems if problem.file == file or problem not in before)
    return Proposal(version, live, files, problems), own


def save(ledger: Ledger, draft: Draft, settings: Settings, note: Note) -> Outcome:
    """Write the file where one is followed, and publish it. All or nothing, whoever else saves at the same time."""
    for _ in range(_TRIES):
        with ledger.read() as connection:
            trial = try_out(connection, draft.file, draft.text, settings)
        if refusal := _refusal(trial, draft):
            return refusal
        with ledger.write("save a mapping") as connection:
            if outcome := _saved(connection, trial, draft, settings, note):
                return outcome
    raise GatewayError("The mappings are being changed again and again at this moment; save it once more.")


def _refusal(trial: Trial, draft: Draft) -> Outcome | None:
    """Why a draft is not saved; None: it may be."""
    if not trial.ground.is_still(draft.file, draft.base):
        return Conflict(trial.ground.text(draft.file))
    if trial.mistakes:
        return Wrong(trial.problems)
    if trial.ground.fault and trial.ground.folder:
        return Unwritable(trial.ground.folder / draft.file, trial.ground.fault)
    return None


def _saved(connection: Connection, trial: Trial, draft: Draft, settings: Settings, note: Note) -> Outcome | None:
    """None: things are no more as they were when the draft was checked. Nobody else publishes or saves meanwhile."""
    ground, proposal = Ground.of(connection, settings), trial.proposal
    if versions.newest(connection) != proposal.version or ground.files != trial.ground.files:
        return None
    written = ground.text(draft.file) == draft.text
    if ground.folder and not written:
        try:
            write_whole(ground.folder / draft.file, draft.text)
        except GatewayError as error:
            return Unwritable(ground.folder / draft.file, str(error))
        lay_schema(ground.folder)
    version = put(connection, proposal) if proposal.changes else proposal.version
    if proposal.changes or not written:
        note(connection, version)
    return Saved(version, proposal.changes)


def mark(content: str | bytes) -> str:
    """What a text is known by, so that two people do not overwrite each other: its SHA-256 in hex."""
    return hashlib.sha256(content.encode() if isinstance(content, str) else content).hexdigest()


def as_text(content: bytes) -> str:
    """A file as a person sees it; what is no UTF-8 is seen as such."""
    return content.decode("utf-8-sig", "replace")


def _read(folder: Path) -> dict[str, bytes]:
    try:
        return read_folder(folder)
    except OSError:
        return {}
