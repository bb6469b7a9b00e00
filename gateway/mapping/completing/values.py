"""Words as they are offered behind a key, in a list, behind a `$` and behind a `|`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from zoneinfo import available_timezones

from gateway.mapping.completing.entry import Entry, Known
from gateway.mapping.completing.outline import ITEM, Cursor, Outline
from gateway.mapping.filters import catalogue
from gateway.mapping.filters.registry import FILTERS
from gateway.mapping.names import normal
from gateway.mapping.reader.follow_ups import AGAIN, REPLIED
from gateway.mapping.reader.shapes import Named, OneOf, Text
from gateway.mapping.starter import Form, example
from gateway.mapping.starter.seen import Given
from gateway.mapping.starter.spelling import Shelf, text
from gateway.mapping.when import EXTRAS, OPERATORS

#: The keys whose texts may hold `$names`.
_TEXTS = [
    [key]
    for key in (
        "destination",
        "userName",
        "source",
        "templateParams",
        "filename",
        "tags",
        "tags_only",
        "tag",
        "buttons",
    )
]
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_NAME = re.compile(r"\$\w*$")


def split(cursor: Cursor) -> tuple[str, str]:
    """What kind of word is typed at the cursor ("$", "|" or ""), and what of it stands there."""
    if is_text(cursor) and (name := _NAME.search(cursor.typed)):
        return "$", name[0]
    if _finds(cursor.path) and "|" in cursor.typed:
        return "|", cursor.typed.rpartition("|")[2].lstrip()
    return "", cursor.typed


def is_text(cursor: Cursor) -> bool:
    """Whether `$names` are filled in there."""
    called = [step for step in cursor.path if step != ITEM]
    return called != ["source"] and (called[-1:] in _TEXTS or called[-2:-1] == ["attributes"])


def is_free(cursor: Cursor, shapes: Sequence[Named]) -> bool:
    """Whether a text of one's own is as likely there as one of the words that are offered."""
    if any(isinstance(shape, OneOf) for shape in shapes) or not (cursor.in_value or cursor.on_dash):
        return False
    path = tuple(step for step in cursor.path if step != ITEM)
    chosen = path[-1:] in (("campaignName",), ("form",), ("unless",), ("consent",), ("filters",)) or path == ("source",)
    keyed = cursor.on_dash and not cursor.in_value and any(not isinstance(shape, Text) for shape in shapes)
    return not (chosen or keyed or _finds(cursor.path))


def names(outline: Outline) -> Iterator[Entry]:
    """A `$name` for each field of the file."""
    for name, found in outline.fields.items():
        said = " or ".join(f"'{each}'" for each in found if each)
        yield Entry(f"${name}", f"The field from {said}." if said else "A field of this file.", f"${name}")


def filters() -> Iterator[Entry]:
    """Every filter, with what it does."""
    for told in catalogue():
        argument = FILTERS[told.name].argument
        yield Entry(
            f"{told.name} {told.argument}".strip(),
            told.says,
            f"{told.name} {argument.like if argument else ''}".strip(),
        )


def words(file_shapes: Iterable[Named], cursor: Cursor, outline: Outline, known: Known) -> Iterator[Entry]:
    """What may stand at the cursor as a whole."""
    path = tuple(step for step in cursor.path if step != ITEM)
    yield from _by_path(path, outline, known)
    if _finds(cursor.path):
        form = known.seen()
        yield from _answers(form) if form else ()
    elif path[:1] == ("fields",) and path[-1:] == ("filters",):
        yield from filters()
    elif "when" in path:
        yield from _held_against(path, outline, known)
    elif is_text(cursor):
        yield from names(outline)
    for shape in file_shapes:
        yield from _of_shape(shape)


def _finds(path: tuple[str, ...]) -> bool:
    """Whether names of answers stand there."""
    return len(path) > 1 and path[0] == "fields" and path[2:] in ((), (ITEM,), ("from",), ("from", ITEM))


def _by_path(path: tuple[str, ...], outline: Outline, known: Known) -> Iterator[Entry]:
    match path:
        case ("source",):
            yield from (Entry(name, "A source of leads.", name) for name in known.sources())
        case ("form",):
            for form in known.forms(outline.source):
                yield Entry(form, f"A form of {outline.source or 'a source'} that sent leads.", text(form))
        case ("timezone",):
            yield from (Entry(zone, "A time zone.", zone) for zone in sorted(available_timezones()))
        case (*_, "campaignName"):
            yield from (Entry(name, told, text(name)) for name, told in known.campaigns().items())
        case (*_, "unless"):
            yield from (Entry(name, "This rule took a later lead of theirs.", text(name)) for name in outline.rules)
            yield Entry(REPLIED, "They replied.", REPLIED)
            yield Entry(AGAIN, "They filled in a form again.", AGAIN)
        case (*_, "consent"):
            yield from (Entry(name, "A field of this file.", name) for name in outline.fields)


def _answers(form: Form) -> Iterator[Entry]:
    """The names under which answers are found, and facts around them."""
    shelf = Shelf(form.answers, form.facts)
    told = [(shelf.name_of(given), given) for given in form.answers]
    told += [(shelf.fact(given), given) for given in form.facts]
    for name, given in told:
        if name:
            yield Entry(name, _said(given, form), text(name))


def _said(given: Given, form: Form) -> str:
    shown = ", ".join(example(value) for value in given.different[:3]) if given.is_choice else ""
    called = f"'{given.called}', " if given.called != given.names[0] else ""
    return f"{called}given by {given.leads} of {form.leads}{': ' * bool(shown)}{shown}"


def choices_of(field: str, outline: Outline, known: Known) -> Mapping[str, str]:
    """What people chose in the answers of a field, and how often; nothing where they type what they like."""
    form = known.seen()
    wanted = {normal(name.removeprefix("answer.").removeprefix("about.")) for name in outline.fields.get(field, ())}
    told = (*form.answers, *form.facts) if form else ()
    given = [each for each in told if each.is_choice and wanted.intersection(map(normal, each.names))]
    return {
        choice: f"Chosen by {each.values.count(choice)} of {each.leads}."
        for each in given
        for choice in each.different
        if example(choice) == choice
    }


def _held_against(path: tuple[str, ...], outline: Outline, known: Known) -> Iterator[Entry]:
    """What the field of a condition may say."""
    conditions = path[len(path) - path[::-1].index("when") :]
    field = next((step for step in conditions if step not in (*OPERATORS, "any", "not")), "")
    if field in EXTRAS and field not in outline.fields:
        offered = {"weekday": _DAYS, "source": known.sources(), "form": outline.forms}.get(field, ())
        yield from (Entry(word, EXTRAS[field], text(word)) for word in offered)
        return
    for choice, told in choices_of(field, outline, known).items():
        yield Entry(choice, told, text(choice))


def _of_shape(shape: Named) -> Iterator[Entry]:
    """The words that a shape has, or its author's examples."""
    told = str(shape.metadata.get("description", ""))
    if isinstance(shape, OneOf):
        said = [word for word in shape.words if word not in ("true", "false")]
        yield from (Entry(word, told, word) for word in said)
    for like in shape.metadata.get("examples", ()):
        yield Entry(str(like), told, str(like))
