"""A tree of texts, as any form builder may nest it → answers, each under every name that fits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from gateway.inbound.values import as_text, as_texts, as_value, names
from gateway.model import Answer, Value

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


def leaves(node: Any, path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every value in the tree that is not blank, in its order."""
    if isinstance(node, dict):
        yield from _leaves_of_object(node, path)
    elif isinstance(node, list):
        yield from _leaves_of_list(node, path)
    elif as_text(node).strip():
        yield Leaf(path, as_text(node))


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
        for key, child in node.items():
            yield from leaves(child, (*path, key))


def _leaves_of_list(items: list[Any], path: tuple[str, ...]) -> Iterator[Leaf]:
    if is_rows(items):
        for row in items:
            own = _own_names(row)
            yield from _leaf_of_row(row, (*path, own[0]), own)
        return
    if path and (chosen := as_value(as_texts(items))):
        yield Leaf(path, chosen)
    for index, child in enumerate(items):
        if isinstance(child, dict | list):
            yield from leaves(child, (*path, str(index)))


def _leaf_of_row(row: dict[str, Any], path: tuple[str, ...], own: tuple[str, ...]) -> Iterator[Leaf]:
    if value := as_value(as_texts(row["value"])):
        yield Leaf(path, value, own)


def _is_row(item: Any) -> bool:
    """An object that is one answer: its value is a text or several, and the rest only describes it."""
    if not isinstance(item, dict) or "value" not in item or not item.keys() <= _ROW_KEYS:
        return False
    value = item["value"]
    parts = value if isinstance(value, list) else [value]
    return not any(isinstance(part, dict | list) for part in parts)


def _own_names(row: dict[str, Any]) -> tuple[str, ...]:
    return names(*(as_text(row.get(key)) for key in _ROW_NAMES))
