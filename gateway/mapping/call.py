"""SAY: a rule's `call:` with its blanks filled in, in exactly AiSensy's shapes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import quote

from gateway import phone
from gateway.mapping.blanks import Filled, blanks, cleaned, fill, split
from gateway.mapping.clean import LIMIT, blank
from gateway.mapping.fields import Found
from gateway.mapping.when import Condition, judge, named
from gateway.mapping.wording import short, spoken
from gateway.model import LeftOut, Part, Value, Word

#: What a marketer writes in a URL suffix stays as written; what a lead says is encoded whole.
_URL = "/?#[]@!$&'()*+,;=:%~"
#: The keys that are sent even when nothing stands in them.
_ALWAYS_THERE = ("campaignName", "templateParams")


@dataclass(frozen=True, slots=True)
class Text:
    """A text with `$name` blanks, and its place."""

    template: str
    line: int
    column: int = 1


@dataclass(frozen=True, slots=True)
class Tag:
    text: Text
    when: Condition | None = None


@dataclass(frozen=True, slots=True)
class Media:
    url: Text  #: Literal: no blanks.
    filename: Text


@dataclass(frozen=True)
class Call:
    """A rule's call, `defaults` already merged in. None: the key stands nowhere."""

    campaign: Text
    destination: Text
    user_name: Text | None = None
    source: Text | None = None
    params: tuple[Text, ...] = ()
    media: Media | None = None
    tags: tuple[Tag, ...] = ()  #: Those of `defaults` first, unless `tags_only`.
    attributes: Mapping[str, Text] = field(default_factory=dict)
    buttons: tuple[Text, ...] = ()  #: URL suffixes by index.

    @cached_property
    def templates(self) -> tuple[str, ...]:
        """All its texts in which a blank may stand."""
        several = (*self.params, *(tag.text for tag in self.tags), *self.attributes.values(), *self.buttons)
        texts = (self.destination, self.user_name, self.source, self.media and self.media.filename, *several)
        return tuple(text.template for text in texts if text)

    def used(self, names: frozenset[str]) -> frozenset[str]:
        """The fields that it says or goes by, of the file's field `names`."""
        return blanks(self.templates, names) | named(*(tag.when for tag in self.tags))


@dataclass(frozen=True, slots=True)
class Said:
    """A call with its blanks filled."""

    body: Mapping[str, Any]  #: AiSensy's keys and shapes, without apiKey.
    words: tuple[Word, ...]
    left_out: tuple[LeftOut, ...] = ()  #: Tags, attributes and a source that nothing fills or that do not hold.
    mistakes: tuple[str, ...] = ()  #: Why it must not be sent, a clause each.
    warnings: tuple[str, ...] = ()


def say(
    call: Call, found: Mapping[str, Found], values: Mapping[str, Value], *, country: str = "", fallback_name: str
) -> Said:
    """Fill in `call`.

    `found`: every field of the file. `values`: what a `when` sees. `country`: for a destination that is
    written out without one. `fallback_name`: the userName of people who gave no name.
    """
    return _Speaker(found, values).say(call, country, fallback_name)


