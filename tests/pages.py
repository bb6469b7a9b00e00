"""The README and the docs as a reader meets them: page by page, block by block."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

_FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block, as it reads without the indentation of the list it may stand in."""

    place: str  #: "docs/mappings.md:12".
    kind: str  #: "yaml", "sh", "text": what the fence says.
    text: str
    before: str  #: What stands between the last block and this one.

    @property
    def commands(self) -> list[str]:
        """The commands of a shell block, each on one line."""
        whole = self.text.replace("\\\n", "")
        return re.findall(r"^(?:[^'\n]|'[^']*')+", whole, re.MULTILINE)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path) -> Iterator[Block]:
    text, end = page.read_text(encoding="utf-8"), 0
    for found in _FENCED.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield Block(f"{name(page)}:{line}", found[1], textwrap.dedent(found[2]), text[end : found.start()])
        end = found.end()


def all_blocks(kind: str) -> list[Block]:
    return [block for page in PAGES for block in blocks(page) if block.kind == kind]


def spans(page: Path) -> list[str]:
    """What stands between single backticks, outside of blocks."""
    return _SPAN.findall(_FENCED.sub("", page.read_text(encoding="utf-8")))
