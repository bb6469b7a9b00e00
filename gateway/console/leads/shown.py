"""A lead as a row of the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.console import words
from gateway.model import LeadState
from gateway.pipeline.planning import who
from gateway.store import phones
from gateway.store.erasures import ERASED
from gateway.store.found import Found

#: Longer reasons are cut: the lead's own page has all of it.
_REASON = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the row."""

    id: int
    came: datetime
    name: str
    number: str  #: Shortened, unless this person asked to see them.
    source: str
    form: str
    state: str
    reason: str
    campaign: str
    rule: str


def shown(found: Found, plain: Mapping[str, str]) -> Shown:
    """`plain`: plain words for what AiSensy says of a stopped account."""
    lead, reason = found.lead, reason_of(found)
    return Shown(
        id=lead.id,
        came=lead.received,
        name=words.hidden(name_of(found)),
        number=words.shown(found.destination) if found.destination else words.hidden(number_of(found)),
        source=lead.source,
        form=lead.form,
        state=found.state,
        reason=_cut(words.hidden(plain.get(reason, reason))),
        campaign=found.campaign,
        rule=found.rule,
    )


def name_of(found: Found) -> str:
    """A name to tell the lead by; "" where it gave none."""
    return found.called or who(found.lead, None)


def number_of(found: Found) -> str:
    """Where its message goes, else the first phone number that it typed."""
    typed = phones.numbers(answer.value for answer in found.lead.answers)
    return found.destination or next(typed, "")


def reason_of(found: Found) -> str:
    """Why it stands as it does; "" where that is plain."""
    if found.erased:
        return ERASED
    if found.state == LeadState.DUPLICATE and found.duplicate_of:
        return f"the same as l{found.duplicate_of}"
    return found.reason


def _cut(text: str) -> str:
    return text if len(text) <= _REASON else text[: _REASON - 1].rstrip() + "…"
