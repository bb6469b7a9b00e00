"""How it stands with a lead, in one sentence, and what would help."""

from __future__ import annotations

from datetime import datetime

from gateway.console.lead.buttons import of_person
from gateway.console.lead.whole import Whole
from gateway.model import Delivery, DeliveryState
from gateway.pipeline.person.unsent import Cure, Stop
from gateway.store.holds import Hold

#: What WhatsApp's furthest word means.
_RECEIPTS = {
    "sent": "WhatsApp has sent it on",
    "delivered": "it reached the person's phone",
    "read": "the person has read it",
    "failed": "but WhatsApp could not deliver it",
}
#: What helps, by what can be done.
_HINTS = (
    (Cure.RESOLVE, "Look for the message in AiSensy, then say here what became of it."),
    (Cure.BEGIN, "Once the form has a mapping, replay this lead."),
    (Cure.START, "What sends messages does not seem to run."),
)


def stands(whole: Whole) -> str:
    """How it stands."""
    if whole.stored.erased:
        return "Its person was erased. That it came, and what became of it, is all that is left."
    first, stop = whole.chapter.first, _stop(whole)
    if first and stop:
        return _stopped(whole, first, stop)
    if whole.why:
        return _sentence(whole.why.sentence)
    if first is None or first.state is not DeliveryState.ACCEPTED:
        return "AiSensy accepted one of its messages."
    return _accepted(first)


def since(whole: Whole) -> datetime | None:
    """Since when it is stopped; None where it is not."""
    stop = _stop(whole)
    return stop.since if stop else None


def hint(whole: Whole) -> str:
    """What a person can do about it, beside its buttons; "" where they say it."""
    can = whole.why.can if whole.why else ()
    if _stop(whole):
        return (
            whole.account[1] or "Mend the campaign in AiSensy, or the mapping that calls it; the message then leaves."
        )
    if of_person(whole):
        return "Correct what was typed; the lead is then planned again."
    if can == (Cure.MAPPING,):
        return "Mend the mapping; it then goes on by itself."
    if Cure.MAPPING in can:
        return "If that is not right, mend the mapping, then replay this lead."
    return next((says for cure, says in _HINTS if cure in can), "")


def _stop(whole: Whole) -> Stop | None:
    """What stops the message."""
    first = whole.chapter.first
    held = first is not None and first.state is DeliveryState.HELD
    return whole.world.stops.get(first.hold) if first and held else None


def _stopped(whole: Whole, first: Delivery, stop: Stop) -> str:
    if first.hold.startswith(f"{Hold.CONTRACT} "):
        return f"It is not what its campaign wants: {_sentence(stop.reason)}"
    what = whole.account[0] or f"the {first.hold} is stopped"
    return f"{_sentence(what)} AiSensy says: “{stop.reason.rstrip('.!')}”."


def _accepted(first: Delivery) -> str:
    word = _RECEIPTS.get(first.receipt, "")
    said = f"; {word}" if word else ", no receipt from WhatsApp has come yet"
    because = f": {first.receipt_reason}" if first.receipt == "failed" and first.receipt_reason else ""
    return f"AiSensy accepted the message{said}{because}."


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + "." * (not text.endswith((".", "!", "?")))
