"""A field whose names no answer bears: a slip in the mapping, or a question that was skipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from gateway.mapping.answers import Answers
from gateway.mapping.fields import Field
from gateway.mapping.names import normal
from gateway.mapping.wording import listed, short
from gateway.model import Answer

#: How many names of answers a sentence shows, and how many are looked at.
_SHOWN, _LOOKED_AT = 6, 100


def absent(entry: Field, answers: Answers) -> str:
    """The sentence that says which names no answer bears, and which names there are; "" when one fits.

    Facts around the lead (`about.…`) are often missing, so a field that looks only there is never reported.
    """
    if any(answers.fitting(each.name, each.scope) for each in entry.candidates):
        return ""
    names = list(dict.fromkeys(each.name for each in entry.candidates if each.scope != "about"))
    if not names or not answers.typed:
        return ""
    said = _nearest(names, answers.typed[:_LOOKED_AT])
    there = ", ".join(f"'{name}'" for name in said[:_SHOWN]) + ", …" * (len(said) > _SHOWN)
    return f"no answer is called {listed(names, 'or')} (left empty, or named otherwise); there are {there}"


def _nearest(names: Sequence[str], answers: Iterable[Answer]) -> list[str]:
    """The most readable name of each answer, those most like one of `names` first."""
    wanted = [_comparable(name) for name in names]
    alike = {short(answer.names[-1]): _alike(wanted, answer) for answer in answers if answer.names}
    return sorted(alike, key=lambda name: -alike[name])


def _alike(wanted: Iterable[str], answer: Answer) -> float:
    names = {_comparable(name) for name in (answer.names[0], answer.names[-1])}
    return max(SequenceMatcher(None, name, each).ratio() for name in names for each in wanted)


def _comparable(name: str) -> str:
    return normal(short(name))
