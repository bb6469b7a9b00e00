"""A first mapping for a form, written from the leads that it sent; nothing is saved before a person does."""

from __future__ import annotations

from typing import Any

from flask import abort, redirect, request, url_for

from gateway.console.desk import Desk
from gateway.console.mappings.editor import Editor
from gateway.console.mappings.saving import Answer
from gateway.console.page import render
from gateway.jsontext import clean
from gateway.mapping.contracts import words
from gateway.mapping.reader.head import wrong_form
from gateway.mapping.starter import First, Form, example, first_mapping, sayable
from gateway.pipeline.saving import Ground
from gateway.pipeline.starting import Forms, seen

#: Examples of an answer that are shown.
_EXAMPLES = 3


class Starting:
    """Under /console/mappings/new."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.editor = Editor(desk)

    def new(self) -> Answer:
        """Choose a form, then its campaign; then its first mapping stands in the editor."""
        source, form = request.args.get("source", ""), request.args.get("form", "")
        campaign = clean(request.args.get("campaign", "").strip())
        with self.desk.ledger.read() as connection:
            forms = Forms.of(connection, Ground.of(connection, self.desk.settings).files)
            if not source:
                return render("mapping_new.html", waiting=_free(forms), form=None), 200
            if file := forms.file_for(source, form):
                return redirect(url_for("console.mappings.edit", file=file))
            found = next((one for one in forms.waiting if (one.source, one.form) == (source, form)), None)
            if found is None:
                abort(404, "No lead of this form waits for a mapping. Send one first: the page Connect says how.")
            shape, _event = seen(connection, source, form)
        if form and (reason := _fault(form)):
            abort(404, f"No mapping can be for this form: {reason}.")
        made = first_mapping(shape, forms.wanted(campaign), self.desk.settings.text("GATEWAY_COUNTRY"))
        if "campaign" not in request.args:
            return self._ask(forms, shape, made, found.leads), 200
        return self._edit(forms, shape, made, found.leads), 200

    def _ask(self, forms: Forms, shape: Form, made: First, leads: int) -> str:
        """Which campaign, beside what the leads answered."""
        answers: list[dict[str, Any]] = [
            {"name": given.called, "leads": given.leads, "use": made.uses[given.names[0]]}
            | {"examples": [example(value) for value in given.different[:_EXAMPLES]]}
            for given in shape.answers
        ]
        known = [(name, words(contract)) for name, contract in sorted(forms.campaigns.items())]
        only = forms.wanted("").campaign
        values = {"answers": answers, "known": known, "only": only, "leads": leads}
        return render("mapping_new.html", waiting=[], form=shape, **values)

    def _edit(self, forms: Forms, shape: Form, made: First, leads: int) -> str:
        count = "the lead" if leads == 1 else f"the {leads:,} leads"
        says = f"A first mapping, written from {count} that came. Nothing is saved yet."
        if "<choose" in made.text:
            says += " Fill in the places that say <choose …> first."
        return self.editor.page(forms.free_name(shape.source, shape.form), made.text, "", says=says)


def _free(forms: Forms) -> list[Any]:
    """The forms that wait and have no file."""
    return [one for one in forms.waiting if not forms.file_for(one.source, one.form)]


def _fault(form: str) -> str:
    """Why no mapping can name a form; "" when one can."""
    return wrong_form(form) or ("" if sayable(form) else "its name cannot be written in a mapping")
