"""The traps of YAML, found before YAML falls into them.

Each trap gives the line rewritten; with all of them rewritten the file is read on, so that one run tells all.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from gateway.mapping import flow
from gateway.mapping.document import lines_of
from gateway.mapping.lines import HIDDEN_SPACES, Line, close_of, quoted, take_apart
from gateway.mapping.problems import Place, Problems

#: No line of a mapping is longer; a longer one is left to YAML.
MAX_LINE = 5_000
#: Several traps may lie on one line, each found once the one before it is mended.
MAX_TRAPS_A_LINE = 5

_UNREADABLE = re.compile("[^\t\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HIDDEN = re.compile(f"[{HIDDEN_SPACES}]")
_NO_SPACE_AFTER_COLON = re.compile(r"(?P<word>[A-Za-z_]\w*\??):(?!//)(?P<text>[^\s:].*)")
_NO_SPACE_AFTER_DASH = re.compile(r"-(?=[^\W\d]|[$'\"])")
_TEXT_AFTER_BLOCK = re.compile(r"[|>](?![-+1-9]{0,2}\Z)")
_SECOND_COLON = re.compile(r":(?=\s|$)")
_CURLY = re.compile(r"[\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b].*[\u201c\u201d\u201f\u2018\u2019\u201b]")
_EATEN = re.compile(r"\s*#(?=\w)")


@dataclass(frozen=True, slots=True)
class Trap:
    """What is wrong on a line, where (an index), and the line as it should be; None when only a person can tell."""

    index: int
    sentence: str
    cure: str | None


Check = Callable[[Line], Trap | None]


def _rewritten(line: Line, index: int, cure: str, what: str) -> Trap:
    del line
    return Trap(index, f"{what}; write {cure.strip()}", cure)


def _unreadable(line: Line) -> Trap | None:
    found = _UNREADABLE.search(line.raw)
    if not found:
        return None
    return Trap(found.start(), "here stands a character that cannot be seen or read; delete it", _cleared(line.raw))


def _cleared(raw: str) -> str:
    return _UNREADABLE.sub("", raw)


def _tab(line: Line) -> Trap | None:
    if "\t" in line.indent:
        sentence = "the spaces before this line are a tab, which YAML does not take; use two spaces for each level"
        return Trap(line.indent.index("\t"), sentence, line.raw.expandtabs(2))
    if line.value[:1] in ("'", '"') or "\t" not in line.head + line.value:
        return None
    index = line.raw.index("\t")
    return _rewritten(line, index, line.raw.replace("\t", " "), "here stands a tab, which YAML does not take")


def _hidden_space(line: Line) -> Trap | None:
    found = _HIDDEN.search(line.head)
    if not found:
        return None
    cure = _HIDDEN.sub(" ", line.head) + line.value + line.after
    what = "here stands a no-break space or another hidden mark, often from copying; type a plain space instead"
    return _rewritten(line, found.start(), cure, what)


def _dash_without_space(line: Line) -> Trap | None:
    start = len(line.indent) + len(line.dashes)
    found = _NO_SPACE_AFTER_DASH.match(line.raw, start)
    if not found:
        return None
    cure = f"{line.raw[:start]}- {line.raw[start + 1 :]}"
    return _rewritten(line, start, cure, "a '-' that starts an item wants a space behind it")


def _colon_without_space(line: Line) -> Trap | None:
    found = None if line.key or line.dashes else _NO_SPACE_AFTER_COLON.match(line.value)
    if not found:
        return None
    cure = line.written(f"{found['word']}: {found['text']}")
    return _rewritten(line, len(line.head), cure, f"a key wants a space behind its ':', as in '{found['word']}: '")


def _key_start(line: Line) -> Trap | None:
    if not line.key or line.key[0] not in "*&!@%`|>" and not line.key.startswith("? "):
        return None
    start = len(line.indent) + len(line.dashes)
    cure = line.raw[:start] + quoted(line.key) + line.raw[start + len(line.key) :]
    return _rewritten(line, start, cure, f"a key cannot start with '{line.key[0]}' unless it is in quotes")


def _quotes(line: Line) -> Trap | None:
    end = close_of(line.value) if line.value[:1] in ("'", '"') else -1
    if end in (-1, len(line.value)):
        return None
    cure = line.written(quoted(line.value))
    return _rewritten(line, len(line.head) + end, cure, "the text goes on behind its closing quote; quote all of it")


def _curly_quotes(line: Line) -> Trap | None:
    if not _CURLY.fullmatch(line.value):
        return None
    cure = line.written(quoted(line.value[1:-1]))
    return _rewritten(line, len(line.head), cure, "curly quotes are sent as part of the text; use straight ones")


def _braces(line: Line) -> Trap | None:
    slip = flow.braces(line.value) if line.value[:1] == "{" else None
    return _mended(line, slip, line.value) if slip else None


def _mended(line: Line, slip: flow.Slip, value: str) -> Trap:
    cure = line.written(value[: slip.start] + slip.instead + value[slip.end :])
    return Trap(len(line.head) + slip.start, f"{slip.sentence}: {cure.strip()}", cure)


def _in_brackets(line: Line) -> Trap | None:
    if line.value[:1] not in ("[", "{"):
        return None
    depth, end = flow.depth_after(line.value, 0)
    if depth == 0 and end < len(line.value):
        cure = line.written(quoted(line.value))
        return _rewritten(
            line, len(line.head) + end, cure, "the text goes on behind its closing bracket; quote all of it"
        )
    slip = flow.slip(line.value)
    return _mended(line, slip, line.value) if slip else None


def _dash_in_value(line: Line) -> Trap | None:
    if not line.key or not line.value.startswith("- "):
        return None
    sentence = (
        f"an item cannot stand on the line of its key; put '{line.value}' on the next line, two spaces further in"
    )
    return Trap(len(line.head), sentence, line.written(quoted(line.value)))


def _value_start(line: Line) -> Trap | None:
    value = line.value
    wrong = value[:1] and (value[0] in "*&!@%`,]}" or _TEXT_AFTER_BLOCK.match(value) or value.startswith("? "))
    if not wrong:
        return None
    what = f"a value cannot start with '{value[0]}' unless it is in quotes"
    if value[0] == ">" and any(letter.isdigit() for letter in value):
        what += " (for 'or more', 'when' has at_least)"
    return _rewritten(line, len(line.head), line.written(quoted(value)), what)


def _second_colon(line: Line) -> Trap | None:
    found = _SECOND_COLON.search(line.value) if line.is_plain and line.key else None
    if not found:
        return None
    cure = line.written(quoted(line.value))
    return _rewritten(line, len(line.head) + found.start(), cure, "a second ':' with a space needs quotes")


def _eaten_by_comment(line: Line) -> Trap | None:
    found = _EATEN.match(line.after) if line.is_plain or not line.value else None
    if not found or not line.head.strip():
        return None
    cure = line.head + quoted((line.value + line.after).rstrip())
    what = (
        f"from '{line.after.strip()[:20]}' on, this is read as a comment and lost (a comment wants '# ' with a space)"
    )
    return _rewritten(line, len(line.head) + len(line.value) + found.end() - 1, cure, what)


CHECKS: tuple[Check, ...] = (
    _unreadable,
    _tab,
    _hidden_space,
    _dash_without_space,
    _colon_without_space,
    _key_start,
    _quotes,
    _curly_quotes,
    _braces,
    _in_brackets,
    _dash_in_value,
    _value_start,
    _eaten_by_comment,
    _second_colon,
)


def _swallowed(line: Line, above: Line | None) -> Trap | None:
    """A key or an item that YAML reads as more of the text above it."""
    if not above or len(line.indent) <= above.depth or not (line.key or line.dashes):
        return None
    what = "item" if line.dashes else "key"
    sentence = f"this {what} is set further in than the line above, which has its value already; line the two up"
    return Trap(len(line.indent), sentence, None)


def _never_closed(line: Line, below: Line | None) -> Trap | None:
    """A quote that opens a value while the next line is a key or an item again."""
    if line.value[:1] not in ("'", '"') or close_of(line.value) >= 0:
        return None
    if below and (len(below.indent) > line.depth or not (below.key or below.dashes)):
        return None
    text = line.raw[len(line.head) + 1 :].rstrip()
    cure = line.head + quoted(text)
    return _rewritten(line, len(line.head), cure, "the quote that opens here is never closed")


class _Scan:
    """Walks the lines, knowing what each is part of."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.lines = lines_of(text)
        self.problems = problems
        self.trapped: set[int] = set()
        self.block = -1  #: Depth of the open block text; -1: none.
        self.quote = ""
        self.brackets = 0
        self.above: Line | None = None  #: The line above, if its value is a text without quotes.

    def run(self) -> None:
        for index, raw in enumerate(self.lines):
            if len(raw) <= MAX_LINE and not self._inside(raw):
                self._line(index)

    def _inside(self, raw: str) -> bool:
        """Whether the line is part of a text or of brackets that began above it."""
        if self.block >= 0:
            if not raw.strip() or len(raw) - len(raw.lstrip(" ")) > self.block:
                return True
            self.block = -1
        if self.quote:
            self.quote = "" if close_of(self.quote + raw) >= 0 else self.quote
            return True
        return False

    def _line(self, index: int) -> None:
        raw = self.lines[index]
        if self.brackets:
            self._mend_brackets(index)
        elif raw.lstrip(f"\t {HIDDEN_SPACES}").startswith("#") or not raw.strip(" "):
            return
        else:
            self._mend(index)

    def _mend_brackets(self, index: int) -> None:
        raw = self.lines[index]
        for _ in range(MAX_TRAPS_A_LINE):
            if not (slip := flow.slip(raw)):
                break
            raw = raw[: slip.start] + slip.instead + raw[slip.end :]
            self._note(index, Trap(slip.start, f"{slip.sentence}: {raw.strip()}", raw))
        self.brackets = flow.depth_after(raw, self.brackets)[0]

    def _mend(self, index: int) -> None:
        line = take_apart(self.lines[index])
        for _ in range(MAX_TRAPS_A_LINE):
            trap = self._trap(line, index)
            if not trap:
                break
            self._note(index, trap)
            if trap.cure is None:
                break
            line = take_apart(trap.cure)
        self._remember(line)

    def _trap(self, line: Line, index: int) -> Trap | None:
        if swallowed := _swallowed(line, self.above):
            return swallowed
        if self.above and len(line.indent) > self.above.depth:
            return None
        found = (check(line) for check in CHECKS)
        return next((trap for trap in found if trap), None) or _never_closed(line, self._below(index))

    def _below(self, index: int) -> Line | None:
        following = (raw for raw in self.lines[index + 1 :] if raw.strip() and not raw.lstrip().startswith("#"))
        raw = next(following, None)
        return take_apart(raw) if raw is not None else None

    def _note(self, index: int, trap: Trap) -> None:
        self.problems.add(Place(index + 1, trap.index + 1), trap.sentence)
        self.trapped.add(index + 1)
        if trap.cure is not None:
            self.lines[index] = trap.cure

    def _remember(self, line: Line) -> None:
        if self.above and len(line.indent) > self.above.depth:
            return
        self.above = line if line.is_plain else None
        self.block = line.depth if line.is_block else -1
        if line.value[:1] in ("'", '"') and close_of(line.value) < 0:
            self.quote = line.value[0]
        if line.value[:1] in ("[", "{"):
            self.brackets = flow.depth_after(line.value, 0)[0]


def spring(text: str, problems: Problems) -> tuple[str, set[int]]:
    """Note every trap; the text with the traps mended, and the numbers of the lines that had one."""
    scan = _Scan(text, problems)
    scan.run()
    return "\n".join(scan.lines), scan.trapped
