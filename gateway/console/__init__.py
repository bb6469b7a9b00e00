"""What a person sees in a browser: what came in, what went out, and why. Every page lies under /console/."""

from __future__ import annotations

import logging

from flask import Blueprint, Flask, Response, abort, g, redirect, request, url_for
from markupsafe import Markup
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException

from gateway.console import connect, health, lead, leads, mappings, people, today
from gateway.console.desk import Desk
from gateway.console.entrance import doorman, views
from gateway.console.entrance.doorman import FIELD
from gateway.console.page import BROKEN, Static, refuse, render
from gateway.console.words import FILTERS
from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.store.ledger import Ledger

log = logging.getLogger(__name__)

#: The pages; each has `pages(desk)`, which makes its blueprint.
PARTS = (today, leads, lead, mappings, connect, health, people)

#: What stands at the top of every page, and in the menu of the one who is signed in.
MENU = (
    ("Today", "console.today.show"),
    ("Leads", "console.leads.show"),
    ("Mappings", "console.mappings.show"),
    ("Connect", "console.connect.show"),
    ("Health", "console.health.show"),
)
MORE = (("People", "console.people.show"), ("Audit list", "console.people.audit"))

#: What somebody may ask of an address where there is nothing.
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

#: What every answer of the console says to the browser. Nothing is loaded from elsewhere, nothing frames it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def attach(app: Flask, settings: Settings, ledger: Ledger) -> None:
    """Give the web application its console."""
    if settings.text("GATEWAY_CONSOLE") == "off":
        return
    desk = Desk(settings, ledger)
    app.jinja_env.filters.update(FILTERS)
    console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    console.context_processor(
        lambda: {"static": Static.url, "csrf": _csrf, "MENU": MENU, "MORE": MORE, "menu_page": _page}
    )
    console.add_url_rule("/static/<path:name>", "static", Static.answer)
    guard = doorman.Doorman(desk)
    console.before_request(guard.look)
    app.after_request(_say_headers)  # also where no page of ours was asked for, like /console without its slash
    for part in (views, *PARTS):
        console.register_blueprint(part.pages(desk))
    console.add_url_rule("/", "home", lambda: redirect(url_for("console.today.show")))
    console.add_url_rule("/<path:_rest>", "nowhere", _nowhere, methods=_METHODS)
    console.register_error_handler(HTTPException, refuse)
    console.register_error_handler(GatewayError, _in_a_sentence)
    console.register_error_handler(SQLAlchemyError, _no_ledger)
    app.register_blueprint(console)


def _page() -> str:
    """The page of the menu that a request belongs to: one lead is among the leads."""
    found = (request.blueprint or "").removeprefix("console")  # an address where nothing is belongs to none of them
    return "console.leads" if found == ".lead" else f"console{found}" if found else ""


def _csrf() -> Markup:
    """What shows that a page of ours made a form."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, g.csrf)


def _say_headers(answer: Response) -> Response:
    if not f"{request.path}/".startswith("/console/"):
        return answer
    for name, value in _HEADERS.items():
        answer.headers.setdefault(name, value)
    if request.endpoint != "console.static":
        answer.headers.setdefault("Cache-Control", "no-store")  # whoever sits there next sees nothing by "back"
    return answer


def _nowhere(_rest: str) -> Response:
    abort(404)


def _in_a_sentence(error: GatewayError) -> tuple[str, int]:
    """A mistake of the person at the browser."""
    return render("sentence.html", title="This cannot be done", sentence=str(error)), 409


def _no_ledger(error: SQLAlchemyError) -> tuple[str, int]:
    if not isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError)):
        log.error("a page could not be made", exc_info=error)
        return render("sentence.html", title="Something broke", sentence=BROKEN), 500
    log.error("a page could not be made: %s", type(error).__name__)
    sentence = "The ledger cannot be used now. Leads that come meanwhile are asked to come again; try in a minute."
    return render("sentence.html", title="One moment", sentence=sentence), 503
