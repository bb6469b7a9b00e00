"""`once_per_person`, `no_more_than`, and the pause between two calls to one number."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.model import DeliveryState
from gateway.pipeline.following.timing import SPACING
from gateway.pipeline.gate.case import DAY, Case
from gateway.pipeline.gate.words import about, exactly
from gateway.store import people
from gateway.store.deliveries import Next
from gateway.store.people import Message

_HOUR = timedelta(hours=1)
_MOMENT = timedelta(seconds=1)

_WHAT_BECAME = {DeliveryState.ACCEPTED: "was sent", DeliveryState.SENDING: "is being sent"}


def once(case: Case) -> Next | None:
    """The same campaign goes to a person once; the calls that one lead was planned with are one thing."""
    window = case.limits.once_per_person
    if window is None or case.lifted("once_per_person"):
        return None
    same = [one for one in case.sent(window) if one.campaign == case.delivery.campaign and not _is_own(one, case)]
    if not same:
        return None
    reason = f"once per person: {_told(same[-1], case.now)}; the limit is {exactly(window)}"
    return Next(DeliveryState.SKIPPED, reason, "once_per_person")


def a_day(case: Case) -> Next | None:
    """A person gets so many calls a day, of whatever campaign."""
    most = case.limits.per_person_a_day
    if most is None or case.lifted("no_more_than"):
        return None
    sent = case.sent(DAY)
    if len(sent) < most:
        return None
    last = f"the last was '{sent[-1].campaign}' for l{sent[-1].lead_id}" if sent else "none may be sent"
    reason = f"no more than {most} per person per day: {last}"
    return Next(DeliveryState.SKIPPED, reason, "no_more_than")


def an_hour(case: Case) -> Next | None:
    """A rule makes so many calls an hour; the others leave one after the other, as there is room."""
    most = case.limits.per_rule_an_hour
    if most is None or case.lifted("no_more_than"):
        return None
    of_rule = case.connection, case.delivery.mapping, case.delivery.rule
    just_now = [case.now] * case.known.by_rule[of_rule[1:]]  # marked, but not yet written down
    earlier = people.sent_by_rule(*of_rule, case.now - _HOUR, most, but=case.known.claimed)
    sent = [*just_now, *earlier][:most]
    if len(sent) < most:
        return None
    promised = people.waiting_by_rule(*of_rule, case.now, most)
    room = sorted([*sent, *promised])[-most] + _HOUR
    reason = f"no more than {most} per rule per hour: it leaves when there is room"
    return Next(DeliveryState.SCHEDULED, reason, "no_more_than", due=_later(room, case.now))


def spacing(case: Case) -> Next | None:
    """Two calls to one number are never close together, whatever they are for."""
    sent = case.sent(SPACING)
    if not sent:
        return None
    last = min(sent[-1].left, case.now)  # the clock may have been set back
    reason = f"it waits: another message has just left for this number (l{sent[-1].lead_id})"
    return Next(DeliveryState.SCHEDULED, reason, "spacing", due=_later(last + SPACING, case.now))


def _is_own(one: Message, case: Case) -> bool:
    return (one.lead_id, one.round) == (case.delivery.lead_id, case.delivery.round)


def _told(one: Message, now: datetime) -> str:
    when = "" if one.state is DeliveryState.SENDING else f" {about(now - one.left)} ago"
    return f"l{one.lead_id} ({one.source}) {_WHAT_BECAME.get(one.state, 'may have been sent')} '{one.campaign}'{when}"


def _later(due: datetime, now: datetime) -> datetime:
    return max(due, now + _MOMENT)
