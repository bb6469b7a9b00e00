"""What a change of the mappings does to one lead, or to one message that has not left. Nothing is sent or saved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from gateway.mapping.limits import CONSENT
from gateway.mapping.reader.check import choose
from gateway.model import Delivery, DeliveryState, Lead, Plan, PlanKind
from gateway.pipeline.planning import Live, changed, fate
from gateway.store.deliveries import Next


class Kind(StrEnum):
    """How two sides differ."""

    CAMPAIGN = "campaign"  #: Another campaign.
    TEXT = "text"  #: The same campaign, with other words.
    FOLLOW_UPS = "follow-ups"  #: The same first message, with others after it.
    SOMETHING = "something"  #: A message instead of none.
    NOTHING = "nothing"  #: None instead of a message.
    REASON = "reason"  #: Still none, but for another reason: nobody gets anything else.


#: Each in words.
WORDS = {
    Kind.CAMPAIGN: "another campaign",
    Kind.TEXT: "another text",
    Kind.FOLLOW_UPS: "other follow-ups",
    Kind.SOMETHING: "something instead of nothing",
    Kind.NOTHING: "nothing instead of something",
    Kind.REASON: "still nothing, for another reason",
}

#: Those in which a message stands on both sides.
BOTH = (Kind.CAMPAIGN, Kind.TEXT, Kind.FOLLOW_UPS)


@dataclass(frozen=True, slots=True)
class Side:
    """What one set of mappings makes of a lead or of a delivery."""

    state: str  #: "planned", "skipped", "unmapped", … of a lead; "cancelled" or "held" of a delivery.
    reason: str = ""
    file: str = ""  #: The mapping's; "" when none is for this form.
    rule: str = ""  #: "" when none was taken.
    call: Mapping[str, Any] = field(default_factory=dict)  #: Empty: nothing is sent.
    later: tuple[Plan, ...] = ()  #: The follow-ups.

    @property
    def campaign(self) -> str:
        """ "" when nothing is sent."""
        return str(self.call.get("campaignName", ""))

    @property
    def says(self) -> str:
        """In one clause: the campaign, or why there is none."""
        return self.campaign or f"nothing ({self.state}{self.reason and ': ' + self.reason})"


@dataclass(frozen=True, slots=True)
class Place:
    """One text of a call that changes; "" where none stands."""

    name: str  #: "templateParams[0]", "tags", "attributes.city", …
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """How one lead, or one delivery, fares under the changed mappings."""

    kind: Kind
    before: Side
    after: Side

    @property
    def rule(self) -> str:
        """The new rule's name, or the old one's where there is none now."""
        return self.after.rule or self.before.rule

    @property
    def file(self) -> str:
        return self.after.file or self.before.file

    @property
    def where(self) -> str:
        """The file and the rule, and the rule before if that was another one."""
        new, old = self.after.rule, self.before.rule
        rule = f", rule '{new}'" if new else ""
        before = f", no longer rule '{old}'" if old and old != new else ""
        return f"{self.file or 'no mapping'}{rule}{before}"

    @property
    def becomes(self) -> str:
        """What comes by itself of what has not left, once the change is live."""
        if self.kind in BOTH:
            return f"re-planned, {WORDS[self.kind]}"
        if self.kind is Kind.SOMETHING:
            return f"let go, {self.after.says}"
        still = "still " if self.kind is Kind.REASON else ""
        return f"{still}{self.after.state}, {self.after.reason}"

    @property
    def places(self) -> tuple[Place, ...]:
        """The texts of the call that change, in the order of the call."""
        old, new = (dict(_said(side)) for side in (self.before, self.after))
        rows = [Place(name, old.get(name, ""), new.get(name, "")) for name in old | new]
        return tuple(place for place in rows if place.before != place.after)


def of_lead(lead: Lead, before: Live, after: Live) -> Change | None:
    """What changes for a lead if it came under `after` and not under `before`; None when nothing does."""
    if _decided_alike(lead, before, after):
        return None
    return _between(_planned(lead, before), _planned(lead, after))


def of_delivery(delivery: Delivery, lead: Lead, before: Live, after: Live) -> Change | None:
    """What changes for a delivery that has not left: it follows its rule's name, not its lead."""
    return _between(_followed(delivery, lead, before), _followed(delivery, lead, after))


