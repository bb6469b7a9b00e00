"""The traps of YAML, found before YAML falls into them.

Each trap gives the line rewritten; with all of them rewritten the file is read on, so that one run tells all.
"""

from __future__ import annotations

from gateway.mapping.reader import flow
from gateway.mapping.reader.document import lines_of
from gateway.mapping.reader.line_traps import (
    CHECKS,
    Trap,
    eaten_by_comment,
    item_without_space,
    never_closed,
    size_in_when,
    swallowed,
)
from gateway.mapping.reader.lines import Line, close_of, end_of_value, take_apart
from gateway.mapping.reader.problems import Place, Problems

#: No line of a mapping is longer; a longer one is left to YAML.
MAX_LINE = 2_000
#: Several traps may lie on one line, each found once the one before it is mended.
MAX_TRAPS_A_LINE = 5
#: So far above a line its `when` is looked for.
MAX_WHEN = 50


class _Scan:
    """Walks the lines, knowing what each is part of."""

    def __init__(self, text: str, problems: Problems) -> None:
        self.lines = lines_of(text)
        self.problems = problems
        self.trapped: set[int] = set()
        self.block = -1  #: Depth of the open block text; -1: none.
        self.quote = ""
        self.brackets = 0
        self.sunk = False  #: Items that belong nowhere are being left out.
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
        elif raw.strip(" ") and not raw.lstrip(" ").startswith("#"):
            self._mend(index)

    def _mend_brackets(self, index: int) -> None:
        raw = self.lines[index]
        for _ in range(MAX_TRAPS_A_LINE):
            if not (slip := flow.slip(raw[: end_of_value(raw)])):
                break
            raw = raw[: slip.start] + slip.instead + raw[slip.end :]
            self._note(index, Trap(slip.start, f"{slip.sentence} and write {raw.strip()}", raw))
        self.brackets = flow.depth_after(raw, self.brackets)[0]

    def _mend(self, index: int) -> None:
        line = take_apart(self.lines[index])
        if self._continues(line) and (self.sunk or line.dashes):
            self._sink(line, index)
            return
        for _ in range(MAX_TRAPS_A_LINE):
            if not (trap := self._trap(line, index)):
                break
            self._note(index, trap)
            line = take_apart(trap.cure)
        self._remember(line)

    def _sink(self, line: Line, index: int) -> None:
        """Items under a value that is complete: noted once, and left out with all that belongs to them."""
        if not self.sunk and self.above:
            self._note(index, swallowed(line, self.above))
        self.sunk = True
        self.trapped.add(index + 1)
        self.lines[index] = ""

    def _trap(self, line: Line, index: int) -> Trap | None:
        if self._continues(line) and self.above:
            return swallowed(line, self.above) if line.key else None
        if (trap := size_in_when(line)) and self._in_when(line, index):
            return trap
        found = (check(line) for check in CHECKS)
        return next((trap for trap in found if trap), None) or self._trap_with_next_line(line, index)

    def _trap_with_next_line(self, line: Line, index: int) -> Trap | None:
        below = self._below(index)
        return eaten_by_comment(line, below) or item_without_space(line, below) or never_closed(line, below)

    def _in_when(self, line: Line, index: int) -> bool:
        """Whether one of the keys that the line stands under is `when`."""
        depth = len(line.indent) + len(line.dashes)
        for raw in reversed(self.lines[max(0, index - MAX_WHEN) : index]):
            above = take_apart(raw[:MAX_LINE])
            if above.key and above.depth < depth:
                depth = above.depth
                if above.key == "when":
                    return True
        return False

    def _continues(self, line: Line) -> bool:
        return self.above is not None and len(line.indent) > self.above.depth

    def _below(self, index: int) -> Line:
        for following in range(index + 1, len(self.lines)):
            raw = self.lines[following]
            if raw.strip() and not raw.lstrip().startswith("#"):
                return take_apart(raw)
        return take_apart("")

    def _note(self, index: int, trap: Trap) -> None:
        self.problems.add(Place(index + 1, trap.index + 1), trap.sentence)
        self.trapped.add(index + 1)
        self.lines[index] = trap.cure

    def _remember(self, line: Line) -> None:
        if self._continues(line):
            return
        self.sunk = False
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
