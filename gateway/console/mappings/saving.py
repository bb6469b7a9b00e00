"""Saving a mapping file, and what comes after it: the leads that waited for it."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.mappings.checking import check
from gateway.console.mappings.editor import Editor
from gateway.console.mappings.typed import typed_name, typed_text
from gateway.console.page import render
from gateway.console.words import span
from gateway.pipeline import saving, starting
from gateway.pipeline.saving import Conflict, Draft, Saved, Unwritable, Wrong
from gateway.store import versions
from gateway.store.console import acts

#: An answer of a view: a page and its status, or a way to one.
Answer = AnyResponse | tuple[str, int]


class Saving:
    """Under /console/mappings/: save, <file>/saved, <file>/take_up."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.editor = Editor(desk)

    def save(self) -> Answer:
        """Make the text in the editor live."""
        return self.keep(Draft(typed_name(), typed_text(), request.form.get("base", "")), "saved it")

    def keep(self, draft: Draft, did: str) -> Answer:
        """Save a draft, or show what is in the way. `did`: for the audit list, "saved it"."""

        def note(connection: Connection, version: int) -> None:
            self.desk.note(connection, f"{did} as version {version}", draft.file)

        outcome = saving.save(self.desk.ledger, draft, self.desk.settings, note)
        if isinstance(outcome, Saved):
            return redirect(url_for("console.mappings.saved", file=draft.file), 303)
        if isinstance(outcome, Conflict):
            return self._conflict(draft, outcome.theirs)
        if isinstance(outcome, Wrong):
            says = "It is not saved: mend what is listed first. What is live stays as it was."
            return self.editor.page(draft.file, draft.text, draft.base, says=says), 400
        return self._to_copy(draft, outcome)

    def _conflict(self, draft: Draft, theirs: str | None) -> Answer:
        if theirs is None:
            says = f"{draft.file} went away meanwhile, so it is not saved. Save it once more to make it again."
            return self.editor.page(draft.file, draft.text, "", says=says), 409
        return self.editor.page(draft.file, draft.text, draft.base, says=self._who(draft, theirs), theirs=theirs), 409

    def _who(self, draft: Draft, theirs: str) -> str:
        """Whose text stands where a draft was to go, in a sentence."""
        with self.desk.ledger.read() as connection:
            is_live = versions.live(connection)[1].get(draft.file) == theirs
            last = next(iter(acts.listing(connection, about=draft.file, limit=1)), None)
        if not draft.base:
            return f"There is a file {draft.file} already, so it is not saved."
        if is_live and last and last.at:
            ago = span((clock.now() - last.at).total_seconds())
            return f"{last.who} {last.did} {ago} ago, while you wrote; yours is not saved."
        return f"{draft.file} was changed outside the console while you wrote; yours is not saved."

    def _to_copy(self, draft: Draft, outcome: Unwritable) -> Answer:
        page = render("mapping_copy.html", file=draft.file, text=draft.text, base=draft.base, outcome=outcome)
        return page, 409

    def saved(self, file: str) -> str:
        """What is live now, and who waited for it."""
        with self.desk.ledger.read() as connection:
            live = self.desk.live(connection)
            text = versions.live(connection)[1].get(file)
            if text is None:
                abort(404, f"No mapping '{file}' is live.")
            change = versions.changes(connection)[file][-1]
            problems = check(self.desk, connection, file, text).own
            waiting = starting.waiting_for(connection, live, file)
        count = sum(one.leads for one in waiting)
        values = {"change": change, "problems": problems, "waiting": waiting, "count": count}
        return render("mapping_saved.html", file=file, most=starting.MOST, **values)

    def take_up(self, file: str) -> Answer:
        """Have the leads planned that came before there was this mapping."""
        with self.desk.ledger.read() as connection:
            waiting = starting.waiting_for(connection, self.desk.live(connection), file)

        def note(connection: Connection, count: int) -> None:
            leads = "the lead that waited" if count == 1 else f"{count} leads that waited"
            self.desk.note(connection, f"had {leads} for it planned", file)

        starting.take_up(self.desk.ledger, waiting, note)
        source = waiting[0].source if waiting else None
        form = waiting[0].form or None if len(waiting) == 1 else None
        return redirect(url_for("console.leads.show", source=source, form=form), 303)
