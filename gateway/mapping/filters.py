"""Filters: the words after `|` in a mapping. Small functions whose docstrings hold their examples."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.model import Value


@dataclass(frozen=True, slots=True)
class FilterUse:
    """One filter as written: `truncate 60` is FilterUse("truncate", "60")."""

    name: str
    argument: str = ""


def apply(use: FilterUse, value: Value) -> Value:
    """The value after one filter; each choice of a multi-select on its own."""
    raise NotImplementedError


def mistake(use: FilterUse) -> str:
    """What is wrong with a filter as written, with the cure; "" when nothing is."""
    raise NotImplementedError
