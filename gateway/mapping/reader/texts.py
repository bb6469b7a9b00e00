"""Texts with `$name` blanks: checked against the fields of their file."""

from __future__ import annotations

import re

from gateway.mapping.call import Text
from gateway.mapping.filters import FilterUse, mistake
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import Draft
from gateway.mapping.reader.flow import blank_name, name_inside, unfilled
from gateway.mapping.reader.problems import nearest

_NAME = re.compile(r"\$(\w*)")
_FILTER = re.compile(r"\$([a-z0-9_]+)\s*\|\s*([a-z_]+)([^|$]*)")


def said(node: Node) -> Text:
    """A text of the file with its place."""
    return Text(node.text, node.place.line, node.place.column)


def names_in(text: str) -> list[str]:
    """What stands behind each `$`, "" where nothing does.

    >>> names_in("_$first_name_ pays $5, $FirstName")
    ['first_name_', '5', 'FirstName']
    """
    return _NAME.findall(text)


def field_meant(name: str, draft: Draft) -> str:
    """The field that `$name` stands for; "" when there is none. WhatsApp's `_$name_` is a name in italics.

    A word in another script may follow at once: `$cityमें` is the city.
    """
    ascii_part = re.match(r"[A-Za-z0-9_]*", name)
    plain = ascii_part[0] if ascii_part else ""
    return next((each for each in (plain, plain.rstrip("_")) if each in draft.fields), "")


def _is_dollar(name: str, draft: Draft) -> bool:
    """Whether the `$` before `name` is just a dollar: `$5`, `$ 5`, `$5k`."""
    return not name.strip("_") or (
        name[0].isdigit() and not nearest(name, [each for each in draft.fields if each[0].isdigit()])
    )


def check_text(node: Node, draft: Draft) -> None:
    """Note what would not be filled in; remember the fields that are used."""
    _check_braces(node, draft)
    _check_filters(node, draft)
    for name in names_in(node.text):
        if meant := field_meant(name, draft):
            draft.used.add(meant)
        elif not _is_dollar(name, draft):
            draft.no_field(node.place, f"${name}", name)


def _check_braces(node: Node, draft: Draft) -> None:
    for found in unfilled(node.text, draft.fields):
        inside = name_inside(found)
        if inside.isdigit():
            cure = "it belongs in AiSensy's template; write here the text or the $name that fills it"
        else:
            meant = nearest(inside, draft.fields)
            cure = f"write ${meant}" if meant else f"write ${blank_name(inside)}, with an entry for it under 'fields'"
        draft.add(node.place, f"'{found[0]}' is not filled in here; {cure}")


def _check_filters(node: Node, draft: Draft) -> None:
    for name, word, argument in _FILTER.findall(node.text):
        if name in draft.fields and not mistake(FilterUse(word, argument.strip())):
            sentence = f"filters do nothing in a text; write '| {word}' under 'fields', where '{name}' is found"
            draft.add(node.place, sentence)


def check_literal(node: Node, key: str, draft: Draft, cure: str = "write it out, in a rule for each case") -> None:
    """Note a `$name` or another tool's blank in a text that is taken as it is written."""
    for name in names_in(node.text):
        if field_meant(name, draft) or not _is_dollar(name, draft):
            draft.add(node.place, f"'{key}' is taken as it is written, '${name}' too; {cure}")
    for found in unfilled(node.text, draft.fields):
        draft.add(node.place, f"'{key}' is taken as it is written, '{found[0]}' too; {cure}")
