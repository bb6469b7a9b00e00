"""A mapping as its lines show it, however broken: which key stands where, by indentation alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

#: An item of a list, as a step of a path.
ITEM = "-"

#: Signs of a line that are looked at: no key stands further right.
_LONGEST = 1_000

Path = tuple[str, ...]

_DASHES = re.compile(r"(- +|-$)")
_KEY = re.compile(r"""("[^"]*"|'[^']*'|[^\s#'"\-\[{|>&*!%@`][^#]*?|-[^\s#][^#]*?)\s*:(?=\s|$)\s*""")
_BLOCK = re.compile(r"[|>][+-]?\d?\s*$")
_QUOTES = ("'", '"')


@dataclass(frozen=True, slots=True)
class Token:
    """A key, or an item of a list, and the text that stands behind it on its line."""

    path: Path  #: Of itself: ("rules", "-", "name").
    line: int  #: Counted from 0.
    column: int  #: Where it starts, counted from 0.
    text: str  #: Without quotes and comment; "" where nothing stands there.


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where somebody types."""

    path: Path  #: Of the key or the item whose value is typed; of the block, where a key begins.
    typed: str  #: What stands there already, up to the cursor.
    column: int  #: Where that begins.
    in_value: bool  #: Behind a key and its colon. Else it is a key, or an item of a list.
    line: int = 0  #: Counted from 0.
    on_dash: bool = False  #: The first word of an item.


class Outline:
    """The tokens of a text."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")

    @cached_property
    def tokens(self) -> list[Token]:
        return list(self._tokens(len(self.lines)))

    def _tokens(self, until: int) -> Iterator[Token]:
        stack: list[tuple[int, str]] = []
        block = -1  # the column of the key whose text goes on over several lines; -1: none
        for number, line in enumerate(self.lines[:until]):
            if not line.strip() or line.lstrip().startswith("#") or (block >= 0 and _indent(line) > block):
                continue
            block = -1
            for token in _of_line(line, number, stack):
                yield token
                if _BLOCK.fullmatch(token.text):
                    block = token.column

    def cursor(self, at: int) -> Cursor | None:
        """Where the `at`-th sign of the text is; None in a comment."""
        line, head = self._line_at(at)
        if re.search(r"(^|\s)#", _unquoted(head)):
            return None
        stack: list[tuple[int, str]] = []
        for number, above in enumerate(self.lines[:line]):
            if above.strip() and not above.lstrip().startswith("#"):
                list(_of_line(above, number, stack))
        column, rest = _enter_items(head, stack)
        key = _KEY.match(rest[:_LONGEST])
        if key and rest[key.end() - 1] == " ":
            path = (*(step for _, step in stack), _bare(key[1]))
            return Cursor(path, rest[key.end() :], column + key.end(), in_value=True, line=line)
        path = tuple(step for _, step in stack)
        return Cursor(path, rest, column, in_value=False, line=line, on_dash=column > _indent(head))

    def _line_at(self, at: int) -> tuple[int, str]:
        for number, line in enumerate(self.lines):
            if at <= len(line):
                return number, line[:at]
            at -= len(line) + 1
        return len(self.lines) - 1, self.lines[-1]

    def siblings(self, cursor: Cursor) -> set[str]:
        """The keys that stand in the same block as the cursor."""
        depth = len(cursor.path) + 1
        block = self._block(cursor)
        return {each.path[-1] for each in self.tokens if each.line in block and len(each.path) == depth} - {ITEM}

    def _block(self, cursor: Cursor) -> set[int]:
        """The lines of the cursor's block, without its own."""
        found = set[int]()
        for step in (-1, 1):
            number = cursor.line + step
            while 0 <= number < len(self.lines) and self._belongs(number, cursor.column):
                found.add(number)
                if step < 0 and _indent(self.lines[number]) < cursor.column and self.lines[number].strip():
                    break  # the line of the dash
                number += step
        if cursor.on_dash:
            found = {number for number in found if number > cursor.line}
        return found

    def _belongs(self, number: int, column: int) -> bool:
        line = self.lines[number]
        if not line.strip() or line.lstrip().startswith("#") or _indent(self.lines[number]) >= column:
            return True
        return any(each.line == number and each.column == column and each.path[-1] != ITEM for each in self.tokens)

    def texts(self, *path: str) -> list[str]:
        """What stands at a path, be it one text or a list of them."""
        wanted = (path, (*path, ITEM))
        return [each.text for each in self.tokens if each.path in wanted and each.text]

    @property
    def source(self) -> str:
        return next(iter(self.texts("source")), "")

    @property
    def forms(self) -> list[str]:
        return [form.strip(" '\"") for text in self.texts("form") for form in text.strip("[]").split(",")]

    @property
    def rules(self) -> list[str]:
        return self.texts("rules", ITEM, "name")

    @cached_property
    def fields(self) -> dict[str, list[str]]:
        """Each field, and the answers that it looks for, without scope and filters."""
        found: dict[str, list[str]] = {}
        for each in self.tokens:
            if each.path[:1] == ("fields",) and len(each.path) > 1:
                names = found.setdefault(each.path[1], [])
                if each.text and each.path[2:] in ((), (ITEM,), ("from",), ("from", ITEM)):
                    names.append(each.text.partition("|")[0].strip())
        return found


def _of_line(line: str, number: int, stack: list[tuple[int, str]]) -> Iterator[Token]:
    """The tokens of one line; `stack` (column, step) holds what is open, and is changed."""
    column, rest = _enter_items(line[:_LONGEST], stack)
    path = tuple(step for _, step in stack)
    if key := _KEY.match(rest):
        stack.append((column, _bare(key[1])))
        yield Token((*path, _bare(key[1])), number, column, _bare(rest[key.end() :]))
    elif path and path[-1] == ITEM:
        yield Token(path, number, column, _bare(rest))


def _enter_items(line: str, stack: list[tuple[int, str]]) -> tuple[int, str]:
    """Close what a line ends, and enter its dashes; the column at which the rest begins, and the rest."""
    column = _indent(line)
    rest = line[column:]
    is_item = bool(_DASHES.match(rest))
    while stack and (stack[-1][0] > column or (stack[-1][0] == column and not (is_item and stack[-1][1] != ITEM))):
        stack.pop()
    while dash := _DASHES.match(rest):
        stack.append((column, ITEM))
        column, rest = column + dash.end(), rest[dash.end() :]
    return column, rest


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _bare(text: str) -> str:
    """A text without its comment and its quotes."""
    text = text.strip()
    if text.startswith(_QUOTES) and text.find(text[0], 1) > 0:
        return text[1 : text.find(text[0], 1)]
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()


def _unquoted(text: str) -> str:
    """A line up to the cursor, without what stands in quotes."""
    return re.sub(r"""(?<=[\s:-])("[^"]*("|$)|'[^']*('|$))""", "", text)
