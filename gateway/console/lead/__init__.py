"""One lead: its whole story, and what a person may do with it."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/leads."""
    found = Blueprint("lead", __name__)
    view = OneLead(desk)
    found.add_url_rule("/leads/<int:lead_id>", "show", view.show)
    return found


class OneLead:
    """One lead: its whole story, and what a person may do with it."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self, lead_id: int) -> str:
        return render("sentence.html", title=f"l{lead_id}", sentence="")
