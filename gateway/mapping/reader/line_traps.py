"""The traps that lie on one line: each check finds its own, and says how to write the line instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.mapping.reader import flow
from gateway.mapping.reader.lines import HIDDEN_SPACES, Line, close_of, quoted, without_quoted
from gateway.mapping.reader.problems import NO_KEY_HERE

_UNREADABLE = re.compile("[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_API_KEY = re.compile(r"""(?:^[-\s]*|[{,]\s*)["']?api[_-]?key["']?\s*:""", re.IGNORECASE)
_HIDDEN = re.compile(f"[{HIDDEN_SPACES}]")
_NO_SPACE_AFTER_COLON = re.compile(r"(?P<word>[A-Za-z_]\w*\??):(?!//)(?P<text>[^\s:].*)")
_NO_SPACE_AFTER_DASH = re.compile(r"-(?=[^\W\d]|[$'\"])")
_LONG_DASH = re.compile("[\u2010-\u2015\u2212](?=[ \t$'\"\\w])[ \t]*")
_SIZE = re.compile(r">=?\s*(?=\W*\d)(.+)")
_TEXT_AFTER_BLOCK = re.compile(r"[|>](?![-+1-9]{0,2}\Z)")
_SECOND_COLON = re.compile(r":(?=\s|$)")
_APOSTROPHE = re.compile(r"'[^']*\w'\w[^']*'")
_CURLY = re.compile(r"[\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b].*[\u201c\u201d\u201f\u2018\u2019\u201b]")
_EATEN = re.compile(r"\s*#(?=\w)")


@dataclass(frozen=True, slots=True)
class Trap:
    """What is wrong on a line, where (an index), and the line as it should be."""

    index: int
    sentence: str
    cure: str


Check = Callable[[Line], Trap | None]


def _rewritten(index: int, cure: str, what: str) -> Trap:
    return Trap(index, f"{what}; write {cure.strip()}", cure)


def _unreadable(line: Line) -> Trap | None:
    found = _UNREADABLE.search(line.raw)
    if not found:
        return None
    return Trap(found.start(), "here stands a character that cannot be seen or read; delete it", _cleared(line.raw))


def _cleared(raw: str) -> str:
    return _UNREADABLE.sub("", raw)


def _api_key(line: Line) -> Trap | None:
    """Comes first, so that no other sentence shows the line."""
    found = _API_KEY.search(line.raw)
    return Trap(len(line.indent), NO_KEY_HERE, "") if found else None


def _tab(line: Line) -> Trap | None:
    if "\t" in line.indent:
        sentence = "the spaces before this line are a tab, which YAML does not take; use two spaces for each level"
        return Trap(line.indent.index("\t"), sentence, line.raw.expandtabs(2))
    if line.value[:1] in ("'", '"') or "\t" not in line.head + line.value:
        return None
    index = line.raw.index("\t")
    return _rewritten(index, line.raw.replace("\t", " "), "here stands a tab, which YAML does not take")


def _hidden_space(line: Line) -> Trap | None:
    found = _HIDDEN.search(without_quoted(line.head))
    if not found:
        return None
    cure = _HIDDEN.sub(" ", line.head) + line.value + line.after
    what = "here stands a no-break space or another hidden mark where YAML wants a plain space"
    return Trap(found.start(), f"{what}; type the line again: {cure.strip()}", cure)


def _long_dash(line: Line) -> Trap | None:
    start = len(line.indent) + len(line.dashes)
    found = _LONG_DASH.match(line.raw, start)
    if not found or line.dashes:
        return None
    cure = f"{line.raw[:start]}- {line.raw[found.end() :]}"
    return _rewritten(
        start, cure, f"this '{found[0].strip()}' starts no item; it wants the hyphen of your keyboard and a space"
    )


def _dash_without_space(line: Line) -> Trap | None:
    start = len(line.indent) + len(line.dashes)
    found = _NO_SPACE_AFTER_DASH.match(line.raw, start)
    if not found:
        return None
    cure = f"{line.raw[:start]}- {line.raw[start + 1 :]}"
    return _rewritten(start, cure, "a '-' that starts an item wants a space behind it")


def _colon_without_space(line: Line) -> Trap | None:
    found = None if line.key or line.dashes else _NO_SPACE_AFTER_COLON.match(line.value)
    return _spaced(line, found) if found else None


def _spaced(line: Line, found: re.Match[str]) -> Trap:
    cure = line.written(f"{found['word']}: {found['text']}")
    return _rewritten(len(line.head), cure, f"a key wants a space behind its ':', as in '{found['word']}: '")


def _key_start(line: Line) -> Trap | None:
    if not line.key or not (line.key[0] in "*&!@%`|>" or line.key.startswith("? ")):
        return None
    start = len(line.indent) + len(line.dashes)
    cure = line.raw[:start] + quoted(line.key) + line.raw[start + len(line.key) :]
    return _rewritten(start, cure, f"a key cannot start with '{line.key[0]}' unless it is in quotes")


def _quotes(line: Line) -> Trap | None:
    end = close_of(line.value) if line.value[:1] in ("'", '"') else -1
    if end in (-1, len(line.value)):
        return None
    text = line.value[1:-1] if _APOSTROPHE.fullmatch(line.value) else line.value
    cure = line.written(quoted(text))
    return _rewritten(
        len(line.head) + end, cure, "the text goes on behind its closing quote, so all of it wants quotes"
    )


def _curly_quotes(line: Line) -> Trap | None:
    if not _CURLY.fullmatch(line.value):
        return None
    cure = line.written(quoted(line.value[1:-1]))
    return _rewritten(len(line.head), cure, "curly quotes are sent as part of the text")


def _braces(line: Line) -> Trap | None:
    slip = flow.braces(line.value) if line.value[:1] == "{" else None
    return _mended(line, slip, line.value) if slip else None


def _mended(line: Line, slip: flow.Slip, value: str) -> Trap:
    cure = line.written(value[: slip.start] + slip.instead + value[slip.end :])
    return Trap(len(line.head) + slip.start, f"{slip.sentence} and write {cure.strip()}", cure)


def _in_brackets(line: Line) -> Trap | None:
    if line.value[:1] not in ("[", "{"):
        return None
    depth, end = flow.depth_after(line.value, 0)
    if depth == 0 and end < len(line.value):
        cure = line.written(quoted(line.value))
        return _rewritten(
            len(line.head) + end, cure, "the text goes on behind its closing bracket, so all of it wants quotes"
        )
    slip = flow.slip(line.value)
    return _mended(line, slip, line.value) if slip else None


def _dash_in_value(line: Line) -> Trap | None:
    if not line.key or not line.value.startswith("- "):
        return None
    cure = f"put '{line.value}' on the next line, two spaces further in"
    sentence = f"an item cannot stand on the line of its key; {cure}"
    return Trap(len(line.head), sentence, line.written(quoted(line.value)))


def _value_start(line: Line) -> Trap | None:
    value = line.value
    wrong = value[:1] and (value[0] in "*&!@%`,]}" or _TEXT_AFTER_BLOCK.match(value) or value.startswith("? "))
    if not wrong:
        return None
    what = f"a value cannot start with '{value[0]}' unless it is in quotes"
    if value[0] == "!" and line.key:
        what += " (for 'anything but', 'when' has is_not)"
    return _rewritten(len(line.head), line.written(quoted(value)), what)


def _second_colon(line: Line) -> Trap | None:
    found = _SECOND_COLON.search(line.value) if line.is_plain and line.key else None
    if not found:
        return None
    cure = line.written(quoted(line.value))
    return _rewritten(len(line.head) + found.start(), cure, "a second ':' with a space needs quotes")


CHECKS: tuple[Check, ...] = (
    _api_key,
    _unreadable,
    _tab,
    _hidden_space,
    _long_dash,
    _dash_without_space,
    _colon_without_space,
    _key_start,
    _quotes,
    _curly_quotes,
    _braces,
    _in_brackets,
    _dash_in_value,
    _value_start,
    _second_colon,
)


def size_in_when(line: Line) -> Trap | None:
    """`budget: > 50k` in a `when`: the words of `when` are meant, and quotes would not make it so."""
    found = _SIZE.fullmatch(line.value) if line.key else None
    if not found:
        return None
    cure = line.written(found[1] if line.key in ("at_least", "at_most") else f"{{at_least: {found[1]}}}")
    return _rewritten(len(line.head), cure, "'>' compares nothing; 'when' has at_least and at_most")


def swallowed(line: Line, above: Line) -> Trap:
    """A key or an item that YAML reads as more of the text above it."""
    what = "item" if line.dashes else "key"
    sentence = f"this {what} is set further in than the line above, which has its value already; line the two up"
    cure = "" if line.dashes else " " * above.depth + line.raw.lstrip()
    return Trap(len(line.indent), sentence, cure)


def eaten_by_comment(line: Line, below: Line) -> Trap | None:
    """`Rule #2`: the '#' ends the value."""
    found = _EATEN.match(line.after) if line.is_plain or not line.value else None
    if not found:
        return None
    what = f"from '{line.after.strip()[:20]}' on, this is read as a comment and lost"
    text, goes_on = (line.value + line.after).rstrip(), len(below.indent) > line.depth
    is_key = goes_on and not line.key and text.endswith(":")
    cure = line.head + (f"{quoted(text[:-1])}:" if is_key else quoted(text))
    if not line.value and goes_on:
        what = "a comment wants '# ' with a space"
        cure = line.raw.replace("#", "# ", 1)
    return _rewritten(len(line.head) + len(line.value) + found.end() - 1, cure, what)


def item_without_space(line: Line, below: Line) -> Trap | None:
    """`- tag:hot` with more keys below it; alone it is a text."""
    found = _NO_SPACE_AFTER_COLON.match(line.value) if line.dashes and not line.key else None
    goes_on = below.key and not below.dashes and len(below.indent) == len(line.head)
    return _spaced(line, found) if found and goes_on else None


def never_closed(line: Line, below: Line) -> Trap | None:
    """A quote that opens a value while the next line is a key or an item again."""
    if line.value[:1] not in ("'", '"') or close_of(line.value) >= 0:
        return None
    if len(below.indent) > line.depth or not (below.key or below.dashes or not below.raw):
        return None
    cure = line.head + quoted(line.raw[len(line.head) + 1 :].rstrip())
    return _rewritten(len(line.head), cure, "the quote that opens here is never closed")
