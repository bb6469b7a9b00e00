"""What came of each answer of a form, over some of its leads; and what a mapping found among them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Table
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from gateway.mapping.answers import Answers
from gateway.mapping.drift.kinds import Kind, options, usual
from gateway.mapping.fields import Candidate, Field
from gateway.mapping.left import given
from gateway.model import Answer, Lead, Value

#: Kinds of answers that have options.
_CHOSEN = (Kind.CHOICE, Kind.SEVERAL, Kind.YES_NO)


@dataclass(slots=True)
class History:
    """One answer of a form, known by the name that stays."""

    names: tuple[str, ...]  #: As it came last, the steadiest first.
    came: list[int] = field(default_factory=list)  #: Which of the leads had it filled in, by their number from 0.
    values: list[Value] = field(default_factory=list)  #: What they said.
    empty: int = 0  #: How many had it, but empty.

    @property
    def kind(self) -> Kind:
        return usual(self.values)

    @property
    def options(self) -> Counter[str]:
        """How often each option was chosen; nothing for an answer that people write themselves."""
        return options(self.values) if self.kind in _CHOSEN else Counter()


@dataclass(frozen=True, slots=True)
class Served:
    """The candidate and the answer that a field was found by in one lead."""

    candidate: Candidate
    answer: Answer

    @property
    def is_fact(self) -> bool:
        """Found around the lead and not among its answers: facts come and go with the ads."""
        return self.answer.names[0].startswith("about.")


@dataclass(frozen=True, slots=True)
class Past:
    """The leads of one form, the oldest first, and what they say."""

    times: Sequence[datetime]  #: When each came.
    leads: Sequence[Answers]
    histories: Table[str, History]  #: By the steadiest name.


@dataclass(frozen=True, slots=True)
class Serving:
    """How the leads served a mapping's fields."""

    by_field: Table[str, Sequence[Served | None]]  #: One for each lead; without the fields of `about` alone.
    used: Table[str, Sequence[str]]  #: The answers that fields look at, by their steadiest names, and those fields.


def look_back(leads: Sequence[Lead]) -> Past:
    """Look at some leads of one form, the oldest first."""
    read = [Answers(lead) for lead in leads]
    histories: dict[str, History] = {}
    for at, answers in enumerate(read):
        for answer in answers.typed:
            if answer.names:
                _note(histories.setdefault(answer.names[0], History(answer.names)), at, answer)
    return Past([lead.received for lead in leads], read, histories)


def _note(history: History, at: int, answer: Answer) -> None:
    history.names = answer.names
    if not given(answer.value):
        history.empty += 1
    elif not history.came or history.came[-1] != at:
        history.came.append(at)
        history.values.append(answer.value)


def serving(fields: Table[str, Field], past: Past) -> Serving:
    """Which answer each field was found by, in each lead."""
    among = [entry for entry in fields.values() if any(each.scope != "about" for each in entry.candidates)]
    used: dict[str, list[str]] = {}
    served = {entry.name: [_served(entry, answers, used) for answers in past.leads] for entry in among}
    return Serving(served, used)


def _served(entry: Field, answers: Answers, used: dict[str, list[str]]) -> Served | None:
    """The first answer that is filled in; notes in `used` every answer that fits."""
    fitting = [(each, answer) for each in entry.candidates for answer in answers.fitting(each.name, each.scope)]
    for _candidate, answer in fitting:
        fields = used.setdefault(answer.names[0], [])
        if entry.name not in fields:
            fields.append(entry.name)
    return next((Served(each, answer) for each, answer in fitting if given(answer.value)), None)
