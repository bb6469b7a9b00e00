"""The first password, signing in, signing out, and asking for whole phone numbers."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.entrance import passwords
from gateway.console.entrance.doorman import (
    ADMIN,
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

_LONGEST_NAME = 60

#: What is counted where a code was wrong, not a password.
_CODE = "(code)"


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
        key, now = members.key(name), clock.now()
        with self.desk.ledger.read() as connection:
            self._refuse_crowds(connection, key)
            member = member_of(self.desk, connection, name)
        right = passwords.is_right(password, member.password if member else "")
        with self.desk.ledger.write("sign in", door=True) as connection:
            if not right:
                refused.note(connection, here.address(), key, now)
                return None
            refused.forgive(connection, here.address(), key)
        return member

    def _refuse_crowds(self, connection: Connection, key: str) -> None:
        until = refused.until(connection, here.address(), key, clock.now())
        if until:
            abort(429, f"Too many tries were wrong. Come again at {until:%H:%M} UTC.")

    def _sign_in(self, member: Member, did: str = "signed in") -> AnyResponse:
        now = clock.now()
        with self.desk.ledger.write("sign in", door=True) as connection:
            cookie = sessions.begin(connection, member.name, member.password, now)
            acts.note(connection, Act(member.name, here.address(), did), now)
        answer = redirect(_there(), 303)
        set_cookie(answer, SESSION, cookie, sessions.LONGEST)
        answer.delete_cookie(BEFORE, path=PATH)
        return answer

    @for_everyone
    def welcome(self) -> AnyResponse:
        """A code is typed, a name and a password are set."""
        if request.method == "GET":
            return self._form("welcome.html", code=request.args.get("code", ""))
        typed = {name: request.form.get(name, "").strip() for name in ("code", "name")}
        password = request.form.get("password", "")
        with self.desk.ledger.read() as connection:
            self._refuse_crowds(connection, _CODE)
            invitation = invitations.of(connection, typed["code"], clock.now())
        if invitation is None:
            self._note_wrong_code()
            says = "This code is none, or it has ended. `gateway console code` on the server shows a new one."
            return self._form("welcome.html", 401, says, typed["name"], typed["code"])
        name = invitation.name or typed["name"]
        if says := self._fault(name, password, invited=bool(invitation.name)):
            return self._form("welcome.html", 400, says, name, typed["code"])
        member = Member(" ".join(name.split()), invitation.role, passwords.hashed(password))
        with self.desk.ledger.write("welcome", door=True) as connection:
            if not invitations.use(connection, typed["code"], clock.now()):
                abort(409, "This code was used a moment ago.")
            members.put(connection, member, clock.now())
            sessions.end_all(connection, member.name)
        return self._sign_in(member, f"set a password, with the role '{member.role}'")

    def _note_wrong_code(self) -> None:
        with self.desk.ledger.write("sign in", door=True) as connection:
            refused.note(connection, here.address(), _CODE, clock.now())

    def _fault(self, name: str, password: str, *, invited: bool) -> str:
        """What is wrong with a name and its first password, in a sentence; "" for nothing."""
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            return f"A name has 1 to {_LONGEST_NAME} letters."
        if self.desk.settings.text(ADMIN_HASH) and members.key(name) == ADMIN:
            return f"'{ADMIN}' is the name that {ADMIN_HASH} signs in; choose another."
        with self.desk.ledger.read() as connection:
            if not invited and members.of(connection, name):
                return "Somebody has this name already; a code made with --name sets a new password for it."
        return passwords.fault(password, name)

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
                self.desk.note(connection, f"asked to see whole phone numbers, at {_asked_there() or '/console/'}")
        return redirect(_there(), 303)


def _asked_there() -> str:
    return _own(request.values.get("there", ""))


def _there() -> str:
    """Where to go on: a page of the console, never another site's."""
    return _asked_there() or url_for("console.home")


def _own(path: str) -> str:
    is_own = path.startswith("/console/") and "\\" not in path and path.isprintable()
    return path if is_own else ""
