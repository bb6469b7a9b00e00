"""Who may use the console, and what they did."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/people."""
    found = Blueprint("people", __name__)
    view = People(desk)
    found.add_url_rule("/people", "show", view.show)
    found.add_url_rule("/audit", "audit", view.show)
    return found


class People:
    """Who may use the console, and what they did."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        return render("sentence.html", title="People", sentence="")