class _Speaker:
    """One call being said: its words so far, and what is wrong with it."""

    def __init__(self, found: Mapping[str, Found], values: Mapping[str, Value]) -> None:
        self.found = found
        self.names = frozenset(found)
        self.values = values
        self.words: list[Word] = []
        self.left_out: list[LeftOut] = []
        self.mistakes: list[str] = []
        self.warnings: list[str] = []

    def say(self, call: Call, country: str, fallback_name: str) -> Said:
        body: dict[str, Any] = {
            "campaignName": self._literal("campaignName", call.campaign),
            "destination": self._destination(call.destination, country),
            "userName": self._user_name(call, fallback_name),
            "source": self._optional("source", call.source) if call.source else "",
            "templateParams": [self._param(at, text) for at, text in enumerate(call.params)],
            "media": self._media(call.media) if call.media else {},
            "tags": self._tags(call.tags),
            "attributes": self._attributes(call.attributes),
            "buttons": [self._button(at, text) for at, text in enumerate(call.buttons)],
        }
        kept = {key: value for key, value in body.items() if value or key in _ALWAYS_THERE}
        warnings = tuple(dict.fromkeys(self.warnings))
        return Said(kept, tuple(self.words), tuple(self.left_out), tuple(self.mistakes), warnings)

    def _fill(self, text: Text, *, defaults: bool = True) -> Filled:
        return fill(text.template, self.found, self.names, defaults=defaults)

    def _word(self, place: str, line: int, parts: Sequence[Part]) -> str:
        """Keep a word whose parts are ready, and give its text."""
        word = Word(place, "".join(part.text for part in parts), tuple(parts), line)
        self.words.append(word)
        if "{{" in word.text:
            self.mistakes.append(f"{spoken(place)} still holds a placeholder: '{short(word.text)}'")
        return word.text

    def _literal(self, place: str, text: Text) -> str:
        if blank(text.template):
            self.mistakes.append(f"{spoken(place)} is empty")
        return self._word(place, text.line, [Part(text.template)])

    def _destination(self, text: Text, country: str) -> str:
        pieces = split(text.template, self.names)
        alone = self.found[pieces[0][1]] if len(pieces) == 1 and pieces[0][1] else None
        if alone and alone.field.is_phone:
            if not alone.value:
                self.mistakes.append(alone.no_number())
            return self._word("destination", text.line, self._fill(text, defaults=False).parts)
        filled = self._fill(text, defaults=False)
        number = phone.read("".join(part.text for part in filled.parts), country)
        if not number.e164:
            self.mistakes.append(f"no usable phone number: 'destination' {number.reason}")
        return self._word("destination", text.line, [replace(_first(filled.parts), text=number.e164)])

    def _user_name(self, call: Call, fallback_name: str) -> str:
        line = call.user_name.line if call.user_name else call.campaign.line
        parts = cleaned(self._fill(call.user_name).parts) if call.user_name else ()
        if not any(part.text for part in parts):
            parts = (*parts, *cleaned([Part(fallback_name, defaulted=True)]))
        return self._word("userName", line, parts)

    def _optional(self, place: str, text: Text) -> str:
        """A text that may be missing: what its blanks leave of it."""
        filled = self._fill(text)
        parts = cleaned(filled.parts)
        if any(part.text for part in parts):
            return self._word(place, text.line, parts)
        self._leave_out(place, text, filled.empty)
        return ""

    def _leave_out(self, place: str, text: Text, empty: Sequence[Found], because: str = "it says nothing") -> None:
        names = [f"${found.field.name}" for found in empty]
        because = f"{' and '.join(names)} {'are' if names[1:] else 'is'} empty" if names else because
        self.left_out.append(LeftOut(place, text.template, text.line, because))

    def _needed(self, place: str, text: Text, limit: int = LIMIT) -> tuple[Part, ...]:
        """The cleaned parts of a text that must not be empty, nor any of its blanks."""
        filled = self._fill(text)
        parts = cleaned(filled.parts, limit)
        for found in filled.empty:
            self.mistakes.append(f"{spoken(place)} (${found.field.name}) is empty: {found.no_text()}")
        if not filled.empty and not any(part.text for part in parts):
            self.mistakes.append(f"{spoken(place)} is empty")
        return parts

    def _param(self, at: int, text: Text) -> str:
        place = f"templateParams[{at}]"
        return self._word(place, text.line, self._needed(place, text))

    def _media(self, media: Media) -> dict[str, str]:
        url = self._literal("media.url", media.url)
        filename = self._needed("media.filename", media.filename)
        return {"url": url, "filename": self._word("media.filename", media.filename.line, filename)}

    def _answered(self, place: str, text: Text, among: Mapping[str, Found] | None = None) -> tuple[Part, ...]:
        """The cleaned parts of a text that only answers may fill; () when one of its blanks stays empty."""
        filled = fill(text.template, among or self.found, self.names, defaults=False)
        parts = cleaned(filled.parts)
        if not filled.empty and any(part.text for part in parts):
            return parts
        self._leave_out(place, text, filled.empty)
        return ()

    def _tags(self, tags: Sequence[Tag]) -> list[str]:
        said: list[str] = []
        for tag in tags:
            for parts in self._tag_choices(tag.text) if self._holds(tag) else ():
                if parts and "".join(part.text for part in parts) not in said:
                    said.append(self._word(f"tags[{len(said)}]", tag.text.line, parts))
        return said

    def _tag_choices(self, text: Text) -> Iterator[tuple[Part, ...]]:
        """A multi-select makes one tag of each choice: AiSensy knows tags one by one, not lists of them."""
        several = [name for name in blanks((text.template,), self.names) if isinstance(self.found[name].value, tuple)]
        if len(several) != 1:
            yield self._answered("tags", text)
            return
        found = self.found[several[0]]
        for choice in found.value:
            yield self._answered("tags", text, {**self.found, several[0]: replace(found, value=choice)})

    def _holds(self, tag: Tag) -> bool:
        if tag.when is None:
            return True
        verdict = judge(tag.when, self.values)
        self.warnings += verdict.warnings
        if not verdict.holds:
            self._leave_out("tags", tag.text, (), verdict.because)
        return verdict.holds

    def _attributes(self, attributes: Mapping[str, Text]) -> dict[str, str]:
        filled = {key: (text, self._answered(f"attributes.{key}", text)) for key, text in attributes.items()}
        return {
            key: self._word(f"attributes.{key}", text.line, parts) for key, (text, parts) in filled.items() if parts
        }

    def _button(self, at: int, text: Text) -> dict[str, Any]:
        place = f"buttons[{at}]"
        parts = self._needed(place, text, sys.maxsize)  # A shortened address would lead elsewhere.
        if sum(len(part.text) for part in parts) > LIMIT:
            self.mistakes.append(f"{spoken(place)} is longer than {LIMIT:,} characters")
        encoded = [replace(part, text=quote(part.text, safe="" if part.field else _URL)) for part in parts]
        suffix = self._word(place, text.line, encoded)
        return {"type": "button", "sub_type": "url", "index": at, "parameters": [{"type": "text", "text": suffix}]}


def _first(parts: Sequence[Part]) -> Part:
    """The part that a destination's number is put down to."""
    return next((part for part in parts if part.field), Part(""))
