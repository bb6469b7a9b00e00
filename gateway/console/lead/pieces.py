"""A campaign call as the person will read it: each text in its pieces, and where every piece came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.mapping.origin import default_cause, no_name
from gateway.mapping.wording import joined
from gateway.model import Part, Plan, Word

_PARAMETER = re.compile(r"templateParams\[(\d+)\]")
_BUTTON = re.compile(r"buttons\[(\d+)\]")

#: Places of a call, as they are called on the page.
_PLACES = {"destination": "To", "userName": "Contact's name", "source": "Contact's source"}


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text."""

    text: str
    told: tuple[tuple[str, str, bool], ...]  #: Where it came from: label, text, and whether a person typed that text.
    line: int  #: Of the mapping.
    typed: bool  #: It comes from an answer, so a phone number in it is hidden.


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a call."""

    label: str  #: "{{1}}", "To", "Tag", "city", …
    pieces: tuple[Piece, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Bubble:
    """The words of a call, by what becomes of them."""

    campaign: str
    parameters: tuple[Said, ...]
    media: tuple[Said, ...]
    buttons: tuple[Said, ...]
    others: tuple[Said, ...]  #: To whom, and what the contact gets: name, source, tags, attributes.

    @property
    def every(self) -> tuple[Said, ...]:
        return self.media + self.parameters + self.buttons + self.others


def bubble(plan: Plan) -> Bubble:
    """The words of a plan."""
    by_kind: dict[str, list[Said]] = {"parameters": [], "media": [], "buttons": [], "others": []}
    for word in plan.words:
        kind, label = _place(word.place)
        if kind:
            by_kind[kind].append(Said(label, _pieces(word, plan.mapping), word.line))
    found = {kind: tuple(said) for kind, said in by_kind.items()}
    return Bubble(str(plan.call.get("campaignName", "")), **found)


def _place(place: str) -> tuple[str, str]:
    """What a text is of, and what it is called; the campaign's name is said elsewhere."""
    if place == "campaignName":
        return "", ""
    if found := _PARAMETER.fullmatch(place):
        return "parameters", f"{{{{{int(found[1]) + 1}}}}}"
    if found := _BUTTON.match(place):
        return "buttons", f"Button {int(found[1]) + 1}"
    if place.startswith("media"):
        return "media", {"media.url": "File", "media.filename": "File name"}.get(place, place)
    if place.startswith("tags"):
        return "others", "Tag"
    return "others", _PLACES.get(place, place.removeprefix("attributes."))


def _pieces(word: Word, file: str) -> tuple[Piece, ...]:
    last = word.parts[-1] if word.parts else None
    if last and last.defaulted and not last.field:
        because = no_name(last, word.parts[:-1])
        return (Piece(word.text, (("Why", because, False), _line(word.line, file)), word.line, False),)
    literal = all(not part.field for part in word.parts)
    return tuple(_piece(part, word, file, literal=literal) for part in word.parts)


def _piece(part: Part, word: Word, file: str, *, literal: bool) -> Piece:
    """`literal`: nothing in this text comes from an answer, so that what the mapping writes is its origin."""
    if part.field:
        return Piece(part.text, (*_told(part), _line(part.line, file)), part.line, typed=True)
    told = (("Written so", "in the mapping itself", False), _line(word.line, file)) if literal else ()
    return Piece(part.text, told, word.line, typed=False)


def _told(part: Part) -> Iterator[tuple[str, str, bool]]:
    if part.answer:
        yield "Answer", part.answer, False
        yield "Typed", part.typed or "nothing", True
    yield "Field", f"${part.field}", False
    if part.filters and not part.defaulted:
        yield "Filters", joined(part.filters), False
    if part.defaulted:
        yield "Default", f"used{default_cause(part) or ', as no answer was there'}", True
    elif not part.text:
        yield "Says", "nothing", False


def _line(line: int, file: str) -> tuple[str, str, bool]:
    return "Line", f"{line} of {file}" if line else file, False
