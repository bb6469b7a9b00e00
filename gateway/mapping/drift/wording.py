"""A drift in words: one sentence that says what changed, and the cure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime

from gateway.mapping.drift.found import Drift, DriftKind, Use
from gateway.mapping.drift.kinds import Kind
from gateway.mapping.fields import Candidate, Field
from gateway.mapping.left import written
from gateway.mapping.wording import listed, short

#: How many options a sentence names.
_NAMED = 3

_KINDS = {
    Kind.NUMBER: "a number",
    Kind.CHOICE: "a choice",
    Kind.PHONE: "a phone number",
    Kind.EMAIL: "an e-mail address",
    Kind.DATE: "a date",
    Kind.YES_NO: "yes or no",
}
#: What a person typed into a choice: their number or address.
_PRIVATE = re.compile(r"\+\d[\d\s().-]{6,}\d|\d{5}[\s-]?\d{5,}|\S+@\S+")
#: Texts that YAML takes as they are.
_PLAIN = re.compile(r"\w(?:[^\n:#]|:(?! |$)|(?<! )#)*")


def says(drift: Drift) -> str:
    """What changed, since when, and what it does to the leads."""
    return {DriftKind.GONE: _gone, DriftKind.CHANGED: _changed, DriftKind.NEW: _new}[drift.kind](drift)


def cure(drift: Drift) -> str:
    """What to do about it."""
    return {DriftKind.GONE: _cure_gone, DriftKind.CHANGED: _cure_changed, DriftKind.NEW: _cure_new}[drift.kind](drift)


def line(drift: Drift) -> int:
    """The line of the mapping to look at; 0 where it has none for this."""
    if not drift.uses:
        return 0
    return drift.uses[0].field.line if drift.options else drift.uses[0].candidate.line


def place(file: str, drift: Drift) -> str:
    """The mapping and the line to look at: "website.yaml:9"."""
    return f"{file}:{line(drift)}" if line(drift) else file


def shown(option: str) -> str:
    """A choice as a list or a log may show it.

    >>> shown("above_1_crore"), shown("call +91 98765 43210")
    ('above_1_crore', 'call …')
    """
    return short(_PRIVATE.sub("…", option))


def _gone(drift: Drift) -> str:
    before = f"came with {drift.came} of {_leads(drift.of)}, and" if drift.of else "came, and"
    missing = f"none of the {drift.leads}{'' if drift.of else ' or more'}"
    since = f"{before} with {missing} since {_moment(drift.since)}"
    return f"the answer '{short(drift.answer)}' {since}; {_harm(drift)}"


def _changed(drift: Drift) -> str:
    answer, since = f"the answer '{short(drift.answer)}'", _moment(drift.since)
    harm = f"; {_harm(drift)}" if drift.harmed else ""
    if drift.options:
        [use] = drift.uses
        options = _some(list(dict.fromkeys(map(shown, drift.options))))
        listing = f"which the values of '{use.field.name}' do not list"
        return f"{answer} says {options} in {_leads(drift.leads)} since {since}, {listing}{harm}"
    was, now = _KINDS.get(drift.was, drift.was), _KINDS.get(drift.now, drift.now)
    before = f"{answer} was {was} in {drift.came} of {_leads(drift.of)}"
    return f"{before}, and is {now} in the {drift.leads} since {since}{harm}"


def _new(drift: Drift) -> str:
    came = f"it has come since {_moment(drift.since)}, with {drift.came} of {_leads(drift.of)}"
    stands_for = f", probably in place of '{short(drift.likely)}'" if drift.likely else ""
    return f"the answer '{short(drift.answer)}' ({drift.now}) is new: {came}{stands_for}, and no field looks at it"


def _cure_gone(drift: Drift) -> str:
    if drift.likely:
        renames = "; ".join(dict.fromkeys(_rename(use, drift.likely) for use in drift.uses))
        return f"it is probably called '{short(drift.likely)}' now: {renames}"
    bare = dict.fromkeys(use.field.name for use in drift.uses if not use.field.default and not use.field.is_phone)
    default = f"give {listed(bare, 'and')} a default, or " if bare else ""
    return (
        "if the question has another name now, write that one there; "
        f"if it was taken out of the form, {default}take it out of the mapping too"
    )


def _rename(use: Use, name: str) -> str:
    new = _as_yaml(use.candidate, name)
    if len(use.field.candidates) > 1:
        return f"below line {use.candidate.line} add `- {new}` to '{use.field.name}'"
    old = _as_yaml(use.candidate, use.candidate.name)
    return f"in line {use.candidate.line} write `{new}` in place of `{old}`"


def _cure_changed(drift: Drift) -> str:
    names = listed(dict.fromkeys(use.field.name for use in drift.uses), "and")
    if not drift.options:
        return f"if the form is meant so, make the filters, values and rules of {names} fit it"
    option = next((option for option in drift.options if shown(option) == option), "what people choose")
    return f"add `{_quoted(option)}: …` to the values of {names}, or `others: keep` to say what people choose"


def _cure_new(drift: Drift) -> str:
    if drift.likely:
        return f"use it where '{short(drift.likely)}' is used"
    return f"to use it, write a field that looks for `{_quoted(drift.answer)}`; otherwise leave it"


def _harm(drift: Drift) -> str:
    """What the leads got in place of the answer."""
    fields = {use.field.name: use.field for use in drift.uses}
    *head, last = map(_instead, fields.values())
    who = f"{drift.harmed} of them" if drift.harmed < drift.leads else "they" if drift.leads > 1 else "it"
    return f"{who} got {', '.join(head)} and {last}" if head else f"{who} got {last}"


def _instead(field: Field) -> str:
    if field.default:
        return f"the default '{short(field.default)}' for '{field.name}'"
    what = "no number" if field.is_phone else "nothing"
    return f"{what} for '{field.name}'" + ", which is required" * field.required


def _some(options: Sequence[str]) -> str:
    more = len(options) - _NAMED
    return listed(options[:_NAMED], "and") + (f" and {more} more" if more > 0 else "")


def _leads(count: int) -> str:
    return f"{count} lead{'' if count == 1 else 's'}"


def _moment(since: datetime) -> str:
    return f"{since:%Y-%m-%d %H:%M} UTC"


def _as_yaml(candidate: Candidate, name: str) -> str:
    """A place to look, as a mapping writes it."""
    scoped = f"{candidate.scope}.{name}" if candidate.scope else name
    return _quoted(" | ".join((scoped, *written(candidate.filters))))


def _quoted(text: str) -> str:
    """A text as YAML takes it.

    >>> _quoted("What is your budget?"), _quoted("Budget: how much?")
    ('What is your budget?', '"Budget: how much?"')
    """
    return text if _PLAIN.fullmatch(text) and text == text.strip() else json.dumps(text, ensure_ascii=False)
