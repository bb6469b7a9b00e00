"""What a lead tells of people: the answers and facts that are names, phone numbers, e-mail addresses, ids."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from typing import Any

from gateway.inbound.values import bare
from gateway.mapping.answers import Answers
from gateway.mapping.blanks import blanks
from gateway.mapping.names import normal
from gateway.mapping.rules import Mapping
from gateway.model import Answer, Lead
from gateway.samples import bodies
from gateway.samples.names import name_words, words

_BEFORE_AT = r"[^\s@<>\"'(),:;/?&=\[\]{}]"
EMAIL = re.compile(rf"(?<!{_BEFORE_AT}){_BEFORE_AT}++@[\w-]+(?:\.[\w-]+)*")
#: What may be the address of a machine on the internet.
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:]*)(?![\w:])")
_PHONE = re.compile(
    r"phone|mobile|whats_?app|(?:^|_)(?:cell(?:_|$|n|p)|tel(?:_|$|e))|contact_(?:no|num)|फोन|फ़ोन|मोबाइल|m[oó]vil|celular"
)
_NAME = re.compile(r"(?:names?|surname|naam|nombre|apellidos?|nome|नाम)(?:_|$)")
#: Names of other things than people.
_NO_PERSON = re.compile(
    r"brand|building|business|campaign|company|course|domain|event|file|firm|form|organi[sz]ation|product|project|"
    r"property|school|shop|site|society|tower|village"
)
#: Facts that are a person's name, by the letters of what they are called.
_NAMES_AROUND = frozenset(["firstname", "fullname", "lastname", "name", "surname", "yourname"])
#: Facts that follow one person, or one click.
_TRACKS = frozenset(
    {"clickid", "clientid", "eventid", "fbc", "fbclid", "fbp", "gbraid", "gclid", "liclid", "msclkid"}
    | {"sessionid", "ttclid", "twclid", "visitorid", "wbraid"}
)
#: What was not filled in, or is a tool's own example.
_BRACKETED = re.compile(r"\s*(?:<[^<>]*>|\{.*\}|\[.*\])\s*", re.DOTALL)
#: Shorter ids are mere numbers in a row, and the same text stands for other things too.
_SHORTEST_ID = 6

Texts = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """One lead, and where to look for what it tells."""

    lead: Lead
    mapping: Mapping | None
    body: Texts  #: Every name and text of its event, of its address and of what its look-up told.
    submission_ids: tuple[str, ...] = ()

    @cached_property
    def called(self) -> list[str]:
        """What stands where a name is asked for, whole, as typed."""
        called = [answer for answer in self.lead.answers if any(map(_names_a_person, answer.names))]
        texts = [*_texts_of([*_said_by("user_name", self.lead, self.mapping), *called])]
        return list(dict.fromkeys([*texts, *(text for name, text in self.facts if bare(name) in _NAMES_AROUND)]))

    @cached_property
    def names(self) -> list[str]:
        """Those of them that are names of people, and no words of the mapping; of an e-mail address, who has it."""
        called = [EMAIL.sub(lambda match: match[0].partition("@")[0], text) for text in self.called]
        return [text for text in called if not self._is_no_name(text)]

    @cached_property
    def asked(self) -> list[str]:
        """What was typed where a phone number is asked for."""
        called = [answer for answer in self.lead.answers if any(map(_names_a_phone, answer.names))]
        texts = [*_texts_of([*_said_by("destination", self.lead, self.mapping), *called])]
        return list(dict.fromkeys([*texts, *(text for name, text in self.facts if _names_a_phone(name))]))

    @cached_property
    def answers(self) -> list[str]:
        """Every answer."""
        return list(_texts_of(self.lead.answers))

    @cached_property
    def facts(self) -> list[tuple[str, str]]:
        """What is known around the answers, and what the addresses of pages say, there and among the answers."""
        around = list(self.lead.about.items())
        pages = [text for _, text in around if "?" in text] + [text for text in self.answers if "://" in text]
        return around + [pair for text in pages for pair in bodies.pairs(text.partition("?")[2])]

    @cached_property
    def emails(self) -> list[str]:
        return list(dict.fromkeys(match[0].lower() for text in self._everything for match in EMAIL.finditer(text)))

    @cached_property
    def addresses(self) -> list[str]:
        """Of machines: IPv4 and IPv6."""
        found = (match[0] for text in self._everything for match in _ADDRESS.finditer(text))
        return [text for text in dict.fromkeys(found) if _is_address(text)]

    @cached_property
    def ids(self) -> list[str]:
        """Of the submission, of a click, of a visitor."""
        tracks = (text for name, text in self.facts if bare(name) in _TRACKS)
        return [text for text in dict.fromkeys([*self.submission_ids, *tracks]) if len(text) >= _SHORTEST_ID]

    @cached_property
    def agents(self) -> list[str]:
        """What browsers say of themselves."""
        return [text for name, text in (*self.body, *self.facts) if bare(name) == "useragent" and text.strip()]

    @cached_property
    def known(self) -> frozenset[str]:
        """The words of the mapping: whoever bears one as a name is not told by it."""
        return frozenset(word for text in _texts_in(self.mapping) for word in words(text))

    @cached_property
    def questions(self) -> frozenset[str]:
        """The words of the form's own names."""
        return frozenset(word for name, _ in self.body for word in words(name))

    @property
    def _everything(self) -> list[str]:
        return [*self.answers, *(text for _, text in (*self.facts, *self.body))]

    def _is_no_name(self, text: str) -> bool:
        return bool(_BRACKETED.fullmatch(text)) or set(name_words(text)) <= self.known


def _said_by(key: str, lead: Lead, mapping: Mapping | None) -> Iterator[Answer]:
    """The answers that a mapping may fill into one key of its calls."""
    if mapping is None:
        return
    calls = [call for rule in mapping.rules for call in rule.calls]
    said = (getattr(call, key) for call in calls)
    answers = Answers(lead)
    for name in blanks(tuple(text.template for text in said if text), frozenset(mapping.fields)):
        for candidate in mapping.fields[name].candidates:
            yield from answers.fitting(candidate.name, candidate.scope)


def _texts_of(answers: Iterable[Answer]) -> Iterator[str]:
    for answer in answers:
        yield from [answer.value] if isinstance(answer.value, str) else answer.value


def _names_a_person(name: str) -> bool:
    plain = normal(name)
    return bool(_NAME.search(plain)) and not _NO_PERSON.search(plain)


def _names_a_phone(name: str) -> bool:
    return bool(_PHONE.search(normal(name)))


def _is_address(text: str) -> bool:
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False


def _texts_in(node: Any) -> Iterator[str]:
    """Every text of a mapping, at whatever depth."""
    if isinstance(node, str):
        yield node
    elif is_dataclass(node):
        yield from _texts_in([getattr(node, field.name) for field in fields(node)])
    elif isinstance(node, dict):
        yield from _texts_in([*node.keys(), *node.values()])
    elif isinstance(node, list | tuple | frozenset):
        for inner in node:
            yield from _texts_in(inner)
