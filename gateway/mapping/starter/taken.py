"""What the mappings of a folder have taken already, those with mistakes too."""

from __future__ import annotations

from functools import lru_cache

from gateway.mapping.reader.document import Node, decode, read
from gateway.mapping.reader.draft import NOTHING
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.rules import calls_in
from gateway.mapping.reader.traps import spring


def is_for(content: bytes, source: str, form: str) -> bool:
    """Whether a file names this form; for "", whether it takes every form of the source that no file names."""
    table = _table(content)
    forms = [node.text for node in table.get("form", NOTHING).texts]
    return table.get("source", NOTHING).text == source and (form in forms if form else "form" not in table)


def named(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The source and the forms that a file names, as far as it can be read."""
    table = _table(content)
    return table.get("source", NOTHING).text, tuple(node.text for node in table.get("form", NOTHING).texts)


def campaigns(content: bytes) -> set[str]:
    """The campaigns that the rules of a file name."""
    return {call.table.get("campaignName", NOTHING).text for call in calls_in(_table(content))}


@lru_cache(maxsize=64)  # asked for every form that waits
def _table(content: bytes) -> dict[str, Node]:
    problems = Problems("")
    decoded = decode(content, problems)
    root = read(spring(decoded, problems)[0], problems) if decoded is not None else None
    return root.table if root else {}
