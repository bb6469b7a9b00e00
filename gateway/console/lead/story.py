"""What happened to a lead, moment by moment, the oldest first; what is to come stands at the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.console.lead.whole import Whole
from gateway.mapping.later import when
from gateway.model import Delivery, DeliveryState, EventState, LeadState
from gateway.pipeline import origins
from gateway.pipeline.following.wording import step
from gateway.pipeline.person import Message
from gateway.store import held
from gateway.store.deliveries import CLOSED, NOT_LEFT, OPEN_STATES
from gateway.store.receipts import REPLY

#: What came of a try: its words and its tone.
_CAME = {
    "": ("the call left, and no answer has come yet", "wait"),
    "accepted": ("AiSensy took it", "good"),
    "transient": ("not now", "warn"),
    "unknown": ("nobody knows whether AiSensy took it", "warn"),
    "recipient": ("AiSensy refused this person", "bad"),
    "config": ("AiSensy refused the campaign call", "bad"),
    "account": ("AiSensy refused the account", "bad"),
}
#: What WhatsApp says: its words and its tone.
_WHATSAPP = {
    "sent": ("WhatsApp sent it", "good"),
    "delivered": ("It reached the person's phone", "good"),
    "read": ("The person read it", "good"),
    "failed": ("WhatsApp could not deliver it", "bad"),
    REPLY: ("The person replied", "good"),
}
#: What became of a call without a try that tells it.
_BECAME = {
    DeliveryState.HELD: ("is held", "warn"),
    DeliveryState.FAILED: ("failed for good", "bad"),
    DeliveryState.UNCERTAIN: ("is uncertain", "warn"),
    DeliveryState.CANCELLED: ("was taken back", "calm"),
    DeliveryState.SKIPPED: ("was stopped by a limit", "calm"),
}
_SETTLED = {"receipt": "WhatsApp's receipt settled it", "person": "a person said so"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened, or is to come."""

    at: datetime
    says: str
    tone: str = "calm"  #: "good", "wait", "warn", "bad" or "calm".
    note: str = ""  #: More in a sentence; phone numbers in it are hidden.
    kind: str = ""  #: What `item` is: "event", "answers", "plan", "try", "receipt" or "coming"; "" for nothing.
    item: Any = None
    rank: int = 0  #: What comes first of what happened together.


def story(whole: Whole) -> tuple[list[Moment], list[Moment]]:
    """What happened, and what is to come."""
    every = list(_every(whole))
    past = sorted((one for one in every if one.kind != "coming"), key=lambda one: (one.at, one.rank))
    return past, sorted((one for one in every if one.kind == "coming"), key=lambda one: (one.at, one.rank))


def _every(whole: Whole) -> Iterator[Moment]:
    yield from _came(whole)
    yield from _decided(whole)
    for message in whole.chapter.messages:
        yield from _message(whole, message)
    for edit in whole.stored.edits:
        note = f"from “{edit['from'] or 'nothing'}” to “{edit['to'] or 'nothing'}”"
        yield Moment(datetime.fromisoformat(edit["at"]), f"A person changed '{edit['name']}'", note=note)
    for act in whole.acts:
        if act.at:
            yield Moment(act.at, f"{act.who} {act.did}", rank=-1)
    for copy in whole.copies:
        yield Moment(copy.lead.received, "The same submission came again", kind="copy", item=copy.lead.id)


def _came(whole: Whole) -> Iterator[Moment]:
    lead, event = whole.stored.lead, whole.event
    place = f"{lead.source}, form '{lead.form}'" if lead.form else lead.source
    yield Moment(event.received, f"Posted by {place}", kind="event", item=event)
    if whole.stored.erased:
        yield Moment(whole.stored.erased, "Its person was erased", note="What they typed and were sent is gone.")
    elif lead.answers:
        count = len(lead.answers)
        yield Moment(event.received, f"Read: {count} answer{'s' * (count != 1)}", kind="answers", item=lead, rank=1)
    elif event.state is EventState.READ:
        yield Moment(event.received, f"Read: its answers must be asked for at {lead.source}", rank=1)


