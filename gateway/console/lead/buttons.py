"""What a person may do with a lead as it stands now, as buttons; and the sentence that follows each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from flask import url_for

from gateway.console.lead.links import mapping_link
from gateway.console.lead.whole import Whole
from gateway.mapping.limits import NAMES
from gateway.model import Delivery, DeliveryState, LeadState, OutcomeKind
from gateway.pipeline.person.unsent import SUPPRESSED, Cure
from gateway.pipeline.resolving import Word
from gateway.store import held
from gateway.store.deliveries import CLOSED, COUNTS, NOT_LEFT

#: Limits, as a person calls them.
LIMITS: Mapping[str, str] = {
    "send_between": "the hours to send in",
    "once_per_person": "'once per person'",
    "no_more_than": "'no more than'",
    "too_old": "its age",
    "consent": "the missing consent",
}


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do with the lead."""

    says: str
    endpoint: str = ""  #: In this blueprint: "replay", "cancel", …
    asks: str = ""  #: The question before it is done.
    tone: str = ""  #: "main", "bad" or "quiet".
    values: Mapping[str, str] = field(default_factory=dict)
    to: str = ""  #: It only leads to this page.


def cures(whole: Whole, *, may_change: bool) -> list[Button]:
    """What sets right what is wrong now, the likeliest first; the role "look" has only what leads elsewhere."""
    found = [*_elsewhere(whole), *(_doing(whole) if may_change else ())]
    if found and found[0].endpoint != "resolve":
        found[0] = replace(found[0], tone="main")
    return found


def _elsewhere(whole: Whole) -> Iterator[Button]:
    """Pages on which what is wrong is mended."""
    can, lead = whole.why.can if whole.why else (), whole.stored.lead
    if Cure.BEGIN in can:
        yield Button("Make a mapping for this form", to=mapping_link("", source=lead.source, form=lead.form))
    if Cure.MAPPING in can and whole.plan and not of_person(whole):
        to = mapping_link(whole.plan.mapping, whole.plan.line, whole.id)
        yield Button(f"Look at {whole.plan.mapping}", to=to)
    if Cure.START in can:
        yield Button("Look at Health", to=url_for("console.health.show"))
    if Cure.FIRST in can and whole.stored.duplicate_of:
        there = url_for("console.lead.show", lead_id=whole.stored.duplicate_of)
        yield Button(f"Go to l{whole.stored.duplicate_of}, which came first", to=there)


def of_person(whole: Whole) -> bool:
    """Whether what is wrong is what the person typed."""
    made = whole.chapter.messages
    refused = bool(made) and bool(made[-1].attempts) and made[-1].attempts[-1]["outcome"] == OutcomeKind.RECIPIENT
    return bool(whole.stored.lead.answers) and (whole.stored.state is LeadState.FAILED or refused)


def _doing(whole: Whole) -> Iterator[Button]:
    if whole.stored.erased or whole.stored.state in (LeadState.TEST, LeadState.DUPLICATE):
        return
    if of_person(whole):
        yield _editing(whole)
    first = whole.chapter.first
    yield from _with_message(whole, first) if first else _without_message(whole)
    for one in whole.chapter.made:
        if one.state is DeliveryState.UNCERTAIN:
            yield from _resolving(whole, one)


def _editing(whole: Whole) -> Button:
    return Button("Change answers and replay", to=url_for("console.lead.edit", lead_id=whole.id))


def _without_message(whole: Whole) -> Iterator[Button]:
    stored = whole.stored
    if stored.state is LeadState.SUSPECTED:
        asks = f"Send {_them(whole)} what the mapping says, as to any other person?"
        yield Button("It is a person: go on with it", "replay", asks)
    elif stored.waits_for == "lookup":
        yield Button(f"Ask {stored.lead.source} now", "replay")
    elif stored.state is not LeadState.WAITING:
        yield from _again(whole, "Replay it")


def _with_message(whole: Whole, first: Delivery) -> Iterator[Button]:
    if first.state in NOT_LEFT:
        yield from _letting_go(whole, first)
    elif first.state in CLOSED:
        if first.tag == SUPPRESSED and whole.suppressed:
            return
        yield from _again(whole, "Send it despite " + LIMITS[first.tag] if first.tag in NAMES else "Replay it")


