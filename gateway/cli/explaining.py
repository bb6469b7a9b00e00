"""Why this message: a plan in words, from the answer to the call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gateway import planjson
from gateway.mapping.wording import short
from gateway.model import Part, Plan, PlanKind, Word
from gateway.pipeline.planning import who
from gateway.samples import Planned


@dataclass(frozen=True, slots=True)
class Explained:
    """What became of an event and of each of its leads."""

    state: str
    note: str
    planned: Sequence[Planned]

    def as_json(self) -> dict[str, Any]:
        leads = [
            {
                "form": one.lead.form,
                "state": str(one.state),
                "reason": one.reason,
                "plan": planjson.to_dict(one.plan) if one.plan else None,
            }
            for one in self.planned
        ]
        return {"event": str(self.state), "note": self.note, "leads": leads}

    def as_text(self) -> str:
        lines = [f"The event is {self.state}" + (f": {self.note}" if self.note else ".")]
        for one in self.planned:
            lines += ["", *_lead_lines(one)]
        return "\n".join(lines)


def _lead_lines(one: Planned) -> Iterator[str]:
    yield f"{_title(one)}: {one.state}" + (f", {one.reason}" if one.reason else "")
    if one.plan is not None:
        yield from plan_lines(one.plan)


def _title(one: Planned) -> str:
    form = f"form {one.lead.form}" if one.lead.form else "no form name"
    return f"{who(one.lead, one.plan) or 'A lead'} ({one.lead.source}, {form})"


def plan_lines(plan: Plan) -> Iterator[str]:
    """The rule that was taken, those passed over, and every word of the call."""
    if plan.rule:
        yield f"  {plan.mapping} line {plan.line}: rule '{plan.rule}'"
    else:
        yield f"  {plan.mapping}: no rule"
    for passed in plan.passed_over:
        yield f"    passed over '{passed.rule}' (line {passed.line}): {passed.because}"
    if plan.kind is PlanKind.CALL:
        for word in plan.words:
            yield from _word_lines(word)
    for warning in plan.warnings:
        yield f"  note: {warning}"


def _word_lines(word: Word) -> Iterator[str]:
    yield f"    {word.place:<20} {word.text}   (line {word.line})"
    if word.parts and (fallback := word.parts[-1]).defaulted and not fallback.field:
        yield f"    {'':<20}   {_no_name(fallback, word.parts[:-1])}"
        return
    for part in word.parts:
        if part.field:
            yield f"    {'':<20}   '{part.text}' is ${part.field}: {origin(part)}"


def _no_name(fallback: Part, parts: Sequence[Part]) -> str:
    names = [f"${part.field}" for part in parts if part.field]
    cause = f"{' and '.join(names)} {'are' if names[1:] else 'is'} empty" if names else "no 'userName' is written"
    return f"'{fallback.text}' is the word for people without a name (GATEWAY_USERNAME_FALLBACK), because {cause}"


def _default_cause(part: Part) -> str:
    """Why an answer that was there did not serve; "" when none was there."""
    if not part.answer:
        return ""
    if not part.typed:
        return f": the answer '{part.answer}' is empty"
    if not part.filters:
        return f": the answer '{part.answer}' says only '{short(part.typed)}'"
    word = part.filters[-1].partition(" ")[0]
    what = "does not list" if word == "values" else "could not read"
    return f": '{word}' {what} '{short(part.typed)}'"


def origin(part: Part) -> str:
    """Where a piece of a text came from: answer, filters, line."""
    if part.defaulted:
        return f"its default{_default_cause(part)} (line {part.line})"
    filters = "".join(f" | {used}" for used in part.filters)
    return f"answer '{part.answer}', typed '{part.typed}'{filters} (line {part.line})"
