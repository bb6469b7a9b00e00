"""Keys as they are offered: with what they are for, and with the lines that they open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gateway.mapping.completing import shaped
from gateway.mapping.completing.entry import Entry, Known
from gateway.mapping.completing.outline import ITEM, Cursor, Outline
from gateway.mapping.completing.values import choices_of
from gateway.mapping.reader.conditions import WhenField
from gateway.mapping.reader.shapes import Either, Keys, Many, Named, Table
from gateway.mapping.starter import Form
from gateway.mapping.starter.spelling import Shelf, field_name, text
from gateway.mapping.when import EXTRAS


def keys(shape: Named, cursor: Cursor, outline: Outline, known: Known) -> Iterator[Entry]:
    """The keys that a shape may have at the cursor, without those that stand there already."""
    taken = outline.siblings(cursor)
    if isinstance(shape, WhenField):
        yield from _conditions(outline, taken)
    if isinstance(shape, Many) and isinstance(shape.inner, Table) and cursor.path[-1:] != (ITEM,):
        first = shape.inner.first
        yield Entry(f"- {first}", says(shape), f"- {first}: ")
    for key, inner in shaped.keys(shape).items():
        if key not in taken:
            yield Entry(key, says(inner), key + opened(inner, cursor.column))
    if isinstance(shape, Keys):
        yield from (entry for entry in _own(cursor, outline, known) if entry.label not in taken)


def says(shape: Named) -> str:
    """What the author of a shape says of it."""
    told = shape.short if isinstance(shape, Either) else shape
    return str({**told.metadata, **shape.metadata}.get("description", ""))


def opened(shape: Named, column: int) -> str:
    """What follows a key: its value on the same line, or the beginning of the lines below it."""
    below = "\n" + " " * (column + 2)
    if isinstance(shape, Either):
        return opened(shape.short, column)
    if isinstance(shape, Many) and not shape.alone:
        inner = shape.inner
        return f":{below}- {inner.first}: " if isinstance(inner, Table) else f":{below}- "
    if isinstance(shape, Table | Keys | WhenField) or (isinstance(shape, Many) and isinstance(shape.inner, WhenField)):
        return f":{below}"
    return ": "


def _conditions(outline: Outline, taken: set[str]) -> Iterator[Entry]:
    """What a `when` may look at: the file's own fields first."""
    told = {name: f"The field from {_found_in(names)}." for name, names in outline.fields.items()}
    for name, sentence in (told | dict(EXTRAS)).items():
        if name not in taken:
            yield Entry(name, sentence, f"{name}: ")


def _found_in(names: list[str]) -> str:
    return " or ".join(f"'{name}'" for name in names if name) or "its answer"


def _own(cursor: Cursor, outline: Outline, known: Known) -> Iterator[Entry]:
    """Keys of one's own choosing: what is likely meant."""
    match cursor.path:
        case ("fields",):
            form = known.seen()
            yield from _fields(form, outline) if form else ()
        case ("fields", field, "values"):
            for choice, told in choices_of(field, outline, known).items():
                yield Entry(choice, told, f"{text(choice)}: ")
        case (*_, "attributes"):
            for name in outline.fields:
                yield Entry(name, f"An attribute of this name, with what ${name} says.", f"{name}: ${name}")
        case ():
            campaigns: Mapping[str, str] = known.campaigns()
            for name, told in campaigns.items():
                yield Entry(name, told, f"{text(name)}:\n  params: ")


def _fields(form: Form, outline: Outline) -> Iterator[Entry]:
    """A field for each answer that no field is found in yet."""
    shelf, taken = Shelf(form.answers, form.facts), set(outline.fields)
    used = {name for names in outline.fields.values() for name in names}
    for given in form.answers:
        name = shelf.name_of(given)
        if name and not used.intersection((name, *given.names)):
            label = field_name(given, taken)
            yield Entry(
                label, f"The answer '{name}', given by {given.leads} of {form.leads}.", f"{label}: {text(name)}"
            )
