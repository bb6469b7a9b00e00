"""The files beside the mappings: `contracts.yaml` and `limits.yaml`. They are published with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from gateway.mapping import contracts, limits
from gateway.mapping.limits import Limits
from gateway.mapping.reader.contracts import read_contracts
from gateway.mapping.reader.limits import read_limits
from gateway.model import Contract, Problem

#: Their names.
BESIDE = (contracts.FILE, limits.FILE)

Text = TypeVar("Text", str, bytes, str | bytes)


def only_mappings(files: Mapping[str, Text]) -> dict[str, Text]:
    """The mappings alone."""
    return {name: text for name, text in files.items() if name not in BESIDE}


def lock_of(files: Mapping[str, Text]) -> tuple[dict[str, Contract], list[Problem]]:
    """What `contracts.yaml` says (nothing, if it is not among the files), and what is wrong with it."""
    return read_contracts(contracts.FILE, files[contracts.FILE]) if contracts.FILE in files else ({}, [])


def limits_of(files: Mapping[str, Text]) -> tuple[Limits, list[Problem]]:
    """What `limits.yaml` says (nothing, if it is not among the files), and what is wrong with it."""
    return read_limits(limits.FILE, files[limits.FILE]) if limits.FILE in files else (Limits(), [])
