"""The page of one lead."""

from __future__ import annotations

from flask import Response, make_response, request
from werkzeug.wrappers import Response as AnyResponse

from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.lead.buttons import cures, more
from gateway.console.lead.links import mapping_link
from gateway.console.lead.outcomes import DONE
from gateway.console.lead.pieces import bubble
from gateway.console.lead.posted import posted, pretty
from gateway.console.lead.standing import hint, since, stands
from gateway.console.lead.story import story
from gateway.console.lead.whole import Whole, read
from gateway.console.page import poll, render, wants_part


class OneLead:
    """One lead: its whole story, and what a person may do with it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self, lead_id: int) -> str | Response:
        """The page; or, for the page that renews itself, its moving part."""
        whole = self._read(lead_id)
        if wants_part():
            return poll("lead_part.html", **self._values(whole))
        says = DONE.get(request.args.get("done", ""), "")
        return render("lead.html", done=says, **self._values(whole))

    def refuse(self, lead_id: int, says: str) -> AnyResponse:
        """The page once more, with the reason why nothing was done."""
        return make_response(render("lead.html", refused=says, **self._values(self._read(lead_id))), 409)

    def _read(self, lead_id: int) -> Whole:
        with self.desk.ledger.read() as connection:
            return read(connection, lead_id, self.desk.live(connection))

    def _values(self, whole: Whole) -> dict[str, object]:
        past, coming = story(whole)
        plan = whole.plan
        return {
            "whole": whole,
            "lead": whole.stored.lead,
            "plan": plan,
            "bubble": bubble(plan) if plan and plan.words else None,
            "past": past,
            "coming": coming,
            "stands": stands(whole),
            "hint": hint(whole),
            "since": since(whole),
            "cures": cures(whole, may_change=here.may_change()),
            "more": more(whole) if here.may_change() else [],
            "posted": posted,
            "pretty": pretty,
            "mapping_link": mapping_link,
        }
