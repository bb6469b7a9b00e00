"""The answers of a lead, changed by a person, tried out, and replayed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import make_response, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.entrance.doorman import only_asks
from gateway.console.lead.doing import back, one_more_already
from gateway.console.lead.links import mapping_link
from gateway.console.lead.pieces import bubble
from gateway.console.lead.whole import Whole, read
from gateway.console.page import render
from gateway.errors import GatewayError
from gateway.jsontext import clean
from gateway.mapping.wording import joined
from gateway.model import Answer, Lead, Plan
from gateway.pipeline.planning import Live, fate
from gateway.pipeline.replaying import Edit, Wish, replay
from gateway.pipeline.replaying.editing import as_wished
from gateway.pipeline.replaying.rehearsing import rehearse
from gateway.store.phones import hide

#: The fields of the form: each answer has its number, and there may be one more.
_ANSWER, _NAME, _TEXT, _PHONE = "answer-{}", "new-name", "new-text", "phone"

#: The most of a question that the audit list keeps.
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Field:
    """An answer in the form."""

    name: str  #: Of the form's field.
    label: str
    names: tuple[str, ...]  #: Every name that a mapping may use for it.
    text: str  #: As it stands there; "" where it is hidden.
    hidden: str  #: What stands in its place; "" where it is shown.


@dataclass(frozen=True, slots=True)
class Trial:
    """What would come of the changed answers."""

    says: str
    plan: Plan | None


class Editing:
    """The form, what would come of it, and doing it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def form(self, lead_id: int) -> str:
        """The answers as they are."""
        return self._page(self._read(lead_id)[0])

    @only_asks
    def preview(self, lead_id: int) -> AnyResponse:
        """What would be sent with the answers as they stand in the form; nothing is changed."""
        whole, live = self._read(lead_id)
        try:
            trial = self._tried(whole, live)
        except GatewayError as error:
            return self._refuse(whole, str(error))
        return make_response(self._page(whole, trial=trial))

    def save(self, lead_id: int) -> AnyResponse:
        """Change the answers and replay the lead."""
        whole, live = self._read(lead_id)
        edits = _edits(whole.stored.lead)
        if not edits:
            return self._refuse(whole, "Nothing was changed, so nothing was done.")
        wish = Wish(again="again" in request.form, edits=edits, live=live)
        try:
            says = self._saved(lead_id, wish)
        except GatewayError as error:
            return self._refuse(whole, str(error))
        return self._refuse(whole, says) if says else back(lead_id, "edited")

    def _saved(self, lead_id: int, wish: Wish) -> str:
        """Why nothing was done; "" when it was."""
        with self.desk.ledger.write("edit and replay") as connection:
            done = one_more_already(connection, lead_id) or replay(connection, f"l{lead_id}", wish)[0]
            if done.done:
                self.desk.note(connection, f"changed {_named(wish)} and replayed it", f"l{lead_id}")
        subject = "the message" if done.id.startswith("d") else "this lead"
        return "" if done.done else f"Nothing was done: {subject} {done.says}."

    def _tried(self, whole: Whole, live: Live) -> Trial:
        edits = _edits(whole.stored.lead)
        wish = Wish(again=bool(whole.sent), edits=edits, live=live)
        became = fate(as_wished(whole.stored.lead, wish), live)
        with self.desk.ledger.write("look ahead") as connection:
            [(done, then)] = rehearse(connection, [f"l{whole.id}"], wish, live)
        says = f"With these answers it {then}." if done.done else f"Nothing would be done: it {done.says}."
        return Trial(says, became.plan)

    def _read(self, lead_id: int) -> tuple[Whole, Live]:
        with self.desk.ledger.read() as connection:
            live = self.desk.live(connection)
            return read(connection, lead_id, live), live

    def _refuse(self, whole: Whole, says: str) -> AnyResponse:
        return make_response(self._page(whole, says=says), 409)

    def _page(self, whole: Whole, says: str = "", trial: Trial | None = None) -> str:
        return render(
            "lead_edit.html",
            whole=whole,
            fields=list(_fields(whole.stored.lead)),
            typed=request.form,
            says=says,
            trial=trial,
            bubble=bubble(trial.plan) if trial and trial.plan and trial.plan.words else None,
            mapping_link=mapping_link,
        )


def _fields(lead: Lead) -> Iterator[Field]:
    for number, answer in enumerate(lead.answers):
        text = joined(answer.value)
        shows = here.shows_phones() or hide(text) == text
        name = _ANSWER.format(number)
        yield Field(name, answer.names[-1], answer.names, text if shows else "", "" if shows else hide(text))


def _edits(lead: Lead) -> tuple[Edit, ...]:
    """What stands in the form otherwise than in the lead. A hidden answer that is left empty stays as it is."""
    answers = [_edit(answer, field) for answer, field in zip(lead.answers, _fields(lead), strict=True)]
    found = [edit for edit in answers if edit is not None]
    if name := clean(_typed(_NAME)):
        found.append(Edit(name, _typed(_TEXT)))
    if number := _typed(_PHONE):
        found.append(Edit("", number))
    return tuple(found)


def _named(wish: Wish) -> str:
    """What is changed, for the audit list; a person may type a number where a question is meant."""
    return ", ".join(f"'{hide(edit.name)[:_LONGEST]}'" if edit.name else "the phone number" for edit in wish.edits)


def _edit(answer: Answer, field: Field) -> Edit | None:
    typed = _typed(field.name) if field.name in request.form else field.text
    return None if typed == field.text.strip() else Edit(answer.names[0], typed)


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()
