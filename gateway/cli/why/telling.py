"""A person's story as plain values. Phone numbers are hidden unless they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

from gateway import phone
from gateway.model import DeliveryState, Lead, Plan, Value
from gateway.pipeline import origins
from gateway.pipeline.following.wording import due, whole_step
from gateway.pipeline.origins import Changes
from gateway.pipeline.person import Chapter, Message, Number, Story
from gateway.pipeline.person.reasons import why_nothing
from gateway.pipeline.person.unsent import World
from gateway.store.deliveries import NOT_LEFT
from gateway.store.phones import endings, hide

Told = dict[str, Any]


class Teller:
    """Tells one story: `told` is its JSON, but for moments, which are still moments."""

    def __init__(self, story: Story, world: World, changes: Changes, *, phones: bool) -> None:
        self.story = story
        self.world = world
        self.changes = changes
        self.phones = phones

    def told(self) -> Told:
        number = self.story.number
        return {
            "number": self._number(number) if number else "",
            "country_known": bool(number and number.digits),
            "summary": _summary(self.story),
            "suppressed": self.story.suppressed,
            "leads": [self._lead(chapter) for chapter in self.story.chapters],
        }

    def _number(self, number: Number) -> str:
        if self.phones:
            return number.e164 or number.written
        return phone.mask(number.e164) if number.e164 else hide(number.written)

    def _lead(self, chapter: Chapter) -> Told:
        stored, lead = chapter.stored, chapter.stored.lead
        why, own = why_nothing(chapter, self.world), self._endings(lead)
        again = [one.stored.lead.id for one in self.story.chapters if one.stored.duplicate_of == lead.id]
        return {
            "id": f"l{lead.id}",
            "event": f"e{stored.event_id}",
            "came": lead.received,
            "source": lead.source,
            "form": lead.form,
            "state": str(chapter.first.state if chapter.first else stored.state),
            "reason": self._said(chapter.first.reason if chapter.first else lead.reason, own),
            "answers": {answer.names[-1]: self._answer(answer.value) for answer in lead.answers},
            "due": stored.due,
            "duplicate_of": f"l{stored.duplicate_of}" if stored.duplicate_of else None,
            "duplicates": [f"l{number}" for number in again],
            "plan": self._plan(chapter),
            "deliveries": [self._delivery(message, own) for message in chapter.messages],
            "why_nothing": self._said(why.sentence, own) if why else "",
            "cure": why.cure if why else "",
        }

    def _plan(self, chapter: Chapter) -> Told | None:
        if chapter.plan is None:
            return None
        first = chapter.first
        made_by = origins.of_delivery(first, self.changes) if first else None
        return _of_plan(chapter.plan, made_by or origins.of_lead(chapter.stored, chapter.plan, self.changes))

    def _delivery(self, message: Message, own: Collection[str]) -> Told:
        one = message.delivery
        tries = [
            {
                "started": row["started_at"],
                "outcome": row["outcome"],
                "status": row["status"],
                "tag": row["tag"],
                "text": self._said(row["text"], own),
            }
            for row in message.attempts
        ]
        stop = self.world.stops.get(one.hold)
        return {
            "id": f"d{one.id}",
            "step": one.step,
            "message": whole_step(one),
            "made": one.created,
            "campaign": one.campaign,
            "phone": one.destination if self.phones else phone.mask(one.destination),
            "plan": _of_plan(one.plan, origins.of_delivery(one, self.changes)),
            "state": str(one.state),
            "reason": self._said(one.reason, own),
            "changed": one.changed,
            "due": due(one),
            "hold": one.hold,
            "stopped_since": stop.since if stop else None,
            "tried_next": stop.probe if stop else None,
            "attempts": tries,
            "settled_by": one.settled_by,
            "receipts": [
                {"at": each.happened or each.received, "kind": each.kind, "reason": self._said(each.reason, own)}
                for each in message.receipts
            ],
        }

    def _endings(self, lead: Lead) -> Collection[str]:
        """What the person's own numbers end in, here and in the other leads."""
        typed = endings(answer.value for answer in lead.answers)
        return typed | ({self.story.number.ending} if self.story.number else set())

    def _answer(self, value: Value) -> Value:
        if self.phones:
            return value
        return hide(value) if isinstance(value, str) else tuple(hide(text) for text in value)

    def _said(self, text: str, own: Collection[str]) -> str:
        """A sentence; forms and other things that have long numbers keep them."""
        return text if self.phones else hide(text, own)


def _of_plan(plan: Plan, made_by: Told) -> Told:
    return {"kind": str(plan.kind), "mapping": plan.mapping, "rule": plan.rule, "line": plan.line} | made_by


def _summary(story: Story) -> str:
    """ "3 leads, 1 message accepted, 1 held, 2 follow-ups to come"."""
    firsts = [one.state for chapter in story.chapters for one in chapter.made if one.step == 0]
    later = [one.state for chapter in story.chapters for one in chapter.made if one.step]
    coming = sum(state in NOT_LEFT for state in later)
    said = _counted("message", firsts) or ["no message"]
    said += [f"{coming} follow-up{'s' * (coming > 1)} to come"] if coming else []
    said += _counted("follow-up", [state for state in later if state not in NOT_LEFT])
    return ", ".join([f"{story.count} lead{'s' * (story.count != 1)}", *said])


def _counted(noun: str, states: Sequence[DeliveryState]) -> list[str]:
    """ "2 messages accepted", "1 held"."""
    counts = Counter(states)
    order = sorted(counts, key=lambda state: (state is not DeliveryState.ACCEPTED, list(DeliveryState).index(state)))
    said = [f"{counts[state]} {state}" for state in order]
    return [f"{counts[order[0]]} {noun}{'s' * (counts[order[0]] > 1)} {order[0]}", *said[1:]] if order else []
