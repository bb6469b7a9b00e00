"""What people did in the console."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request, url_for

from gateway.console.desk import Desk
from gateway.console.page import render
from gateway.store.console import acts, members
from gateway.store.console.acts import Act

#: Lines of one page.
_LINES = 50

#: The highest id that there can be.
_HIGHEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that somebody did."""

    act: Act
    about: str  #: In words: "lead l34".
    link: str  #: The page of what it is about; "" where there is none.


class Audit:
    """The audit list."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> str:
        about, who = request.args.get("about", "").strip(), request.args.get("who", "").strip()
        before = min(max(request.args.get("before", 0, int), 0), _HIGHEST)
        with self.desk.ledger.read() as connection:
            found = acts.listing(connection, about=about, who=who, before=before, limit=_LINES + 1)
            names = [one.name for one in members.listing(connection)]
        older = found[_LINES - 1].id if len(found) > _LINES else 0
        lines = [_line(act) for act in found[:_LINES]]
        return render(
            "audit.html", lines=lines, about=about, who=who, before=before, older=older, names=[*names, acts.SERVER]
        )


def _line(act: Act) -> Line:
    words, link = _about(act.about)
    return Line(act, words, link)


def _about(about: str) -> tuple[str, str]:
    """What a thing is called on the page, and its address."""
    if found := re.fullmatch(r"l(\d{1,18})", about):
        return f"lead {about}", url_for("console.lead.show", lead_id=int(found[1]))
    if re.fullmatch(r"[\w.-]+\.ya?ml", about):
        return about, url_for("console.mappings.edit", file=about)
    return about, ""
