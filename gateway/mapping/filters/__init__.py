"""Filters: the words after `|` in a mapping. Small functions whose docstrings hold their examples.

A new filter is one function with `@register` in `texts`, `amounts`, `dates` or `consents`. What a filter cannot read
becomes "", so that the next candidate or the default serves; it never guesses.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from doctest import DocTestParser, Example

from gateway.mapping.filters import consents, dates, texts
from gateway.mapping.filters.amounts import read_amount
from gateway.mapping.filters.registry import FILTERS, Filter
from gateway.mapping.reader.problems import did_you_mean
from gateway.mapping.wording import choices, joined
from gateway.model import Value

__all__ = ["FilterHelp", "FilterUse", "apply", "catalogue", "mistake", "read_amount"]

#: The modules that are imported for the filters they enter.
_ENTERED_BY = (consents, dates, texts)


@dataclass(frozen=True, slots=True)
class FilterUse:
    """One filter as written: `truncate 60` is FilterUse("truncate", "60")."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class FilterHelp:
    """What a person is told of a filter."""

    name: str
    argument: str  #: "N", "TEXT", …; "" when it takes nothing.
    says: str  #: What it does, in one sentence.
    examples: tuple[tuple[str, str, str], ...]  #: Before, the filter as written, after.


def apply(use: FilterUse, value: Value) -> Value:
    """The value after one filter that has no `mistake`; each choice of a multi-select on its own.

    Choices of which the filter leaves nothing are dropped; "" when none is left.
    """
    entry = FILTERS[use.name]
    arguments = (use.argument,) if entry.argument else ()
    if entry.whole:
        return entry.run(choices(value), *arguments)
    if isinstance(value, str):
        return entry.run(value, *arguments)
    return tuple(filter(None, (entry.run(choice, *arguments) for choice in value))) or ""


def mistake(use: FilterUse) -> str:
    """What is wrong with a filter as written, with the cure; "" when nothing is.

    >>> mistake(FilterUse("titel"))
    "there is no filter 'titel'; did you mean 'title'?"
    """
    entry = FILTERS.get(use.name)
    if entry is None:
        cure = did_you_mean(use.name, FILTERS) or "; the command 'gateway filters' lists them"
        return f"there is no filter '{use.name}'{cure}"
    if entry.argument is None:
        return f"the filter '{use.name}' stands alone; take away '{use.argument}'" if use.argument else ""
    if use.argument.strip() and entry.argument.accepts(use.argument):
        return ""
    given = f", not '{use.argument}'" if use.argument.strip() else " after it"
    return f"the filter '{use.name}' needs {entry.argument.says}{given}; write '{use.name} {entry.argument.like}'"


def catalogue() -> list[FilterHelp]:
    """Every filter by name, told from its docstring."""
    return [_help(name, FILTERS[name]) for name in sorted(FILTERS)]


def _help(name: str, entry: Filter) -> FilterHelp:
    text = entry.run.__doc__ or ""
    examples = tuple(_example(example) for example in DocTestParser().get_examples(text))
    return FilterHelp(name, entry.argument.name if entry.argument else "", text.partition("\n")[0], examples)


def _example(example: Example) -> tuple[str, str, str]:
    """`truncate("Sea view", "5")` as a mapping has it: ("Sea view", "truncate 5", "Sea…")."""
    call = ast.parse(example.source.strip(), mode="eval").body
    if not isinstance(call, ast.Call):
        raise TypeError(f"an example of a filter must call it: {example.source}")
    before, *arguments = map(ast.literal_eval, call.args)
    return joined(before), " ".join([ast.unparse(call.func), *arguments]), ast.literal_eval(example.want)
