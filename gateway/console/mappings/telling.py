"""A plan as the preview shows it: every text with the lines of the mapping that it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gateway.mapping import later, limits
from gateway.mapping.origin import sentences
from gateway.mapping.wording import listed, spoken
from gateway.model import LeadState, Plan, Word
from gateway.pipeline.planning import Live, who
from gateway.samples import Planned

_LINE = re.compile(r" \(line (\d+)\)$")

#: Places of a call in a marketer's words.
_PLACES = {
    "campaignName": "Campaign",
    "destination": "To",
    "userName": "Contact's name",
    "source": "Contact's source",
    "media.url": "File",
    "media.filename": "File name",
}


@dataclass(frozen=True, slots=True)
class Because:
    """A sentence about a text, and the line that it speaks of; 0: none."""

    sentence: str
    line: int = 0


@dataclass(frozen=True, slots=True)
class Text:
    """One text of a call."""

    place: str
    text: str
    line: int
    because: tuple[Because, ...] = ()


@dataclass(frozen=True, slots=True)
class Later:
    """A later message, or the one that older leads get."""

    title: str
    line: int
    texts: tuple[Text, ...]  #: That the first message does not say.
    note: str  #: Why it sends nothing, or what else is to be said of it.


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of one lead."""

    who: str
    state: LeadState
    reason: str
    file: str  #: Of the mapping that decided, where it is not the one in the editor; else "".
    rule: str
    line: int
    passed_over: tuple[Because, ...]
    texts: tuple[Text, ...]
    left_out: tuple[Text, ...]
    notes: tuple[str, ...]
    later: tuple[Later, ...]
    limits: Mapping[str, str]

    @property
    def sends(self) -> bool:
        return self.state is LeadState.PLANNED


def told(planned: Planned, live: Live, file: str) -> Told:
    """`file`: the one in the editor. Lines of another one are not told, as nothing could be shown there."""
    plan = planned.plan
    if plan is None:
        return Told(who(planned.lead, None), planned.state, planned.reason, "", "", 0, (), (), (), (), (), {})
    told_limits = limits.words(live.limits(plan.mapping)) if plan.call else {}
    return Told(
        who=who(planned.lead, plan),
        state=planned.state,
        reason=planned.reason,
        file="" if plan.mapping == file else plan.mapping,
        rule=plan.rule,
        line=plan.line,
        passed_over=tuple(Because(f"'{each.rule}': {each.because}", each.line) for each in plan.passed_over),
        texts=tuple(_texts(plan.words)),
        left_out=tuple(
            Text(place(each.place), each.text, each.line, (Because(each.because),)) for each in plan.left_out
        ),
        notes=(*plan.warnings, *_consent(plan)),
        later=tuple(_later(plan)),
        limits=told_limits,
    )


def place(name: str) -> str:
    """A place of a call as people call it.

    >>> place("templateParams[1]"), place("attributes.city"), place("destination"), place("tags[0]")
    ('{{2}}', 'Attribute city', 'To', 'Tag 1')
    """
    if name in _PLACES:
        return _PLACES[name]
    if name.startswith("templateParams["):
        return f"{{{{{int(name[15:-1]) + 1}}}}}"
    key, dot, rest = name.partition(".")
    return f"Attribute {rest}" if dot and key == "attributes" else spoken(name).strip("'").capitalize()


def _texts(words: Iterable[Word]) -> Iterator[Text]:
    for word in words:
        yield Text(place(word.place), word.text, word.line, tuple(map(_because, sentences(word))))


def _because(sentence: str) -> Because:
    """A sentence, and the line that stands at its end."""
    found = _LINE.search(sentence)
    return Because(sentence[: found.start()], int(found[1])) if found else Because(sentence)


def _consent(plan: Plan) -> Iterator[str]:
    if plan.no_consent:
        yield f"nothing is sent, as 'consent' asks for a yes: {plan.no_consent}"


def _later(plan: Plan) -> Iterator[Later]:
    if plan.too_late:
        yield _changed("Instead, if the lead is too old", plan.too_late, plan)
    for number, follow_up in enumerate(plan.follow_ups, 1):
        yield _changed(f"Follow-up {number}: {later.when(follow_up)}", follow_up, plan)


def _changed(title: str, other: Plan, plan: Plan) -> Later:
    if other.reason:
        return Later(title, other.line, (), f"Nothing: {other.reason}")
    found = later.changes(other, plan)
    gone = f"Without {listed(map(place, found.gone), 'and', mark='')}." if found.gone else ""
    return Later(title, other.line, tuple(_texts(found.words)), "The same message again." if found.none else gone)
