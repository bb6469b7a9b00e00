"""Whether all is well: sources, campaigns, the account, the queue, the disk."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/health."""
    found = Blueprint("health", __name__)
    view = Health(desk)
    found.add_url_rule("/health", "show", view.show)
    return found


class Health:
    """Whether all is well: sources, campaigns, the account, the queue, the disk."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        return render("sentence.html", title="Health", sentence="")
