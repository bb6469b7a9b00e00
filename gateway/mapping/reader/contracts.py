"""`contracts.yaml`: what each campaign wants, readable, fit for git, changed by command."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml
from marshmallow import ValidationError

from gateway.mapping.reader.beside import tree
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.problems import Place, Problems
from gateway.mapping.reader.schema import note_shape
from gateway.mapping.reader.shapes import Keys, Named, OneOf, Shape, Table, says
from gateway.mapping.wording import short
from gateway.model import Contract, Media, Problem

HEAD = """\
# What each AiSensy campaign wants of a call. Written by `gateway contracts`; keep it in git.
"""

#: No template has so many blanks.
MAX_PARAMS = 100

#: Names that need no quotes: letters, digits and marks that mean nothing to YAML.
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:[ .-][A-Za-z0-9_]+)*")
#: Words that other YAML readers take for something else than text.
_WORDS = frozenset({"false", "n", "no", "null", "off", "on", "true", "y", "yes"})


class _Params(Named):
    """How many parameters: a whole number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        text = value if isinstance(value, str) else ""
        if not re.fullmatch(r"[0-9]{1,3}", text) or int(text) > MAX_PARAMS:
            said = f", not '{short(text)}'" if text else ""
            raise ValidationError(f"{self.called} wants a whole number from 0 to {MAX_PARAMS}{said}")
        return int(text)


class _ContractShape(Shape):
    """What one campaign wants."""

    params = _Params(required=True, metadata=says("How many {{1}}, {{2}}, … its template has.", "0", "1", "2", "3"))
    media = OneOf(
        *Media,
        says=f"{', '.join(list(Media)[:-1])} or {list(Media)[-1]}",
        required=True,
        metadata=says("What stands above its text.", *Media),
    )


#: The shape of the whole file.
SHAPE = Keys(Table(_ContractShape))


def read_contracts(file: str, text: str | bytes) -> tuple[dict[str, Contract], list[Problem]]:
    """The contracts by campaign, and the problems of the file; with any there are no contracts."""
    problems = Problems(file)
    root = tree(text, problems)
    if root is not None and not root.table:
        problems.add(root.place, "contracts are made of keys: a campaign's name and ':', and below it params and media")
    elif root is not None:
        _check_names(root, problems)
        _check_contracts(root, problems)
    if problems.found or root is None:
        return {}, problems.in_order()
    return {name: _contract(node) for name, node in root.table.items()}, []


def places_of(text: str | bytes) -> dict[str, Place]:
    """Where each campaign's entry starts, in a file without problems."""
    root = tree(text, Problems(""))
    return {name: node.key for name, node in root.table.items()} if root else {}


def _check_names(root: Node, problems: Problems) -> None:
    for name, node in root.table.items():
        if not name.strip():
            problems.add(node.key, "this campaign's name is empty; write it exactly as in AiSensy")


def _check_contracts(root: Node, problems: Problems) -> None:
    try:
        SHAPE.deserialize(root.plain())
    except ValidationError as error:
        note_shape(root, error.messages, problems)


def _contract(node: Node) -> Contract:
    return Contract(int(node.table["params"].text), Media(node.table["media"].text.casefold()))


def write_contracts(contracts: Mapping[str, Contract]) -> str:
    """The text of the file, the campaigns in order."""
    entries = [
        f"\n{_key(name)}:\n  params: {contract.params}\n  media: {contract.media}\n"
        for name, contract in sorted(contracts.items())
    ]
    return HEAD + "".join(entries)


def _key(name: str) -> str:
    """The name as a key that every YAML reader takes for this very text."""
    if _PLAIN.fullmatch(name) and name.casefold() not in _WORDS:
        return name
    if name.isprintable():
        return "'" + name.replace("'", "''") + "'"
    written: str = yaml.safe_dump(name, default_style='"', allow_unicode=True, width=10_000)
    return written.rstrip("\n")