def sharing(before: Live, after: Live) -> Live:
    """`after`, holding the very mappings of `before` where they are equal: their leads are not planned at all."""
    known = {mapping.file: mapping for mapping in before.mappings}
    same = [known[new.file] if known.get(new.file) == new else new for new in after.mappings]
    return replace(after, mappings=tuple(same))


def _decided_alike(lead: Lead, before: Live, after: Live) -> bool:
    """Whether the same mapping decides under the same settings, so that there is nothing to compare."""
    chosen = choose(before.mappings, lead.source, lead.form)
    if chosen is None or chosen is not choose(after.mappings, lead.source, lead.form):
        return False
    return _around(before) == _around(after)


def _around(live: Live) -> tuple[str, str, str, tuple[str, ...]]:
    """What decides beside the mapping itself."""
    return live.country, live.fallback_name, live.common.consent, live.unreadable


def _planned(lead: Lead, live: Live) -> Side:
    became = fate(lead, live)
    if became.plan is None:
        return Side(became.state, became.reason)
    plan = became.plan
    if plan.no_consent:
        return _unwilling(plan)
    return Side(became.state, became.reason, plan.mapping, plan.rule, plan.call, plan.follow_ups)


def _unwilling(plan: Plan) -> Side:
    """What the gate makes of a plan for one who has not agreed to be messaged."""
    return Side(DeliveryState.SKIPPED, plan.no_consent, plan.mapping, plan.rule)


def _followed(delivery: Delivery, lead: Lead, live: Live) -> Side:
    made: Plan | Next = delivery.plan
    if delivery.mapping_version != live.version:
        made = changed(delivery, lead, live)
    if isinstance(made, Next):
        return Side(made.state, made.reason, delivery.mapping, delivery.rule)
    if made.no_consent and CONSENT not in delivery.waived:
        return _unwilling(made)
    return Side(delivery.state, "", made.mapping, made.rule, made.call if made.kind is PlanKind.CALL else {})


def _between(before: Side, after: Side) -> Change | None:
    kind = _kind(before, after)
    return Change(kind, before, after) if kind else None


def _kind(before: Side, after: Side) -> Kind | None:
    if before.call and after.call:
        if before.call == after.call:
            return None if _later(before) == _later(after) else Kind.FOLLOW_UPS
        return Kind.TEXT if before.campaign == after.campaign else Kind.CAMPAIGN
    if before.call or after.call:
        return Kind.SOMETHING if after.call else Kind.NOTHING
    return None if (before.state, before.reason) == (after.state, after.reason) else Kind.REASON


def _later(side: Side) -> list[tuple[Any, ...]]:
    """What the follow-ups come to."""
    return [(plan.after, plan.unless, plan.without_receipts, plan.reason, plan.call) for plan in side.later]


def _said(side: Side) -> Iterator[tuple[str, str]]:
    """Each text of the call and of its follow-ups under the name of its place."""
    yield from _texts(side.call)
    for number, plan in enumerate(side.later, 1):
        own = {"after": plan.after.says if plan.after else "", "unless": ", ".join(plan.unless)}
        own["without_receipts"] = "send" if plan.without_receipts else ""
        texts = [*own.items(), ("nothing, because", plan.reason), *_texts(plan.call)]
        yield from ((f"follow-up {number}: {name}", text) for name, text in texts if text)


def _texts(call: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each text of a campaign call under the name of its place; the tags, which have no fixed number, as one."""
    for key, value in call.items():
        if isinstance(value, Mapping):
            yield from ((f"{key}.{name}", str(text)) for name, text in value.items())
        elif key == "tags":
            yield key, ", ".join(value)
        elif isinstance(value, str):
            yield key, value
        else:
            yield from ((f"{key}[{at}]", _text(item)) for at, item in enumerate(value))


def _text(item: Any) -> str:
    """A parameter is its text; a button holds one."""
    return item if isinstance(item, str) else str(item["parameters"][0]["text"])
