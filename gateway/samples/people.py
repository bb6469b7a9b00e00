"""The people of a lead, replaced: in its answers, and wherever else they are told of again."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from itertools import count
from urllib.parse import quote, unquote

from gateway import jsontext
from gateway.samples import bodies
from gateway.samples.invented import shaped
from gateway.samples.names import Names, words
from gateway.samples.numbers import Numbers
from gateway.samples.told import EMAIL, Told

#: What an address may hold without being encoded.
_IN_ADDRESSES = "/?#[]@!$&'()*+,;=:%~"
_AGENT = "Mozilla/5.0"
#: What a ticked box says.
_PLAIN = frozenset(["false", "no", "off", "on", "true", "yes"])


class People:
    """What is private in one lead's request, and what takes its place: the same other text everywhere.

    `country`: of numbers without one; `seed`: the same for the same lead; `near`: as in Numbers.
    """

    def __init__(self, told: Told, country: str, seed: int, *, near: bool) -> None:
        self.told = told
        self.names = Names(told.names, told.known | told.questions, seed)
        self.numbers = Numbers(told.asked, told.answers, country, seed, near=near)
        name = self.names.first() or "person"
        self._emails = _apart(told.emails, lambda _, at: f"{name}{at if at > 1 else ''}@example.com")
        ids = _apart(told.ids, lambda text, at: shaped(text, seed, at))
        self._parts = ids | _apart(told.addresses, _invented_address)
        self._any_part = _one_of(self._parts)
        self._whole = dict.fromkeys(told.agents, _AGENT) | self.numbers.pieces([text for _, text in told.body])

    def changed(self, text: str) -> str:
        """The text with invented people, also where a text of JSON, HTML or an address hides them."""
        if text in self._whole:
            return self._whole[text]
        inner = _json_in(text)
        if inner is not None:
            return jsontext.dumps(bodies.mapped(inner, self.changed))
        plain = self._changed(text)
        for read, write in _HIDDEN:
            opened = self._changed(read(text))
            if read(plain) != opened:
                return write(opened)
        return plain

    def may_tell_more(self, text: str) -> bool:
        """Whether a text says more than a name, a number, an e-mail address or what the mapping says itself."""
        if text in (*self.told.names, *self.told.ids) or EMAIL.fullmatch(text.strip()):
            return False
        said = set(words(self.numbers.changed(text)))
        return bool(said - _PLAIN) and (text in self.told.called or not said <= self.told.known)

    def left(self, text: str) -> str:
        """What of the real people stands in a text, in words for a person at the keyboard; "" for nothing."""
        name = self.names.left(text)
        return self.left_exactly(text) or (f"the name '{name.title()}'" if name else "")

    def left_exactly(self, text: str) -> str:
        """The same for all but names, whose words may mean something else in the names of a form."""
        emails = (match[0] for match in EMAIL.finditer(text) if match[0].lower() in self._emails)
        if email := next(emails, ""):
            return f"'{email}'"
        if part := self._any_part.search(text):
            return f"'{part[0]}'"
        ending = self.numbers.left(text)
        return f"the number that ends in {ending[-3:]}" if ending else ""

    def _changed(self, text: str) -> str:
        done, start = [], 0
        for match in EMAIL.finditer(text):
            done += [self._between(text[start : match.start()]), self._emails.get(match[0].lower(), match[0])]
            start = match.end()
        return "".join([*done, self._between(text[start:])])

    def _between(self, text: str) -> str:
        """For what stands between e-mail addresses."""
        parted = self._any_part.split(text)
        return "".join(self._parts.get(part) or self.names.changed(self.numbers.changed(part)) for part in parted)


def _one_of(parts: dict[str, str]) -> re.Pattern[str]:
    longest_first = sorted(parts, key=len, reverse=True)
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, longest_first)) or '(?!)'})(?!\w)")


def _apart(real: list[str], invent: Callable[[str, int], str]) -> dict[str, str]:
    """Each real text and an invented one, all different."""
    found: dict[str, str] = {}
    for text in real:
        others = (invent(text, at) for at in count(1))
        found[text] = next(other for other in others if other not in {*real, *found.values()})
    return found


def _invented_address(text: str, at: int) -> str:
    """Of those that are kept free for examples."""
    return f"2001:db8::{at:x}" if ":" in text else f"192.0.2.{at}"


def _json_in(text: str) -> object:
    """The object or list that a text holds as JSON; None when it holds none."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return jsontext.loads(text)
    except ValueError:
        return None


def _unescaped(text: str) -> str:
    """A text of HTML as it is read; one that holds what is no character stays."""
    try:
        return html.unescape(text)
    except ValueError:
        return text


def _encoded(text: str) -> str:
    """An address encoded again; a text with spaces is none."""
    return text if " " in text else quote(text, safe=_IN_ADDRESSES)


#: How a text may hide another one, and how it is hidden again.
_HIDDEN: tuple[tuple[Callable[[str], str], Callable[[str], str]], ...] = (
    (_unescaped, str),
    (unquote, _encoded),
)
