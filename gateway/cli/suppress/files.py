"""A file of numbers, in whatever way a spreadsheet saves it → the texts of one column, each with its line."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import GatewayError

#: What a column of numbers is called: any of these words in its name, among others ("Phone number (WhatsApp)").
NAMES = frozenset({"cell", "contact", "mobile", "msisdn", "number", "phone", "tel", "telephone", "whatsapp"})

#: What stands between columns.
_BETWEEN = (",", ";", "\t")

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

#: What a spreadsheet's own file begins with.
_SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

#: A cell with so many digits is a number and no name of a column.
_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Cell:
    """One text of the column."""

    line: int  #: Where its row ends in the file.
    text: str


def read_cells(path: Path, column: str = "") -> list[Cell]:
    """The texts of the column of numbers, or of the one that is named. Raises GatewayError before any is used."""
    rows = list(_rows(path))
    if not rows:
        raise GatewayError(f"{path} is empty.")
    _line, first = rows[0]
    if len(first) == 1 and not column and _is_number(first[0]):
        return [_cell(line, row, 0) for line, row in rows]
    at = _named(path, first, column) if column else _found(path, first)
    return [_cell(line, row, at) for line, row in rows[1:]]


def _cell(line: int, row: Sequence[str], at: int) -> Cell:
    return Cell(line, row[at] if at < len(row) else "")


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with the line it ends in."""
    text = _decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        yield from ((reader.line_num, row) for row in reader if any(cell.strip() for cell in row))
    except csv.Error as error:
        raise GatewayError(
            f"{path} cannot be read near line {reader.line_num}: {error}. Nothing was changed."
        ) from None


def _decoded(path: Path) -> str:
    raw = _bytes(path)
    if raw.startswith(_SPREADSHEETS):
        raise GatewayError(f"{path} is a spreadsheet's own file: save it as CSV first.")
    for encoding in _encodings(raw):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise GatewayError(f"{path} is no text in UTF-8, UTF-16 or Windows-1252: save it as CSV in UTF-8.")


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise GatewayError(f"{path} cannot be read: {error.strerror}.") from None


def _encodings(raw: bytes) -> tuple[str, ...]:
    """What the file may be written in; without a mark, many zero bytes tell UTF-16."""
    marked = next((encoding for mark, encoding in _BOMS if raw.startswith(mark)), "")
    if marked:
        return (marked,)
    start = raw[:200]
    if start.count(b"\0") * 4 > len(start):
        return ("utf-16-be" if raw[:1] == b"\0" else "utf-16-le",)
    return ("utf-8", "cp1252")


def _delimiter(text: str) -> str:
    """What stands most often in the first line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(_BETWEEN, key=first.count)


def _is_number(text: str) -> bool:
    return len(re.findall(r"\d", text)) >= _DIGITS


def _named(path: Path, names: Sequence[str], column: str) -> int:
    known = [_plain(name) for name in names]
    if _plain(column) not in known:
        raise GatewayError(f"{path} has no column '{column}': it has {_listed(names)}.")
    return known.index(_plain(column))


def _found(path: Path, names: Sequence[str]) -> int:
    """The only column that is called like numbers, or the only one at all."""
    called = [at for at, name in enumerate(names) if NAMES & set(_plain(name).split())] or list(range(len(names)))
    if len(called) == 1:
        return called[0]
    if any(map(_is_number, names)):
        raise GatewayError(f"{path} has several columns and no names over them: add a first line with their names.")
    several = _listed([names[at] for at in called])
    raise GatewayError(f"{path}: which column holds the numbers? Say one of {several} by --column.")


def _plain(name: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", name.casefold()))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"'{name.strip()}'" for name in names)
