"""Why this message: a plan in words, from the answer to the call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import planjson
from gateway.cli.explain.later import later_lines, limit_lines
from gateway.mapping import limits
from gateway.mapping.origin import sentences
from gateway.model import Plan, Word
from gateway.pipeline.planning import Live, who
from gateway.samples import Planned

#: Places of a call are at least this wide, so that texts stand below each other.
_WIDTH = 20


@dataclass(frozen=True, slots=True)
class Explained:
    """What the mappings make of an event, or of one lead of it."""

    kind: str  #: What was asked for: "event", "lead" or "delivery".
    state: str  #: Its own, as it is now.
    note: str
    planned: Sequence[Planned]
    live: Live
    hint: str = ""  #: A sentence for people, before the plans.

    def as_json(self) -> dict[str, Any]:
        leads = [
            {
                "id": f"l{one.lead.id}" if one.lead.id else None,
                "form": one.lead.form,
                "state": str(one.state),
                "reason": one.reason,
                "plan": planjson.to_dict(one.plan) if one.plan else None,
                "limits": limits.words(self.live.limits(one.plan.mapping)) if one.plan else None,
            }
            for one in self.planned
        ]
        return {self.kind: str(self.state), "note": self.note, "leads": leads}

    def as_text(self) -> str:
        lines = [f"The {self.kind} is {self.state}" + (f": {self.note}" if self.note else ".")]
        lines += [self.hint] if self.hint else []
        for one in self.planned:
            lines += ["", *_lead_lines(one, self.live)]
        return "\n".join(lines)


def _lead_lines(one: Planned, live: Live) -> Iterator[str]:
    yield f"{_title(one)}: {one.state}" + (f", {one.reason}" if one.reason else "")
    if one.plan is not None:
        yield from plan_lines(one.plan)
        if one.plan.call:
            yield from limit_lines(live.limits(one.plan.mapping))


def _title(one: Planned) -> str:
    form = f"form {one.lead.form}" if one.lead.form else "no form name"
    return f"{who(one.lead, one.plan) or 'A lead'} ({one.lead.source}, {form})"


def plan_lines(plan: Plan) -> Iterator[str]:
    """The rule that was taken, those passed over, every word of the call, and what is left out of it."""
    if plan.rule:
        yield f"  {plan.mapping} line {plan.line}: rule '{plan.rule}'"
    else:
        yield f"  {plan.mapping}: no rule"
    for passed in plan.passed_over:
        yield f"    passed over '{passed.rule}' (line {passed.line}): {passed.because}"
    places = [word.place for word in plan.words] + [left.place for left in plan.left_out]
    width = max([_WIDTH, *map(len, places)])
    for word in plan.words:
        yield from _word_lines(word, width)
    for left in plan.left_out:
        yield f"    {left.place:<{width}} '{left.text}' is left out: {left.because}   (line {left.line})"
    for warning in plan.warnings:
        yield f"  note: {warning}"
    if plan.no_consent:
        yield f"  nothing is sent, as 'consent' asks for a yes: {plan.no_consent}"
    yield from later_lines(plan)


def _word_lines(word: Word, width: int) -> Iterator[str]:
    yield f"    {word.place:<{width}} {word.text or '(nothing)'}   (line {word.line})"
    for sentence in sentences(word):
        yield f"    {'':<{width}}   {sentence}"
