"""Every lead, searched and filtered."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/leads."""
    found = Blueprint("leads", __name__)
    view = Leads(desk)
    found.add_url_rule("/leads", "show", view.show)
    return found


class Leads:
    """Every lead, searched and filtered."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        return render("sentence.html", title="Leads", sentence="")
