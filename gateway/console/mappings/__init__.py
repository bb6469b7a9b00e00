"""The mapping files: read, written, tried out and saved."""

from __future__ import annotations

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.page import render


def pages(desk: Desk) -> Blueprint:
    """Under /console/mappings."""
    found = Blueprint("mappings", __name__)
    view = Mappings(desk)
    found.add_url_rule("/mappings", "show", view.show)
    return found


class Mappings:
    """The mapping files: read, written, tried out and saved."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        return render("sentence.html", title="Mappings", sentence="")
