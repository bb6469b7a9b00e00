"""A line of YAML taken apart as its author sees it, whether or not YAML could read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What looks like a space and is none to YAML: no-break and other wide spaces, and marks of no width.
HIDDEN_SPACES = "\u00a0\u1680\u2000-\u200b\u200e\u200f\u202f\u205f\u2060\u3000\ufeff"
_SPACE = rf"[\t {HIDDEN_SPACES}]"
_QUOTED = r""""(?:[^"\\]|\\.)*+"|'(?:[^']|'')*+'"""

_PARTS = re.compile(
    rf"""
    (?P<indent>{_SPACE}*)
    (?P<dashes>(?:-(?:{_SPACE}+|$))*)
    (?:(?P<key>{_QUOTED}|[^\s"'\[{{\#](?:(?!{_SPACE}\#).)*?):(?={_SPACE}|$))?
    (?P<gap>{_SPACE}*)
    (?P<rest>.*)
    """,
    re.VERBOSE | re.DOTALL,
)
_WHOLE_QUOTED = re.compile(_QUOTED, re.DOTALL)
_COMMENT = re.compile(rf"(?:^|{_SPACE})#")
_BLOCK = re.compile(r"[|>][-+1-9]{0,2}\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """`indent`, `- ` marks, `key` and colon, `value`, and what follows the value (spaces and a comment)."""

    raw: str
    indent: str
    dashes: str
    key: str  #: As written, with its quotes; "" when the line has none.
    head: str  #: All that comes before the value.
    value: str
    after: str

    @property
    def column(self) -> int:
        """Where the value starts, from 1."""
        return len(self.head) + 1

    @property
    def depth(self) -> int:
        """What a following line must be set further in than, to belong to this line's value."""
        marks = len(self.indent) + len(self.dashes)
        return marks if self.key or not self.dashes else len(self.indent) + len(self.dashes.rstrip()) - 1

    @property
    def is_block(self) -> bool:
        """Its value is a `|` or `>`: the text follows below, as it is."""
        return bool(_BLOCK.match(self.value))

    @property
    def is_plain(self) -> bool:
        """Its value is a text without quotes."""
        return bool(self.value) and self.value[0] not in "\"'[{|>"

    def written(self, value: str) -> str:
        """The line with another value."""
        return f"{self.head}{value}{self.after}"


def close_of(text: str) -> int:
    """Where a text that starts with a quote is closed: the index behind the closing one, or -1."""
    found = _WHOLE_QUOTED.match(text)
    return found.end() if found else -1


def take_apart(raw: str) -> Line:
    found = _PARTS.match(raw)
    assert found  # noqa: S101 - every part of the pattern may be empty.
    rest = found["rest"]
    end = end_of_value(rest)
    value = rest[:end].rstrip()
    head = raw[: found.start("rest")]
    return Line(raw, found["indent"], found["dashes"], (found["key"] or "").rstrip(), head, value, rest[len(value) :])


def without_quoted(text: str) -> str:
    """The text with a dot for every character inside quotes."""
    return _WHOLE_QUOTED.sub(lambda found: "." * len(found[0]), text)


def end_of_value(rest: str) -> int:
    """Where a comment begins, or the length."""
    comment = _COMMENT.search(without_quoted(rest) if rest[:1] in tuple("'\"[{") else rest)
    return comment.start() if comment else len(rest)


def quoted(text: str) -> str:
    """The text in the quotes that fit it.

    >>> print(quoted("it's 5 > 4"), quoted("*bold*"))
    "it's 5 > 4" '*bold*'
    """
    if "'" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
