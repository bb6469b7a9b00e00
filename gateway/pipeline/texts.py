"""`website.yaml@3`: a text of a mapping that was once live, named by its version or by the start of its hash."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gateway.errors import GatewayError
from gateway.store import versions
from gateway.store.versions import Change

#: A start of a hash has at least so many signs; fewer would be a guess.
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Named:
    """What a person named: a file, and one of its versions."""

    file: str
    version: str = ""  #: "": none was named.


def read_name(written: str) -> Named:
    """Raises GatewayError when it is no file's name."""
    file, at, version = written.rpartition("@")
    named = Named(file, version) if at else Named(written)
    if not named.file or re.search(r"[/\\]", named.file) or named.file.startswith("."):
        name = re.split(r"[/\\]", named.file)[-1].lstrip(".") or "website.yaml"
        raise GatewayError(f"Write the file's name alone, without a folder: {name}, or {name}@3 for its version 3.")
    return named


def changes_of(connection: Connection, file: str) -> list[Change]:
    """The versions in which the text of a file changed. Raises GatewayError when it was never live."""
    known = versions.changes(connection)
    if file not in known:
        near = difflib.get_close_matches(file, known, 1)
        cure = f"did you mean {near[0]}?" if near else "`gateway history` lists the files that were."
        raise GatewayError(f"{file} was never live; {cure}")
    return known[file]


def change_of(named: Named, changes: Sequence[Change]) -> Change:
    """The version that is named; without one, the latest that has a text. Raises GatewayError when there is none."""
    if not named.version:
        return next(one for one in reversed(changes) if one.hash)
    found = _by_number(named.version, changes) or _by_hash(named.version, changes)
    if found is None:
        raise GatewayError(
            f"{named.file} has no version {named.version}; `gateway history {named.file}` lists those it has."
        )
    return found


def _by_number(version: str, changes: Sequence[Change]) -> Change | None:
    if not re.fullmatch(r"[0-9]{1,9}", version):
        return None
    return next((one for one in changes if one.number == int(version) and one.hash), None)


def _by_hash(start: str, changes: Sequence[Change]) -> Change | None:
    if len(start) < _FEWEST:
        return None
    fitting = {one.hash: one for one in changes if one.hash.startswith(start.lower())}
    return next(iter(fitting.values())) if len(fitting) == 1 else None


def before(change: Change, changes: Sequence[Change]) -> Change | None:
    """The version that a change changed; None: the file was new."""
    earlier = [one for one in changes if one.number < change.number]
    return earlier[-1] if earlier else None


def difference(old: str, new: str, old_name: str, new_name: str) -> str:
    """A unified diff; "" when both are the same."""
    diff = difflib.unified_diff(old.splitlines(), new.splitlines(), old_name, new_name, lineterm="")
    return "\n".join(diff)


def counted(old: str, new: str) -> tuple[int, int]:
    """How many lines were added, and how many removed."""
    diff = list(difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0))[2:]  # without its head
    return sum(line.startswith("+") for line in diff), sum(line.startswith("-") for line in diff)