def _letting_go(whole: Whole, first: Delivery) -> Iterator[Button]:
    """Of one that has not left."""
    if first.tag in NAMES and first.state is DeliveryState.SCHEDULED:
        asks = f"Send {_them(whole)} this message now, despite {LIMITS[first.tag]}?"
        yield Button(f"Send it despite {LIMITS[first.tag]}", "replay", asks, values={"despite": first.tag})
    elif first.hold != held.MAPPING:
        yield Button("Try it now", "replay", values={"what": f"d{first.id}"})


def _again(whole: Whole, says: str) -> Iterator[Button]:
    first = whole.chapter.first
    tag = first.tag if first and first.state in CLOSED and first.tag in NAMES else ""
    values = {"despite": tag} if tag else {}
    if whole.sent:
        yield once_more(whole, values)
        return
    yield Button(says, "replay", f"Plan it again, and send {_them(whole)} what comes of it?", values=values)


def once_more(whole: Whole, values: Mapping[str, str] | None = None) -> Button:
    """One more message, for somebody who has one, or may have."""
    already = ". ".join(whole.sent)
    asks = f"{already}. Send {_them(whole)} one more message?"
    return Button("Send once more", "replay", asks, values=_one_more(whole) | dict(values or {}))


def _one_more(whole: Whole) -> dict[str, str]:
    """What a form says that has a message sent beside those that there are."""
    return {"again": "1", "newest": whole.newest}


def _resolving(whole: Whole, one: Delivery) -> Iterator[Button]:
    """What a person says of one of which nobody knows whether it arrived."""
    of = f" (follow-up {one.step})" * bool(one.step)
    what = {"what": f"d{one.id}"}
    said = (
        (Word.SENT, "It was sent", "Does AiSensy show this message? It then counts as sent."),
        (Word.NOT_SENT, "It was not sent", "It then counts as failed, and nothing comes after it. Is that so?"),
    )
    for word, says, asks in said:
        yield Button(says + of, "resolve", asks, values=what | {"word": str(word)})
    asks = f"If the first one did arrive, {_them(whole)} gets it twice. Send it again?"
    if one.tag in NAMES and not one.step:  # a limit kept it from being sent again
        yield Button("Send it again" + of, "replay", asks, values=_one_more(whole) | {"despite": one.tag})
    else:
        yield Button("Send it again" + of, "resolve", asks, values=what | {"word": str(Word.SEND_AGAIN)})


def more(whole: Whole) -> list[Button]:
    """What else may be done, in the order of how much it changes."""
    return [] if whole.stored.erased else list(_more(whole))


def _more(whole: Whole) -> Iterator[Button]:
    stored, made = whole.stored, whole.chapter.made
    real = stored.state not in (LeadState.TEST, LeadState.DUPLICATE)
    first = whole.chapter.first
    editable = real and stored.lead.answers and whole.state != DeliveryState.SENDING
    if editable and not of_person(whole):
        yield _editing(whole)
    if first and first.state is DeliveryState.ACCEPTED:
        yield once_more(whole)
    if any(one.state in NOT_LEFT for one in made):
        later = bool(first and first.state in COUNTS)
        says, what = ("Cancel the follow-ups", "the follow-ups") if later else ("Cancel it", "what has not left yet")
        yield Button(says, "cancel", f"Take back {what} for {_them(whole)}?")
    if stored.lead.answers and whole.event.body:
        yield Button("Keep it as a test", to=url_for("console.lead.keep", lead_id=whole.id))
    yield from _of_number(whole)


def _of_number(whole: Whole) -> Iterator[Button]:
    if not (whole.number and whole.number.e164):
        return
    if whole.suppressed:
        asks = "Did they agree to be messaged again? What was stopped meanwhile is not sent by itself."
        yield Button("Take the number off the suppression list", "unsuppress", asks)
    else:
        asks = f"Send {_them(whole)} nothing any more, and take back what waits for this number?"
        yield Button("Suppress the number", "suppress", asks)
    yield Button("Erase this person", tone="bad", to=url_for("console.lead.erase", lead_id=whole.id))


def _them(whole: Whole) -> str:
    return whole.name or "this person"
