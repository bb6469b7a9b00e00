"""YAML text → a tree of texts, each with its place.

Every scalar is what was typed: `NO`, `+919876543210`, `0123` and `12:30` stay text. The tree is built from
YAML's events, so that a hostile file is refused before it costs anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from gateway.jsontext import clean
from gateway.mapping.reader.broken import explain
from gateway.mapping.reader.problems import START, Place, Problems

MAX_SIZE = 1_000_000
MAX_DEPTH = 20

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file: one text, a list, keys with values, or (None) a blank."""

    content: str | list[Node] | dict[str, Node] | None
    place: Place
    key: Place = field(default=START)  #: Where its key stands; the value's own place for an item of a list.
    quoted: bool = False  #: A text in quotes, or in a block: its author means every sign of it.

    @property
    def text(self) -> str:
        """Its text; "" when it is blank or no text."""
        return self.content if isinstance(self.content, str) else ""

    @property
    def items(self) -> list[Node]:
        """The items of a list; none when it is no list."""
        return self.content if isinstance(self.content, list) else []

    @property
    def table(self) -> dict[str, Node]:
        """Keys and values; none when it has no keys."""
        return self.content if isinstance(self.content, dict) else {}

    @property
    def texts(self) -> list[Node]:
        """The texts of a list, or the one text standing alone."""
        nodes = [self] if isinstance(self.content, str) else self.items
        return [node for node in nodes if isinstance(node.content, str)]

    def plain(self) -> Any:
        """The same as dict, list, str and None, without places."""
        if isinstance(self.content, dict):
            return {key: node.plain() for key, node in self.content.items()}
        if isinstance(self.content, list):
            return [node.plain() for node in self.content]
        return self.content

    def at(self, path: tuple[str | int, ...]) -> Node:
        """The node at the end of `path`, or the last one on the way there."""
        node = self
        for step in path:
            if isinstance(step, str) and step in node.table:
                node = node.table[step]
            elif isinstance(step, int) and step < len(node.items):
                node = node.items[step]
            else:
                break
        return node


class _Stop(Exception):
    """Reading on would make no sense; the problem is noted already."""


def lines_of(text: str) -> list[str]:
    """The lines as YAML counts them."""
    return _LINE_END.split(text)


def decode(data: str | bytes, problems: Problems) -> str | None:
    """The file's text without a byte order mark; None when it is no UTF-8 or too large."""
    if len(data) > MAX_SIZE:
        problems.add(START, "this file is over 1 MB; a mapping is a few pages at most, so split it or save it again")
        return None
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = lines_of(data[: error.start].decode("utf-8-sig", "replace"))
        place = Place(len(before), len(before[-1]) + 1)
        problems.add(place, "this file is not saved as UTF-8; save it again with the encoding UTF-8")
        return None


def read(text: str, problems: Problems) -> Node | None:
    """The tree of a file; None when there is none, or when YAML gives up on the way."""
    try:
        return _Tree(yaml.parse(text, Loader=yaml.SafeLoader), problems).document()
    except yaml.YAMLError as error:
        problems.add(*explain(error))
    except (ValueError, OverflowError):
        problems.add(START, r"a '\U' in double quotes names no character; put that text in single quotes")
    except _Stop:
        pass
    return None


def _place(mark: Any) -> Place:
    return Place(mark.line + 1, mark.column + 1)


class _Tree:
    """Builds the nodes of one document from YAML's events."""

    def __init__(self, events: Iterator[Any], problems: Problems) -> None:
        self.events = events
        self.problems = problems

    def document(self) -> Node | None:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            self.problems.add(START, "this file is empty; a mapping starts with 'source:', 'fields:' and 'rules:'")
            return None
        root = self._node(next(self.events), START, 0)
        next(self.events)
        after = next(self.events)
        if isinstance(after, yaml.DocumentStartEvent):
            self._refuse(after, "a second document starts here; write one mapping a file and take the '---' out")
            raise _Stop
        return root

    def _node(self, event: Any, key: Place | None, depth: int) -> Node:
        place = _place(event.start_mark)
        self._refuse_tricks(event)
        if depth > MAX_DEPTH:
            self._refuse(event, f"this is nested over {MAX_DEPTH} deep; no mapping needs that")
            raise _Stop
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(self._items(depth + 1), place, key or place)
        if isinstance(event, yaml.MappingStartEvent):
            return Node(self._table(depth + 1), place, key or place)
        return Node(_typed(event), place, key or place, quoted=bool(getattr(event, "style", None)))

    def _items(self, depth: int) -> list[Node]:
        items = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self._node(event, None, depth))
        return items

    def _table(self, depth: int) -> dict[str, Node]:
        table: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, None, depth)
            value = self._node(next(self.events), key.place, depth)
            if self._fits(key, table):
                table[key.text] = value
        return table

    def _fits(self, key: Node, table: dict[str, Node]) -> bool:
        if not isinstance(key.content, str):
            self.problems.add(key.place, "a key must be a text; put quotes around what stands before the ':'")
        elif key.content == "<<" and not key.quoted:
            self.problems.add(key.place, "'<<' is a YAML trick that mappings do not take; write the lines out")
        elif key.content in table:
            first = table[key.content].key.line
            cure = "keep one of them"
            if key.content == "name" and not {"call", "skip", "when"}.isdisjoint(table):
                cure += ", or, where another rule starts, write '- name: …'"
            self.problems.add(key.place, f"'{key.content}' stands here twice, first in line {first}; {cure}")
        else:
            return True
        return False

    def _refuse_tricks(self, event: Any) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._refuse(event, "a word that starts with '*' is a YAML alias; put quotes around it if it is a text")
        elif event.anchor is not None:
            self._refuse(event, "a word that starts with '&' is a YAML anchor; put quotes around it if it is a text")
        elif event.tag is not None:
            self._refuse(event, "a word that starts with '!' is a YAML tag; put quotes around it if it is a text")

    def _refuse(self, event: Any, sentence: str) -> None:
        self.problems.add(_place(event.start_mark), sentence)


def _typed(event: Any) -> str | None:
    if isinstance(event, yaml.AliasEvent):
        return None
    text = clean(event.value)
    if event.style in ("|", ">"):
        return text.rstrip("\n")
    return text if text or event.style else None
