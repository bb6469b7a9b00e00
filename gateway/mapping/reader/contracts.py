"""`contracts.yaml`: what each campaign wants, readable, fit for git, changed by command."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.mapping.reader.document import Node, decode, read
from gateway.mapping.reader.problems import Problems
from gateway.model import Contract, Media, Problem

HEAD = """\
# What each AiSensy campaign wants of a call. Written by `gateway contracts`; keep it in git.
"""


def read_contracts(file: str, text: str | bytes) -> tuple[dict[str, Contract], list[Problem]]:
    """The contracts by campaign, and the problems of the file; with any, the contracts are not to be used."""
    problems = Problems(file)
    decoded = decode(text, problems)
    root = read(decoded, problems) if decoded is not None else None
    table = root.table if root else {}
    return {name: _contract(node) for name, node in table.items()}, problems.in_order()


def _contract(node: Node) -> Contract:
    return Contract(int(node.table["params"].text), Media(node.table["media"].text))


def write_contracts(contracts: Mapping[str, Contract]) -> str:
    """The text of the file, the campaigns in order."""
    entries = [
        f"\n{name}:\n  params: {contract.params}\n  media: {contract.media}\n"
        for name, contract in sorted(contracts.items())
    ]
    return HEAD + "".join(entries)
