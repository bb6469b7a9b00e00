"""A lead's answers, ready to be looked up by the names that a mapping writes."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.jsontext import clean
from gateway.mapping.names import normal
from gateway.model import Answer, Lead, Value

#: Longer texts and names are cut before any work on them; no form asks for that much, no message says it.
LONGEST, LONGEST_NAME = 10_000, 1_000


def _text(typed: str) -> str:
    return clean(typed[:LONGEST])


def _name(name: str) -> str:
    return clean(name[:LONGEST_NAME])


def _value(value: Value) -> Value:
    return _text(value) if isinstance(value, str) else tuple(map(_text, value))


class _Shelf:
    """Answers by name: level 0 holds first names, level 1 second names, …"""

    def __init__(self, labelled: Iterable[tuple[tuple[str, ...], Answer]]) -> None:
        self.exact: list[dict[str, list[Answer]]] = []
        self.loose: list[dict[str, list[Answer]]] = []
        for names, answer in labelled:
            for level, name in enumerate(names):
                self._put(level, name, answer)

    def _put(self, level: int, name: str, answer: Answer) -> None:
        if level == len(self.exact):
            self.exact.append({})
            self.loose.append({})
        self.exact[level].setdefault(name, []).append(answer)
        if plain := normal(name):
            self.loose[level].setdefault(plain, []).append(answer)

    def fitting(self, name: str) -> list[Answer]:
        for names, levels in ((name, self.exact), (normal(name), self.loose)):
            for level in levels:
                if names in level:
                    return level[names]
        return []


class Answers:
    """What a lead says; NUL and lone surrogates, which no store takes, are replaced."""

    def __init__(self, lead: Lead) -> None:
        typed = [Answer(tuple(map(_name, each.names)), _value(each.value)) for each in lead.answers]
        facts = {_name(name): _text(text) for name, text in lead.about.items()}
        self.typed = tuple(typed)  #: All that the person said, in the form's order.
        self._typed = _Shelf((answer.names, answer) for answer in typed)
        self._about = _Shelf(((name,), Answer((f"about.{name}",), text)) for name, text in facts.items())

    def fitting(self, name: str, scope: str = "") -> list[Answer]:
        """All answers that fit `name` equally well: exactly by their first name, else by their second, …,
        else the same with case, spaces and punctuation ignored. `scope`: "answer", "about" or "" for both.

        An answer that is there but empty still fits: what surrounds the lead does not stand in for it.
        """
        if scope == "answer":
            return self._typed.fitting(name)
        if scope == "about":
            return self._about.fitting(name)
        return self._typed.fitting(name) or self._about.fitting(name)
