"""Where the mistakes of one file are gathered, and the near misses that a cure may name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from gateway.model import Problem

#: How alike two words must be for "did you mean": one or two slips in a word of usual length.
ALIKE = 0.65

NO_KEY_HERE = "an API key does not belong in a mapping; take it out and set AISENSY_API_KEY"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A character of a file, counted from 1."""

    line: int
    column: int


START = Place(1, 1)


@dataclass(slots=True)
class Problems:
    """The problems of one file, as they are found."""

    file: str
    found: list[Problem] = field(default_factory=list)

    def add(self, place: Place, sentence: str, *, warning: bool = False) -> None:
        self.found.append(Problem(self.file, place.line, place.column, sentence, warning))

    @property
    def stops(self) -> bool:
        """Whether any of them keeps the file from going live."""
        return any(not problem.warning for problem in self.found)

    def in_order(self) -> list[Problem]:
        """By place, none twice."""
        return sorted(set(self.found))


def _squeezed(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum()) or word


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that was probably meant, or "".

    >>> nearest("FirstName", ["phone", "first_name"])
    'first_name'
    """
    squeezed = {_squeezed(each): each for each in known}
    close = get_close_matches(_squeezed(word), squeezed, n=1, cutoff=ALIKE)
    return squeezed[close[0]] if close else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: "; did you mean 'city'?", or "".

    >>> did_you_mean("campainName", ["campaignName", "tags"])
    "; did you mean 'campaignName'?"
    """
    meant = nearest(word, known)
    return f"; did you mean '{meant}'?" if meant else ""
