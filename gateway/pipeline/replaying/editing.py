"""A person changes what a lead answered, before it is planned again. What it answered first is kept beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import Connection

from gateway import clock, phone
from gateway.errors import GatewayError
from gateway.jsontext import clean
from gateway.mapping.fields import Field, find
from gateway.mapping.names import normal
from gateway.mapping.reader.check import choose
from gateway.mapping.rules import Mapping
from gateway.mapping.wording import joined
from gateway.model import Answer, Lead
from gateway.pipeline.planning import Live
from gateway.pipeline.replaying.wishes import Edit, Wish
from gateway.store import again
from gateway.store.leads import StoredLead


def edited(connection: Connection, stored: StoredLead, wish: Wish) -> StoredLead:
    """The lead with the answers that a person wants, stored. Raises GatewayError when they cannot be given."""
    lead, notes = stored.lead, []
    for edit in _named(wish, stored.lead):
        before = _answers_of(lead, edit.name)
        lead = answered(lead, edit)
        was = joined(before[0].value) if before else ""
        notes.append({"at": clock.now().isoformat(), "name": edit.name, "from": was, "to": clean(edit.text)})
    if not notes:
        return stored
    changed = replace(stored, lead=lead)
    again.edit(connection, changed, notes)
    return changed


def as_wished(lead: Lead, wish: Wish) -> Lead:
    """The lead with the answers that a person wants, not stored. Raises GatewayError when they cannot be given."""
    named = list(_named(wish, lead))
    for edit in named:
        lead = answered(lead, edit)
    return lead


def answered(lead: Lead, edit: Edit) -> Lead:
    """The lead with one answer changed, found by any of its names; else with one more.

    >>> from datetime import UTC, datetime
    >>> lead = Lead("website", "", datetime.now(UTC), answers=(Answer(("City", "q3"), "Pun"),))
    >>> [answer.value for answer in answered(answered(lead, Edit("city", "Pune")), Edit("size", "2")).answers]
    ['Pune', '2']
    """
    theirs, text = _answers_of(lead, edit.name), clean(edit.text)
    if not theirs:
        return replace(lead, answers=(*lead.answers, Answer((clean(edit.name),), text)))
    changed = (replace(answer, value=text) if answer in theirs else answer for answer in lead.answers)
    return replace(lead, answers=tuple(changed))


def _answers_of(lead: Lead, name: str) -> list[Answer]:
    exact = [answer for answer in lead.answers if name in answer.names]
    same = normal(name)
    return exact or [answer for answer in lead.answers if same and same in map(normal, answer.names)]


def _named(wish: Wish, lead: Lead) -> Iterator[Edit]:
    """The edits, each with the name of an answer."""
    for edit in wish.edits:
        if edit.name:
            yield edit
        elif wish.live:
            yield from _of_number(lead, edit.text, wish.live)


def _of_number(lead: Lead, typed: str, live: Live) -> list[Edit]:
    """Where the mapping looks for the number of a lead."""
    number = phone.read(typed)
    if not number.e164:
        raise GatewayError(f"--phone {number.reason}; write it with its country, like +919876543210.")
    mapping = choose(live.mappings, lead.source, lead.form)
    fields = [field for field in mapping.fields.values() if field.is_phone] if mapping else []
    if mapping is None or not fields:
        raise GatewayError(f"No mapping says where l{lead.id} has its number: name the answer, --set phone={typed}.")
    return [_of_field(field, lead, number.e164, mapping) for field in fields]


def _of_field(field: Field, lead: Lead, number: str, mapping: Mapping) -> Edit:
    known = {name for answer in lead.answers for name in answer.names}
    found = find(field, lead, mapping.country).answer
    places = [found] if found in known else [one.name for one in field.candidates if one.scope != "about"]
    for edit in (Edit(place, number) for place in places):
        if find(field, answered(lead, edit), mapping.country).value == number:
            return edit
    raise GatewayError(f"{mapping.file} does not take the number of l{lead.id} from its answers: use --set NAME=TEXT.")