def _decided(whole: Whole) -> Iterator[Moment]:
    """What became of a lead that has no message of its own now."""
    stored = whole.stored
    if stored.state is LeadState.PLANNED or stored.erased or whole.why is None:
        return
    if stored.state is LeadState.WAITING and stored.due:
        yield Moment(stored.due, "It goes on by itself", "wait", note=stored.lead.reason, kind="coming")
    elif stored.plan:
        yield Moment(whole.event.received, _decision(whole), "warn", kind="plan", item=_planned(whole, None), rank=2)
    else:
        yield Moment(whole.event.received, "Nothing is sent", "warn", note=stored.lead.reason, rank=2)


def _decision(whole: Whole) -> str:
    plan = whole.stored.plan
    if plan and plan.rule:
        return f"Rule '{plan.rule}' took it, and nothing is sent"
    return f"No rule of {plan.mapping} fits" if plan else "Nothing is sent"


def _message(whole: Whole, message: Message) -> Iterator[Moment]:
    one = message.delivery
    called = "The message" if one.step == 0 else f"Follow-up {one.step}"
    if one.step == 0:
        again = f", in round {one.round}" if one.round > 1 else ""
        says = f"Planned by rule '{one.rule}'{again}: campaign {one.campaign}"
        yield Moment(one.created, says, kind="plan", item=_planned(whole, one), rank=2)
    for number, row in enumerate(message.attempts, 1):
        words, tone = _CAME.get(row["outcome"], ("AiSensy refused it", "bad"))
        note = "" if row["outcome"] == "accepted" else row["text"]
        yield Moment(row["started_at"], f"{called}, try {number}: {words}", tone, note, "try", row, rank=3)
    yield from _now(message, called)
    for receipt in message.receipts:
        words, tone = _WHATSAPP.get(receipt.kind, (receipt.kind, "calm"))
        of = f" (follow-up {one.step})" * bool(one.step)
        at = receipt.happened or receipt.received
        yield Moment(at, f"{words}{of}", tone, receipt.reason, "receipt", receipt, rank=5)


def _now(message: Message, called: str) -> Iterator[Moment]:
    """How it stands with a call, where no try tells it."""
    one = message.delivery
    if one.state in NOT_LEFT and (one.state in OPEN_STATES or one.hold == held.STEP):
        says = "It leaves" if one.step == 0 else _coming(one)
        yield Moment(one.due, says, "wait", one.reason, "coming", one)
    elif one.state is DeliveryState.HELD and one.step:
        yield Moment(one.due, f"{_coming(one)}; it is held", "warn", one.reason, "coming", one)
    elif one.state in _BECAME and not _is_told(message):
        words, tone = _BECAME[one.state]
        told = bool(message.attempts) and message.attempts[-1]["text"] == one.reason
        yield Moment(one.changed, f"{called} {words}", tone, "" if told else one.reason, rank=4)
    elif one.settled_by and one.state is DeliveryState.ACCEPTED:
        yield Moment(one.changed, f"{called} counts as sent: {_SETTLED[one.settled_by]}", "good", rank=4)


def _is_told(message: Message) -> bool:
    """Whether the last try says what became of the call."""
    one, tries = message.delivery, message.attempts
    refused = one.state in CLOSED or one.state is DeliveryState.UNCERTAIN
    return bool(tries) and refused and not one.settled_by and tries[-1]["text"] == one.reason


def _coming(one: Delivery) -> str:
    return f"{step(one).capitalize()}, {when(one.plan)}"


def _planned(whole: Whole, one: Delivery | None) -> dict[str, Any]:
    """A plan, and which text of the mapping made it."""
    plan = one.plan if one else whole.stored.plan
    made_by = origins.of_delivery(one, whole.changes) if one else origins.of_lead(whole.stored, plan, whole.changes)
    return {"plan": plan, "version": _version(made_by)}


def _version(made_by: Mapping[str, Any]) -> str:
    """Which text of the mapping made a plan; "" where nobody knows."""
    planned, follows = made_by["planned_by"], made_by["follows"]
    if planned is None:
        return ""
    again = f", planned again by version {follows['version']}" if follows != planned else ""
    return f"version {planned['version']}{again}"
