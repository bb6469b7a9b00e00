"""The list: one page of it, and how to go on."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, replace
from typing import Any

from flask import abort, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.leads.again import REPLAYABLE
from gateway.console.leads.asked import GROUPS, NAMELESS, SINGLE, Asked, says
from gateway.console.leads.days import QUICK
from gateway.console.leads.shown import shown
from gateway.console.page import render
from gateway.console.stopped import plainly
from gateway.store import deliveries, found, leads
from gateway.store.found import Looked, Reach, Wanted

#: Leads on one page, and the most that are counted.
ROWS, COUNTED = 50, 1_000

#: Seconds for which the forms and campaigns to choose from are kept.
_KEPT = 20.0

#: The states that are one click away.
_NEAR = ("", "needs", "waiting", "held", "failed", "accepted")

#: No id is higher: it is what a database keeps as one.
_HIGHEST = 2**31 - 1

_ID = re.compile(r"([eld])([0-9]{1,18})", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Choices:
    """What there is to choose from."""

    forms: list[tuple[str, str]]  #: (source, form)
    campaigns: list[str]

    @property
    def sources(self) -> list[str]:
        return list(dict.fromkeys(source for source, _form in self.forms))


@dataclass(frozen=True, slots=True)
class Turned:
    """One page that was looked up."""

    ids: tuple[int, ...]  #: The newest first.
    count: str  #: How many there are in all, in words; "" where nobody counted.
    newer: int = 0  #: The links go on from these ids; 0: there is none.
    older: int = 0
    further: bool = False  #: Not all was looked through, and fewer than a page were found.


class Listing:
    """Every lead, searched and filtered."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.choices: tuple[float, Choices] | None = None

    def show(self) -> str | Response:
        asked = Asked.of(request.args)
        reach = Reach(before=_id("before"), after=_id("after"))
        with self.desk.ledger.read() as connection:
            if there := self._named(connection, asked.text):
                return redirect(there)
            turned = turn(connection, asked, reach)
            plain = plainly(connection)
            rows = [shown(one, plain) for one in found.load(connection, turned.ids)]
            choices = self._choices(connection)
        return render("leads.html", rows=rows, turned=turned, asked=asked, **self._more(asked, choices))

    def _more(self, asked: Asked, choices: Choices) -> dict[str, Any]:
        """What stands around the rows."""
        again = len(asked.states) == 1 and asked.states[0] in REPLAYABLE and here.may_change()
        return {
            "choices": choices,
            "chips": list(asked.chips()),
            "near": [(state, says(state).capitalize() if state else "All") for state in _NEAR],
            "single": [(str(state), says(state)) for state in (*GROUPS, *SINGLE)],
            "quick": QUICK,
            "nameless": NAMELESS,
            "again": again,
            "address": url_for("console.leads.show", _external=True, **asked.args),
            "most": ROWS,
        }

    def _named(self, connection: Connection, text: str) -> str:
        """Where the page is of what is named by its id: l34, e12, d56; "" where none is. 404 where there is none."""
        match = _ID.fullmatch(text)
        if not match:
            return ""
        kind, number = match[1].lower(), min(int(match[2]), _HIGHEST)
        if kind == "d":
            ids = [one.lead_id for one in deliveries.load(connection, [number])]
        elif kind == "l":
            ids = [one.lead.id for one in leads.load(connection, [number])]
        else:
            ids = [one.lead.id for one in leads.of_event(connection, number)]
            if len(ids) != 1:
                return url_for("console.lead.event", event_id=number)
        if not ids:
            abort(404, f"There is no {kind}{number} in the ledger.")
        return url_for("console.lead.show", lead_id=ids[0])

    def _choices(self, connection: Connection) -> Choices:
        now = time.monotonic()
        if self.choices is None or now - self.choices[0] > _KEPT:
            self.choices = (now, Choices(found.forms(connection), found.campaigns(connection)))
        return self.choices[1]


def turn(connection: Connection, asked: Asked, reach: Reach) -> Turned:
    """Look up one page of what is asked for."""
    is_first = not (reach.before or reach.after)
    looked = look(connection, asked, reach, COUNTED + 1 if is_first else ROWS + 1)
    ids = looked.ids[:ROWS]
    on = ids[-1] if len(looked.ids) > ROWS else looked.further
    further = bool(on) and len(ids) < ROWS
    if reach.up:
        return Turned(ids[::-1], "", on, min(ids, default=reach.after + 1), further)
    newer = 0 if is_first else max(ids, default=reach.before - 1)
    return Turned(ids, _count(looked) if is_first else "", newer, on, further)


def look(connection: Connection, asked: Asked, reach: Reach, most: int) -> Looked:
    """What is asked for; what looks like a phone number and is none that anybody typed is looked for as a text."""
    wanted = asked.wanted()
    looked = found.look(connection, wanted, reach, most)
    if wanted.endings and not looked.ids and not looked.further:
        return found.look(connection, as_text(wanted, asked), reach, most)
    return looked


def as_text(wanted: Wanted, asked: Asked) -> Wanted:
    return replace(wanted, endings=frozenset(), text=asked.text)


def _count(looked: Looked) -> str:
    """How many there are, as far as anybody counted."""
    count = len(looked.ids)
    if count > COUNTED:
        return f"more than {COUNTED:,} leads"
    leads_ = "1 lead" if count == 1 else f"{count:,} leads"
    return f"at least {leads_}" if looked.further else leads_


def _id(name: str) -> int:
    text = request.args.get(name, "")
    return min(int(text), _HIGHEST) if re.fullmatch(r"[0-9]{1,18}", text, re.ASCII) else 0
