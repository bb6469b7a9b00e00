"""The first password, signing in, signing out, and asking for whole phone numbers."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, make_response, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.entrance import names, passwords, tries
from gateway.console.entrance.doorman import (
    ADMIN_HASH,
    BEFORE,
    PATH,
    SESSION,
    for_everyone,
    form_csrf,
    give_form_cookie,
    member_of,
    only_asks,
    set_cookie,
)
from gateway.console.page import render
from gateway.store.console import acts, invitations, members, refused, sessions
from gateway.store.console.acts import Act
from gateway.store.console.members import Member

#: The most of an address that the audit list keeps.
_LONGEST_PLACE = 100


def pages(desk: Desk) -> Blueprint:
    """Under /console/: enter, welcome, leave, phones."""
    found = Blueprint("entrance", __name__)
    entrance = Entrance(desk)
    for rule, view in (("/enter", entrance.enter), ("/welcome", entrance.welcome)):
        found.add_url_rule(rule, view.__name__, view, methods=["GET", "POST"])
    found.add_url_rule("/leave", "leave", entrance.leave, methods=["POST"])
    found.add_url_rule("/phones", "phones", entrance.phones, methods=["POST"])
    return found


class Entrance:
    """The pages before all others."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @for_everyone
    def enter(self) -> AnyResponse:
        """Sign in."""
        if here.is_signed_in():
            return redirect(_there())
        with self.desk.ledger.read() as connection:
            nobody = not members.count(connection) and not self.desk.settings.text(ADMIN_HASH)
        if nobody:
            return redirect(url_for("console.entrance.welcome"))
        if request.method == "GET":
            return self._form("enter.html")
        name, password = request.form.get("name", "").strip(), request.form.get("password", "")
        member = self._who(name, password)
        return self._sign_in(member) if member else self._form("enter.html", 401, "Name or password is wrong.", name)

    def _who(self, name: str, password: str) -> Member | None:
        """The member, if the password is right. Aborts when there were too many tries."""
        tries.count(self.desk, members.key(name))
        with self.desk.ledger.read() as connection:
            member = member_of(self.desk, connection, name)
        right = passwords.is_right(password, member.password if member else "")
        return member if right else None

    def _sign_in(self, member: Member) -> AnyResponse:
        with self.desk.ledger.write("sign in", door=True) as connection:
            refused.forgive(connection, here.address(), members.key(member.name))
            cookie = self._begin(connection, member, "signed in")
        return _let_in(cookie)

    def _begin(self, connection: Connection, member: Member, did: str) -> str:
        """A new session, in place of the one that this browser may have; its cookie."""
        now = clock.now()
        if here.is_signed_in():
            sessions.end(connection, here.session())
        acts.note(connection, Act(member.name, here.address(), did), now)
        return sessions.begin(connection, member.name, member.password, now)

    @for_everyone
    def welcome(self) -> AnyResponse:
        """A code is typed, a name and a password are set."""
        if request.method == "GET":
            return self._form("welcome.html", code=request.args.get("code", ""))
        typed = {name: request.form.get(name, "").strip() for name in ("code", "name")}
        password = request.form.get("password", "")
        tries.count(self.desk, refused.CODE)
        with self.desk.ledger.read() as connection:
            invitation = invitations.of(connection, typed["code"], clock.now())
        if invitation is None:
            says = "This code is none, or it has ended. `gateway console code` on the server shows a new one."
            return self._form("welcome.html", 401, says, typed["name"], typed["code"])
        name = invitation.name or typed["name"]
        if says := names.fault(name, self.desk.settings) or passwords.fault(password, name):
            return self._form("welcome.html", 400, says, name, typed["code"])
        member = Member(" ".join(name.split()), invitation.role, passwords.hashed(password))
        cookie = self._join(member, typed["code"], chosen=not invitation.name)
        if not cookie:
            says = "Somebody has this name already; a code that is made for it sets a new password."
            return self._form("welcome.html", 400, says, name, typed["code"])
        return _let_in(cookie)

    def _join(self, member: Member, code: str, *, chosen: bool) -> str:
        """The cookie of a new member's session; "": the name they chose is somebody's. Uses the code."""
        now = clock.now()
        with self.desk.ledger.write("welcome") as connection:
            if chosen and members.of(connection, member.name):
                return ""
            if not invitations.use(connection, code, now):
                abort(409, "This code was used, or taken back, a moment ago.")
            members.put(connection, member, now)
            known = members.of(connection, member.name) or member
            sessions.end_all(connection, known.name)
            refused.forgive(connection, here.address(), refused.CODE)
            return self._begin(connection, known, f"set a password; may {known.role.may}")

    def _form(self, template: str, status: int = 200, says: str = "", name: str = "", code: str = "") -> AnyResponse:
        page = render(template, says=says, name=name, code=code, mark=form_csrf(), there=_asked_there())
        return give_form_cookie(make_response(page, status))

    @only_asks
    def leave(self) -> AnyResponse:
        """Sign out."""
        with self.desk.ledger.write("leave", door=True) as connection:
            sessions.end(connection, here.session())
            self.desk.note(connection, "signed out")
        answer = redirect(url_for("console.entrance.enter"), 303)
        answer.delete_cookie(SESSION, path=PATH)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    @only_asks
    def phones(self) -> AnyResponse:
        """Show phone numbers in full for a while, or no more."""
        wanted, now = request.form.get("show") == "1", clock.now()
        with self.desk.ledger.write("phones", door=True) as connection:
            sessions.show_phones(connection, here.session(), now + sessions.PHONES if wanted else None)
            if wanted:
                place = (_asked_there() or PATH).partition("?")[0][:_LONGEST_PLACE]  # a search may hold a number
                self.desk.note(connection, f"asked to see whole phone numbers, at {place}")
        return redirect(_there(), 303)


def _asked_there() -> str:
    return _own(request.values.get("there", ""))


def _let_in(cookie: str) -> AnyResponse:
    answer = redirect(_there(), 303)
    set_cookie(answer, SESSION, cookie, sessions.LONGEST)
    answer.delete_cookie(BEFORE, path=PATH)
    return answer


def _there() -> str:
    """Where to go on: a page of the console that can be looked at, never another site's."""
    there = _asked_there()
    return there if there and _can_be_looked_at(there) else url_for("console.home")


def _can_be_looked_at(there: str) -> bool:
    """A page that a form was posted to may be none to come back to."""
    try:
        endpoint, _values = current_app.url_map.bind("").match(urlsplit(there).path, "GET")
    except HTTPException:
        return False
    return str(endpoint) != "console.nowhere"


def _own(path: str) -> str:
    is_own = path.startswith("/console/") and "\\" not in path and path.isprintable()
    return path if is_own else ""
