"""How it goes: leads in, messages out, and what needs a person now."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console.desk import Desk
from gateway.console.page import poll, render, wants_part
from gateway.console.today import figures
from gateway.console.today.looking import looking_of
from gateway.console.today.needs import needs_of
from gateway.console.today.spans import SPANS
from gateway.errors import GatewayError
from gateway.pipeline import holding
from gateway.store import holds
from gateway.store.holds import Hold

#: What may be tried at once; a page is tried by its leads.
_TRIED = (Hold.ACCOUNT, Hold.CAMPAIGN, Hold.CONTRACT)


def pages(desk: Desk) -> Blueprint:
    """Under /console/today."""
    found = Blueprint("today", __name__)
    view = Today(desk)
    found.add_url_rule("/today", "show", view.show)
    found.add_url_rule("/today/try", "try_now", view.try_now, methods=["POST"])
    return found


class Today:
    """How it goes: leads in, messages out, and what needs a person now."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.looking = looking_of(desk)
        self.needs = needs_of(desk)

    def show(self) -> Response | str:
        """The page, or the part of it that renews itself."""
        span = SPANS.get(request.args.get("span", ""), SPANS["24h"])
        values = {
            "seen": self.looking.at(span),
            "needs": self.needs.now(),
            "spans": SPANS.values(),
            "figures": figures,
        }
        if wants_part():
            return poll("today_part.html", **values)
        return render("today.html", tried="tried" in request.args, **values)

    def try_now(self) -> AnyResponse:
        """Let what is stopped be tried at once: by one message, or, where that is only a word, all that is right."""
        key = request.form.get("key", "")
        if key.partition(" ")[0] not in _TRIED:
            raise GatewayError("This is not tried by a button.")
        with self.desk.ledger.write("try now") as connection:
            if not holds.probe_now(connection, key, clock.now()):
                raise GatewayError("It is not stopped any more.")
            if key.startswith(f"{Hold.CONTRACT} "):
                holding.lift(connection, [key], over=False)
            self.desk.note(connection, "asked that it be tried at once", key)
        return redirect(url_for("console.today.show", tried=1), 303)
