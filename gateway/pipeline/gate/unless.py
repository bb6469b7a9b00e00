"""`unless`: a follow-up is not sent once the person has replied, or come again."""

from __future__ import annotations

from collections.abc import Iterator

from gateway import phone
from gateway.model import DeliveryState
from gateway.phone.places import country_of
from gateway.pipeline.gate.case import ALL, Case
from gateway.store import held, leads, people, phones, receipts
from gateway.store.deliveries import Next
from gateway.store.leads import NOT_PEOPLE

REPLIED, AGAIN = "replied", "submitted again"


def judge(case: Case) -> Next | None:
    """Whether a follow-up's conditions still hold."""
    unless = case.delivery.plan.unless
    if not case.delivery.step or not unless or ALL in case.delivery.waived:
        return None
    if reason := next(filter(None, _reasons(case)), ""):
        return Next(DeliveryState.CANCELLED, reason, "unless")
    if REPLIED in unless and not case.delivery.plan.without_receipts and not receipts.ever(case.connection):
        reason = "no receipt has ever come from AiSensy, so nobody can know whether the person replied"
        return Next(DeliveryState.HELD, reason, "receipts", hold=held.RECEIPTS)
    return None


def _reasons(case: Case) -> Iterator[str]:
    unless = case.delivery.plan.unless
    if REPLIED in unless:
        yield _replied(case)
    if set(unless) - {REPLIED}:
        yield from _came_again(case)


def _came_again(case: Case) -> Iterator[str]:
    unless = case.delivery.plan.unless
    for lead_id, file, rule in sorted(_later(case)):
        if AGAIN in unless:
            yield f"the person submitted again, as l{lead_id}"
        if file == case.delivery.mapping and rule in unless:
            yield f"the rule '{rule}' took l{lead_id} of the same person"


def _replied(case: Case) -> str:
    left = people.first_left(case.connection, case.delivery.lead_id, case.delivery.round)
    wrote = left and receipts.replied_since(case.connection, case.delivery.destination, left)
    return "the person replied" if wrote else ""


def _later(case: Case) -> Iterator[tuple[int, str, str]]:
    """The person's later leads, each with the mapping and the rule that took it."""
    yield from people.planned_later(case.connection, case.delivery.destination, case.delivery.lead_id)
    for one in _others(case):
        yield (one.lead.id, one.plan.mapping, one.plan.rule) if one.plan else (one.lead.id, "", "")


def _others(case: Case) -> list[leads.StoredLead]:
    """Later leads that typed this number and got no message: a rule skips them, say."""
    number = case.delivery.destination
    ids = [lead_id for lead_id in phones.leads_of(case.connection, number) if lead_id > case.delivery.lead_id]
    return [
        one
        for one in leads.load(case.connection, ids)
        if one.state not in NOT_PEOPLE and _typed(number, [answer.value for answer in one.lead.answers])
    ]


def _typed(number: str, values: list[str | tuple[str, ...]]) -> bool:
    country = country_of(number)
    return any(phone.read(typed, country).e164 == number for typed in phones.numbers(values))
