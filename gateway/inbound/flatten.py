"""A tree of texts, as any form builder may nest it → answers, each under every name that fits."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from gateway.errors import Unreadable
from gateway.inbound.values import as_objects, as_text, as_texts, as_value, names
from gateway.model import Answer, Value

#: Fields in one body; no form asks for that many.
MAX_FIELDS = 10_000
TOO_MANY_FIELDS = f"it has more than {MAX_FIELDS} fields"
#: Characters of a word that leads to other answers: it stands again in the name of each of them.
_LONGEST_BRANCH = 200
#: Without its ";" it is more likely a piece of an address, as in `?a=1&copy=2`.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
#: How WPForms writes several choices into one text.
_JOINT = "||"
_ROW_NAMES = ("key", "id", "ref", "name", "label", "title")
#: An object with other keys than these may hold more answers than one, so it is no row.
_ROW_KEYS = {*_ROW_NAMES, "value", "raw_value", "type", "required", "options", "position", "unix"}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value in the tree, and the way to it."""

    path: tuple[str, ...]
    value: Value
    own: tuple[str, ...] = ()  #: The names that a row gives itself, the steadiest first.

    def words(self) -> set[str]:
        """Each single word that leads to it."""
        return {*self.path, *self.own}


def is_rows(items: Any) -> bool:
    """Whether a list holds one answer an item: objects with a name and a value.

    >>> is_rows([{"name": "Phone", "value": "+12025550143"}]), is_rows([{"name": "Mira"}])
    (True, False)
    """
    return isinstance(items, list) and bool(items) and all(_is_row(item) and _own_names(item) for item in items)


def fields_of(people: Iterable[Any]) -> Iterator[list[Leaf]]:
    """The values of each person in turn. Raises Unreadable when they are too many altogether."""
    left = MAX_FIELDS
    for person in people:
        found = list(islice(leaves(person), left + 1))
        left -= len(found)
        if left < 0:
            raise Unreadable(TOO_MANY_FIELDS)
        yield found


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every value in the tree that is not blank, in its order."""
    if isinstance(node, dict):
        yield from _leaves_of_object(node, path)
    elif isinstance(node, list):
        yield from _leaves_of_list(node, path)
    elif value := _value([node]):
        yield Leaf(path, value)


def answers(found: Iterable[Leaf], *, brackets: bool) -> tuple[Answer, ...]:
    """Dotted name, name with brackets where they are written so, and the last word where no other answer has it.

    >>> [answer.names for answer in answers(leaves({"contact": {"phone": "+12025550143"}}), brackets=True)]
    [('contact.phone', 'contact[phone]', 'phone')]
    """
    kept = list(found)
    uses = Counter(word for leaf in kept for word in {leaf.path[-1], *leaf.own})
    named = ((_names(leaf, brackets=brackets, alone=uses[leaf.path[-1]] == 1), leaf.value) for leaf in kept)
    return tuple(Answer(name, value) for name, value in named if name)


def _names(leaf: Leaf, *, brackets: bool, alone: bool) -> tuple[str, ...]:
    first, *rest = leaf.path
    bracketed = first + "".join(f"[{word}]" for word in rest) if brackets else ""
    return names(*leaf.own, ".".join(leaf.path), bracketed, leaf.path[-1] if alone else "")


def _leaves_of_object(node: dict[str, Any], path: tuple[str, ...]) -> Iterator[Leaf]:
    if path and _is_row(node):
        yield from _leaf_of_row(node, path, (*_own_names(node), path[-1]))
    elif path and node.keys() == {"filename", "content"}:
        yield from leaves(node["filename"], path)
    else:
        branch = _short(path)
        for key, child in node.items():
            yield from leaves(child, (*branch, key))


def _leaves_of_list(items: list[Any], path: tuple[str, ...]) -> Iterator[Leaf]:
    branch = _short(path)
    if is_rows(items):
        for row in items:
            own = _own_names(row)
            yield from _leaf_of_row(row, (*branch, own[0]), own)
        return
    if path and (chosen := _value(items)):
        yield Leaf(path, chosen)
    for index, child in enumerate(items):
        if isinstance(child, dict | list):
            yield from leaves(child, (*branch, str(index)))


def _leaf_of_row(row: dict[str, Any], path: tuple[str, ...], own: tuple[str, ...]) -> Iterator[Leaf]:
    """A choice that is sent by its id is told by its text, where the row lists its options (as Tally does)."""
    options = {as_text(option.get("id")): as_text(option.get("text")) for option in as_objects(row.get("options"))}
    if value := _value((text and options.get(text)) or text for text in as_texts(row["value"])):
        yield Leaf(path, value, own)


def _short(path: tuple[str, ...]) -> tuple[str, ...]:
    return (*path[:-1], path[-1][:_LONGEST_BRANCH]) if path else path


def _value(items: Iterable[Any]) -> Value:
    """What was typed or chosen; lists and objects among the items say nothing."""
    texts = (_unescaped(as_text(item)) for item in items)
    return as_value(part for text in texts for part in text.split(_JOINT))


def _unescaped(text: str) -> str:
    return _ENTITY.sub(lambda entity: html.unescape(entity.group()), text) if "&" in text else text


def _is_row(item: Any) -> bool:
    """An object that is one answer: its value is a text or several, and the rest only describes it."""
    if not isinstance(item, dict) or "value" not in item or not item.keys() <= _ROW_KEYS:
        return False
    value = item["value"]
    parts = value if isinstance(value, list) else [value]
    return not any(isinstance(part, dict | list) for part in parts)


def _own_names(row: dict[str, Any]) -> tuple[str, ...]:
    return names(*(as_text(row.get(key)) for key in _ROW_NAMES))
