"""The entries that are offered at a place of a file."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.mapping.completing import shaped, values
from gateway.mapping.completing.entry import Entry, Known, Offered
from gateway.mapping.completing.outline import Outline
from gateway.mapping.completing.written import keys

__all__ = ["Entry", "Known", "Offered", "offer"]

#: More are not shown: two letters more find the rest.
_MOST = 40


def offer(file: str, text: str, at: int, known: Known) -> Offered:
    """What may stand at the `at`-th sign of a file's text."""
    outline = Outline(text)
    cursor = outline.cursor(at)
    if cursor is None:
        return Offered()
    kind, typed = values.split(cursor)
    if kind:
        return _of(typed, values.names(outline) if kind == "$" else values.filters(), sure=True)
    shapes = shaped.at(file, cursor.path)
    found = [] if cursor.in_value else [entry for shape in shapes for entry in keys(shape, cursor, outline, known)]
    if cursor.in_value or cursor.on_dash or not found:
        found = [*values.words(shapes, cursor, outline, known), *found]
    return _of(typed, found, sure=not values.is_free(cursor, shapes))


def _of(typed: str, entries: Iterable[Entry], *, sure: bool) -> Offered:
    """Those that fit what was typed: what starts so first, then what holds it."""
    wanted = typed.strip().strip("'\"").casefold()
    by_label = {entry.label: entry for entry in reversed(list(entries))}
    fitting = [entry for entry in reversed(by_label.values()) if wanted in entry.label.casefold()]
    fitting.sort(key=lambda entry: not entry.label.casefold().startswith(wanted))
    if [entry.insert for entry in fitting] == [typed]:
        return Offered(typed)
    return Offered(typed, sure, fitting[:_MOST])
