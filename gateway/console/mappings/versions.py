"""Every version of a mapping file: who saved it, what changed, and the way back to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from flask import abort, request
from sqlalchemy import Connection

from gateway.console.desk import Desk
from gateway.console.mappings.saving import Answer, Saving
from gateway.console.page import render
from gateway.pipeline.saving import Draft, Ground, mark
from gateway.pipeline.texts import counted, difference
from gateway.store import versions
from gateway.store.console import acts
from gateway.store.versions import Change, appeared

#: Versions on one page.
PAGE = 20

#: Deliveries among which those of each version are counted, the newest.
COUNTED = 20_000

#: How a line of a difference stands to both texts, by the sign before it.
_SIGNS = {"+": "added", "-": "removed", "@": "gap"}


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file."""

    change: Change
    before: int  #: Number of the version that it changed; 0: the file was new.
    who: str  #: "": not by the console.
    added: int  #: Lines.
    removed: int
    planned: int  #: Messages that it planned.


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference."""

    kind: str  #: "added", "removed", "same", or "gap" for lines that are left out.
    text: str


class Versions:
    """Under /console/mappings/<file>/: history, restore."""

    def __init__(self, desk: Desk, saving: Saving) -> None:
        self.desk = desk
        self.saving = saving

    def history(self, file: str) -> str:
        """The versions; with `of` the text of one, with `from` and `to` what lies between two."""
        with self.desk.ledger.read() as connection:
            ground = Ground.of(connection, self.desk.settings)
            changes = versions.changes(connection).get(file, [])
            if not changes and file not in ground.files:
                abort(404, f"There is no mapping '{file}', and there never was.")
            shown = [one for one in changes if one.number < _asked("before", 1 << 30)][-PAGE:]
            listed = _versions(connection, file, changes, shown)
            one = _change(changes, "of")
            old, new = _change(changes, "from"), _change(changes, "to")
            texts = [versions.text_of(connection, each.hash) if each else "" for each in (one, old, new)]
        values = {"one": one, "text": texts[0], "old": old, "new": new, "lines": lines(*texts[1:]) if new else []}
        older = shown[0].number if shown and shown[0] is not changes[0] else 0
        present = ground.files.get(file)
        base = mark(present) if present is not None else ""
        return render(
            "mapping_history.html",
            file=file,
            base=base,
            versions=listed[::-1],
            numbers=[each.number for each in changes if each.hash][::-1],
            older=older,
            is_live=bool(changes and changes[-1].hash),
            newest=changes[-1] if changes else None,
            counted=COUNTED,
            **values,
        )

    def restore(self, file: str) -> Answer:
        """Save a version again, as things are now."""
        with self.desk.ledger.read() as connection:
            found = _numbered(versions.changes(connection).get(file, []), _typed())
            if found is None or not found.hash:
                abort(404, f"{file} has no such version.")
            text = versions.text_of(connection, found.hash)
        draft = Draft(file, text, request.form.get("base", ""))
        return self.saving.keep(draft, f"went back to version {found.number}, and saved it")


def lines(old: str, new: str) -> list[Line]:
    """What lies between two texts, line by line.

    >>> [line.kind for line in lines("a\\nb", "a\\nc")]
    ['same', 'removed', 'added']
    """
    found = difference(old, new, "", "").splitlines()[2:]  # without its head
    made = [Line(_SIGNS.get(line[:1], "same"), line[1:]) for line in found]
    return made[1:] if made and made[0].kind == "gap" else made


def _versions(connection: Connection, file: str, changes: Sequence[Change], shown: Sequence[Change]) -> list[Version]:
    planned, who = versions.planned_by(connection, file, COUNTED), acts.savers(connection, file)
    first = changes.index(shown[0]) if shown else 0
    before = [changes[first - 1] if first else None, *shown]
    texts = [versions.text_of(connection, each.hash) if each else "" for each in before]
    made = []
    for old, change, (was, now) in zip(before, shown, pairwise(texts), strict=False):
        sent = sum(count for number, count in planned.items() if appeared(changes, number) == change)
        number = old.number if old else 0
        made.append(Version(change, number, who.get(change.number, ""), *counted(was, now), sent))
    return made


def _change(changes: Sequence[Change], name: str) -> Change | None:
    """The version in which a file got the text that it has in the one that is asked for."""
    number = _asked(name, 0)
    return appeared(changes, number) or _numbered(changes, number)


def _numbered(changes: Sequence[Change], number: int) -> Change | None:
    return next((one for one in changes if one.number == number), None)


def _asked(name: str, otherwise: int) -> int:
    said = request.args.get(name, "")
    return int(said) if re.fullmatch(r"[0-9]{1,9}", said) else otherwise


def _typed() -> int:
    said = request.form.get("version", "")
    return int(said) if re.fullmatch(r"[0-9]{1,9}", said) else 0
