"""Traps inside `[a, b]` and `{key: value}`: what YAML reads otherwise than its author."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gateway.mapping.reader.lines import quoted, without_quoted

_TOKEN = re.compile(
    r"""
    (?P<quoted>"(?:[^"\\]|\\.)*+"?|'(?:[^']|'')*+'?)
    | (?P<comment>(?:^|(?<=\s))\#.*)
    | (?P<open>[\[{])
    | (?P<close>[\]}])
    | (?P<between>,|:(?=[\s,\[\]{}]|$))
    | (?P<word>[^\s,\[\]{}"'](?:(?!\s\#|:(?:[\s,\[\]{}]|$))[^,\[\]{}])*)
    """,
    re.VERBOSE,
)
_BRACES = re.compile(r"\{\{([^{}]*)\}\}|\$?\{\s*([^\W\d][\w ]*)\}")
_AMOUNT = re.compile(r"(?:^|(?<=[\[,]))\s*([^\[\],{}]*?\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)[^\[\],{}]*)")
_BRACKETED = re.compile(r"[^,\[\]{}]+[\[{][^\[\]{}]*[\]}]?[^,\[\]{}]*")
_NEVER_FIRST = "*&!@%`|>"


@dataclass(frozen=True, slots=True)
class Slip:
    """A stretch of a line that YAML would misread, and what to write there; the sentence goes on "and write …"."""

    start: int
    end: int
    instead: str
    sentence: str


def blank_name(typed: str) -> str:
    """A field's name for what stood between braces: "First Name" → "first_name", "1" → "name"."""
    name = re.sub(r"[^a-z0-9]+", "_", typed.casefold()).strip("_")
    return name if name and not name.isdigit() else "name"


def unfilled(text: str, fields: Collection[str] = ()) -> Iterator[re.Match[str]]:
    """Other tools' blanks: `{{name}}` and `${name}`; `{name}` only as the whole text or with a field's name.

    >>> [found[0] for found in unfilled("Size {L} in {{city}} for {name}", ["name"])]
    ['{{city}}', '{name}']
    """
    for found in _BRACES.finditer(text):
        alone = found[0] == text.strip()
        if alone or found[0].startswith(("{{", "$")) or blank_name(name_inside(found)) in fields:
            yield found


def name_inside(found: re.Match[str]) -> str:
    """What stands between the braces."""
    return (found[1] or found[2] or "").strip()


def braces(text: str) -> Slip | None:
    """The first of other tools' blanks."""
    found = next(unfilled(text), None)
    if not found:
        return None
    name = blank_name(name_inside(found))
    sentence = f"'{found[0]}' is not filled in here; see that 'fields' has an entry '{name}'"
    return Slip(found.start(), found.end(), f"${name}", sentence)


def depth_after(text: str, depth: int) -> tuple[int, int]:
    """How many brackets are open behind `text`, and the index behind the one that closes the last (or its length)."""
    for found in _TOKEN.finditer(text):
        depth += (found.lastgroup == "open") - (found.lastgroup == "close")
        if depth <= 0 and found.lastgroup == "close":
            return 0, found.end()
    return depth, len(text)


def slip(text: str) -> Slip | None:
    """The first stretch of flow style that YAML would misread."""
    return braces(without_quoted(text)) or _amount(text) or _word(text)


def _amount(text: str) -> Slip | None:
    found = _AMOUNT.search(without_quoted(text))
    if not found:
        return None
    start, end = found.span(1)
    item = text[start:end].rstrip()
    count = item.count(",") + 1
    if not item.strip("0123456789,"):
        sentence = f"'{item}' is read as {count} items; for one number put quotes around it, for {count} put spaces"
        return Slip(start, start + len(item), item.replace(",", ", "), f"{sentence} behind the commas")
    sentence = f"'{item}' is read as {count} items, because commas end an item here; put quotes around it"
    return Slip(start, start + len(item), quoted(item), sentence)


def _word(text: str) -> Slip | None:
    for found in _TOKEN.finditer(text):
        if found.lastgroup == "word" and (wrong := _wrong_with(found[0].rstrip(), text[found.end() :][:1])):
            whole = _BRACKETED.match(text, found.start()) if "followed" in wrong else found
            word = whole[0].rstrip() if whole else ""
            start = found.start()
            return Slip(start, start + len(word), quoted(word), f"{wrong}; put quotes around it")
    return None


def _wrong_with(word: str, behind: str) -> str:
    if "?" in word:
        return f"'{word}' has a '?', which YAML takes for its own between brackets"
    if word[0] in _NEVER_FIRST:
        return f"'{word}' starts with '{word[0]}', which YAML takes for its own"
    if behind and behind in "[{":
        return f"'{word}' is followed by a bracket that YAML takes for its own"
    return ""
