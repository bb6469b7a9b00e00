"""The mapping files: read, written, tried out and saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint

from gateway.console.desk import Desk
from gateway.console.mappings.editor import Editor
from gateway.console.mappings.listing import listing
from gateway.console.mappings.radius import Radii
from gateway.console.mappings.saving import Saving
from gateway.console.mappings.starting import Starting
from gateway.console.mappings.versions import Versions
from gateway.console.page import render

View = Callable[..., Any]


def pages(desk: Desk) -> Blueprint:
    """Under /console/mappings."""
    found = Blueprint("mappings", __name__)
    editor, saving = Editor(desk), Saving(desk)
    versions = Versions(desk, saving)
    found.add_url_rule("/mappings", "show", Mappings(desk).show)
    looked_at: tuple[View, ...] = (Starting(desk).new, editor.edit, saving.saved, versions.history)
    asked: tuple[View, ...] = (editor.check, editor.complete, editor.preview, saving.save, Radii(desk).radius)
    for view in looked_at:
        found.add_url_rule(_RULES[view.__name__], view.__name__, view)
    for view in asked:
        found.add_url_rule(f"/mappings/{view.__name__}", view.__name__, view, methods=["POST"])
    for view in (saving.take_up, versions.restore):
        found.add_url_rule(f"/mappings/<file>/{view.__name__}", view.__name__, view, methods=["POST"])
    return found


#: Where each page stands that is only looked at.
_RULES = {
    "new": "/mappings/new",
    "edit": "/mappings/<file>",
    "saved": "/mappings/<file>/saved",
    "history": "/mappings/<file>/history",
}


class Mappings:
    """All mapping files."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        with self.desk.ledger.read() as connection:
            found = listing(self.desk, connection)
        return render("mappings.html", found=found)
