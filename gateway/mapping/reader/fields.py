"""`fields:` → Fields, with all that can be wrong in them."""

from __future__ import annotations

import re

from gateway.mapping import names
from gateway.mapping.fields import Candidate, Field
from gateway.mapping.filters import FilterUse, mistake
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import EXTRA_NAMES, Draft
from gateway.mapping.reader.flow import blank_name
from gateway.mapping.reader.schema import YES

_NAME = re.compile(r"[a-z0-9_]+")
#: Names that mean something else where a field's name may stand.
_TAKEN = (*EXTRA_NAMES, "any", "not")
_SCOPES = ("answer", "about")


def build_field(name: str, node: Node, draft: Draft) -> Field:
    """One entry of `fields:`. Notes what is wrong."""
    _check_name(name, node, draft)
    table = node.table
    written = table.get("from", node)
    values = table["values"].table if "values" in table else {}
    _check_values(values, draft)
    field = Field(
        name=name,
        candidates=tuple(_candidate(text, draft) for text in written.texts),
        values={key: value.text for key, value in values.items()},
        keep_others="others" in table,
        filters=_filters(table["filters"], draft) if "filters" in table else (),
        default=table["default"].text if "default" in table else "",
        required="required" in table and table["required"].text.casefold() in YES,
        is_phone=name in draft.phones,
        line=node.key.line,
    )
    _check_together(field, node, draft)
    return field


def _check_name(name: str, node: Node, draft: Draft) -> None:
    if name in _TAKEN:
        draft.add(node.key, f"the name '{name}' is taken, because 'when' uses it; call the field 'lead_{name}', say")
    elif not _NAME.fullmatch(name):
        cure = f"; write '{blank_name(name)}'" if name.isascii() else ""
        draft.add(node.key, f"a field's name is made of a to z, 0 to 9 and _, not '{name}'{cure}")


def _check_together(field: Field, node: Node, draft: Draft) -> None:
    if field.is_phone and field.default:
        sentence = f"a default for the phone number would message one person for many; take it out of '{field.name}'"
        draft.add(node.table["default"].key, sentence)
    if field.keep_others and not field.values:
        draft.add(node.table["others"].key, "'others' is about 'values', and this field has none; take it out")


def _check_values(values: dict[str, Node], draft: Draft) -> None:
    seen: dict[str, str] = {}
    for key, node in values.items():
        same = seen.setdefault(names.choice(key), key)
        if same != key:
            draft.add(node.key, f"'{key}' and '{same}' count as the same answer; keep one of them")


def _candidate(node: Node, draft: Draft) -> Candidate:
    """`about.city | title` → the answer's name, its scope and its filters."""
    written, *_ = node.text.split("|")
    name = written.strip()
    if not name:
        draft.add(node.place, "here stands no answer's name; write it before the '|'")
    elif name.startswith("$"):
        draft.add(node.place, f"'{name}' is how texts say a field; to find an answer write its name without the $")
    scope, dot, rest = name.partition(".")
    scoped = bool(dot and rest and scope in _SCOPES)
    return Candidate(
        name=rest if scoped else name,
        scope=scope if scoped else "",
        filters=_filters_behind(node, draft),
        line=node.place.line,
    )


def _filters_behind(node: Node, draft: Draft) -> tuple[FilterUse, ...]:
    return tuple(_filter(text, node, draft) for text in node.text.split("|")[1:])


def _filters(node: Node, draft: Draft) -> tuple[FilterUse, ...]:
    return tuple(_filter(text, item, draft) for item in node.texts for text in item.text.split("|"))


def _filter(text: str, node: Node, draft: Draft) -> FilterUse:
    word, _, argument = text.strip().partition(" ")
    use = FilterUse(word, argument.strip())
    sentence = mistake(use) if word else "here stands no filter; write one, or take the '|' out"
    if sentence:
        draft.add(node.place, sentence)
    return use
