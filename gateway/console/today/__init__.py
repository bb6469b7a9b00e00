"""How it goes: leads in, messages out, and what needs a person now."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/today."""
    found = Blueprint("today", __name__)
    view = Today(desk)
    found.add_url_rule("/today", "show", view.show)
    return found


class Today:
    """How it goes: leads in, messages out, and what needs a person now."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        return render("sentence.html", title="Today", sentence="")
