"""Each source: what to paste where, and whether it came through."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/connect."""
    found = Blueprint("connect", __name__)
    view = Connect(desk)
    found.add_url_rule("/connect", "show", view.show)
    return found


class Connect:
    """Each source: what to paste where, and whether it came through."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        return render("sentence.html", title="Connect", sentence="")
