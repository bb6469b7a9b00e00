"""Names that people gave their questions, as a mapping writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import dropwhile

from gateway.mapping.answers import Answers
from gateway.mapping.names import normal
from gateway.mapping.reader.conditions import OTHER_CONDITIONS
from gateway.mapping.reader.draft import EXTRA_NAMES
from gateway.mapping.reader.lines import quoted
from gateway.mapping.starter.seen import Given
from gateway.model import Answer, Lead

#: What no program takes for anything but a text when it stands without quotes.
_PLAIN = re.compile(r"(?:about\.|answer\.)?[^\W\d][\w ?()/'&|-]*")
#: Words that some programs take for something else than a text, or that `when` uses itself.
_TAKEN = {*EXTRA_NAMES, *OTHER_CONDITIONS, "any", "false", "n", "no", "not", "null", "off", "on", "true", "y", "yes"}
#: What no line of a mapping may hold.
_API_KEY = re.compile(r"api[_-]?key\W*:", re.IGNORECASE)
_JOINERS = "\u200c\u200d"
_LONGEST_FIELD = 30
#: Words that a question starts with before it says what it asks.
_ASKING = {"are", "choose", "enter", "is", "please", "s", "select", "tell", "the", "us", "what", "which", "your"}
_READABLE = re.compile(r"[A-Za-z][A-Za-z _-]{0,29}")


def text(written: str) -> str:
    """A text as a value of the file, in quotes where YAML or an editor might misread it.

    >>> print(text("What is your budget?"), text("Rule #2"), text("1.3"), text("yes"))
    What is your budget? 'Rule #2' '1.3' 'yes'
    """
    plain = _PLAIN.fullmatch(written) and written.strip().lower() not in _TAKEN
    return written if plain else quoted(written)


def sayable(name: str) -> bool:
    """Whether a name can stand in a file sign by sign: seen, on one line, nothing in it that means something else."""
    seen = all(sign.isprintable() or sign in _JOINERS for sign in name)
    plain = name == name.strip() and "|" not in name and name[:1] not in ("", "$")
    return seen and plain and not _API_KEY.search(name)


def in_file_name(name: str) -> str:
    """A name as a file's may hold it: letters with their marks, digits and "_", with one "-" for all between.

    >>> in_file_name("Price list: 2026"), in_file_name("हिंदी")
    ('Price-list-2026', 'हिंदी')
    """
    signs = (sign if sign == "_" or unicodedata.category(sign)[0] in "LMN" else "-" for sign in name)
    return re.sub("-+", "-", "".join(signs))


class Shelf:
    """All answers of a form, to find the name under which each is found alone."""

    def __init__(self, answers: Sequence[Given], facts: Sequence[Given]) -> None:
        told = tuple(Answer(given.names, given.names[0]) for given in answers)
        about = {given.names[0]: given.names[0] for given in facts}
        self._answers = Answers(Lead("", "", datetime.min.replace(tzinfo=UTC), answers=told, about=about))

    def name_of(self, given: Given) -> str:
        """What `from:` is to say for this answer; "" when no name finds it alone."""
        return next((name for name in map(_scoped, _ways(given.names)) if self._finds(name, given)), "")

    def fact(self, given: Given) -> str:
        """The same for what stands around the answers."""
        return next((f"about.{name}" for name in _ways(given.names) if self._finds(f"about.{name}", given)), "")

    def _finds(self, name: str, given: Given) -> bool:
        scope, dot, rest = name.partition(".")
        scoped = bool(dot and rest and scope in ("answer", "about"))
        found = self._answers.fitting(rest if scoped else name, scope if scoped else "")
        return [answer.value for answer in found] == [given.names[0]]


def _ways(names: Sequence[str]) -> Iterator[str]:
    """Each name as it is, then without the signs that do not count."""
    yield from filter(sayable, names)
    yield from filter(None, map(normal, names))


def _scoped(name: str) -> str:
    scope, dot, rest = name.partition(".")
    return f"answer.{name}" if dot and rest and scope in ("answer", "about") else name


def field_name(given: Given, taken: set[str]) -> str:
    """A name for the field of an answer, of a to z, 0 to 9 and _, that is not `taken`; it is from now on.

    >>> field_name(Given(("What is your budget?",), (), 1), set())
    'budget'
    """
    short = next((name for name in given.names if _READABLE.fullmatch(name)), given.called)
    name = _ascii(short)
    name = f"answer_{name}".rstrip("_") if not name[:1].isalpha() else name
    name = f"lead_{name}" if name in _TAKEN or _API_KEY.search(f"{name}:") else name
    free = next(each for each in _numbered(name) if each not in taken)
    taken.add(free)
    return free


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    telling = list(dropwhile(_ASKING.__contains__, words)) or words
    slug = "_".join(telling)
    return (
        slug if len(slug) <= _LONGEST_FIELD else slug[: _LONGEST_FIELD + 1].rpartition("_")[0] or slug[:_LONGEST_FIELD]
    )


def _numbered(name: str) -> Iterator[str]:
    yield name
    number = 1
    while True:
        number += 1
        yield f"{name}_{number}"
