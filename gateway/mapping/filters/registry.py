"""Where filters are entered by name, and what is known of each besides its docstring."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_Function = TypeVar("_Function", bound=Callable[..., str])


@dataclass(frozen=True, slots=True)
class Argument:
    """What a filter takes after its name."""

    name: str  #: As lists show it: "N", "TEXT".
    says: str  #: In words: "a number of characters".
    like: str  #: An argument that works: "60".
    accepts: Callable[[str], object] = bool  #: Whether a text, never empty, can be used.


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: its function takes a text (or all choices), then the argument if there is one."""

    run: Callable[..., str]
    argument: Argument | None
    whole: bool  #: Takes all choices of a multi-select at once, as a tuple.


FILTERS: dict[str, Filter] = {}


def register(argument: Argument | None = None, *, whole: bool = False) -> Callable[[_Function], _Function]:
    """Enter a function among the filters under its own name.

    Its docstring is the filter's help: the first line says what it does, the examples are run as tests.
    """

    def entered(function: _Function) -> _Function:
        FILTERS[function.__name__] = Filter(function, argument, whole)
        return function

    return entered
