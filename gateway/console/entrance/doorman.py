"""Lets a request in or not: who it comes from, whether a page of ours sent it, and what its role may."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from flask import Response, abort, current_app, g, redirect, request, url_for
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.store.console import members, sessions
from gateway.store.console.members import Member, Role
from gateway.store.console.sessions import Session

log = logging.getLogger(__name__)

View = TypeVar("View", bound=Callable[..., object])

#: The cookies: of a session, and of the forms that are filled in before there is one.
SESSION, BEFORE = "gateway_console", "gateway_console_form"

#: Where the cookies go.
PATH = "/console/"

#: The member of GATEWAY_CONSOLE_PASSWORD_HASH.
ADMIN, ADMIN_HASH = "admin", "GATEWAY_CONSOLE_PASSWORD_HASH"

#: What a form sends to show that a page of ours made it; scripts send it as a header.
FIELD, HEADER = "csrf", "X-CSRF"

#: That a session is used is written down this often.
_EVERY = timedelta(minutes=1)

#: Seconds after which that is tried again, where it could not be written down: until then no page waits for it.
_REST = 60.0

#: The highest id that there can be.
_HIGHEST = 2**31 - 1

_READS = ("GET", "HEAD", "OPTIONS")
_SAFE_SITES = ("", "same-origin", "none")


def for_everyone(view: View) -> View:
    """A view that needs nobody to be signed in."""
    view.for_everyone = True  # type: ignore[attr-defined]
    return view


def only_asks(view: View) -> View:
    """A view that is posted to and changes nothing, or nothing but what is one's own (session, password), so that
    those who may only look may use it."""
    view.only_asks = True  # type: ignore[attr-defined]
    return view


class Doorman:
    """Asked before every request under /console/."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.rests_until = 0.0  #: By the monotonic clock.

    def look(self) -> AnyResponse | None:
        """None: the request may go on."""
        view = current_app.view_functions.get(request.endpoint or "")
        if request.endpoint == "console.static":
            return None
        _refuse_what_no_ledger_holds()
        self._recognise()
        if not here.is_signed_in():
            g.csrf = _of_cookie(request.cookies.get(BEFORE, ""))
        if request.method not in _READS:
            self._refuse_forgeries()
        if getattr(view, "for_everyone", False):
            return None
        if not here.is_signed_in():
            return self._to_the_door()
        if request.method not in _READS and not (here.may_change() or getattr(view, "only_asks", False)):
            abort(403, "Your role may look, and change nothing. Ask somebody who may change things.")
        return None

    def _recognise(self) -> None:
        cookie = request.cookies.get(SESSION, "")
        if not cookie:
            return
        now = clock.now()
        with self.desk.ledger.read() as connection:
            session = sessions.of(connection, cookie, now)
            member = member_of(self.desk, connection, session.name) if session else None
        if session and member and hmac.compare_digest(session.stamp, sessions.stamp(member.password)):
            here.enter(member, session, _of_cookie(cookie))
            self._keep_alive(session, now)

    def _keep_alive(self, session: Session, now: datetime) -> None:
        """A page that only asks again by itself is no use of a session."""
        if now - session.used <= _EVERY or request.headers.get("X-Part") == "1":
            return
        if clock.monotonic() < self.rests_until:
            return
        try:
            with self.desk.ledger.write("session", door=True) as connection:
                sessions.use(connection, session, now)
        except SQLAlchemyError as error:  # when nothing can be written, people want to look all the more
            self.rests_until = clock.monotonic() + _REST
            log.warning("that a session is used could not be written down: %s", type(error).__name__)

    def _refuse_forgeries(self) -> None:
        """What another site's page makes a browser send."""
        if request.headers.get("Sec-Fetch-Site", "") not in _SAFE_SITES:
            abort(403, "This came from another site, so nothing was done.")
        given = request.form.get(FIELD, "") or request.headers.get(HEADER, "")
        if not g.csrf or not hmac.compare_digest(given.encode(), g.csrf.encode()):
            abort(403, "This page was open for too long, so nothing was done. Load it again, and try once more.")

    def _to_the_door(self) -> AnyResponse:
        if request.headers.get("X-Part") == "1" or request.method not in _READS:
            abort(403, "Your session is over. Sign in again.")
        there = request.full_path.rstrip("?") if request.method == "GET" else ""
        return redirect(url_for("console.entrance.enter", there=there))


def _refuse_what_no_ledger_holds() -> None:
    """PostgreSQL takes no text with a NUL in it, and no id of more than 32 bits; nobody types one."""
    typed = [text for given in (request.args, request.form) for _name, texts in given.lists() for text in texts]
    if any("\0" in str(text) for text in (*(request.view_args or {}).values(), *typed)):
        abort(400, "There is a sign in this that nothing can hold.")
    if any(isinstance(value, int) and value > _HIGHEST for value in (request.view_args or {}).values()):
        abort(404)


def member_of(desk: Desk, connection: Connection, name: str) -> Member | None:
    """The member of a name; "admin" is the one of the settings, where there is one."""
    known = desk.settings.text(ADMIN_HASH)
    if known and members.key(name) == ADMIN:
        return Member(ADMIN, Role.CHANGE, known)
    return members.of(connection, name)


def give_form_cookie(answer: Response) -> Response:
    """Before there is a session, a form is known by a cookie of its own."""
    if not here.is_signed_in() and not request.cookies.get(BEFORE):
        set_cookie(answer, BEFORE, g.fresh)
    return answer


def form_csrf() -> str:
    """The csrf text of a form that is filled in before there is a session."""
    if not g.csrf:
        g.fresh = secrets.token_urlsafe(32)
        g.csrf = _of_cookie(g.fresh)
    return str(g.csrf)


def set_cookie(answer: AnyResponse, name: str, value: str, max_age: timedelta | None = None) -> None:
    """A cookie that no script reads and no other site's page sends; one of https is never sent without it."""
    terms = {"path": PATH, "httponly": True, "samesite": "Lax"}
    answer.set_cookie(name, value, max_age=max_age, secure=request.is_secure, **terms)  # type: ignore[arg-type]


def _of_cookie(cookie: str) -> str:
    """What only who knows the cookie can work out; a page that holds it does not give the cookie away."""
    return hashlib.sha256(f"form {cookie}".encode()).hexdigest()[:40] if cookie else ""
