"""What everybody may do about themselves: another password, and signing out everywhere."""

from __future__ import annotations

from flask import redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.entrance import passwords, tries
from gateway.console.entrance.doorman import PATH, SESSION, only_asks, set_cookie
from gateway.console.people.seeing import People
from gateway.store.console import invitations, members, refused, sessions


class Own:
    """One's own password and sessions."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    @only_asks
    def password(self) -> AnyResponse:
        """Another password, for whoever knows the present one. Other browsers are signed out."""
        new = request.form.get("new", "")
        if says := self._fault(request.form.get("present", ""), new):
            return People(self.desk).page(400, says=says, wrong="password")
        answer = redirect(url_for("console.people.show", done="password"), 303)
        set_cookie(answer, SESSION, self._set(passwords.hashed(new)), sessions.LONGEST)
        return answer

    def _fault(self, present: str, new: str) -> str:
        """What is wrong, in a sentence; "" for nothing. Aborts when the present one was wrong too often."""
        member = here.member()
        if member.since is None:
            return "Your password stands in the settings of the gateway, and is changed there."
        if says := passwords.fault(new, member.name):
            return says
        tries.count(self.desk, members.key(member.name))
        return "" if passwords.is_right(present, member.password) else "Your present password is another."

    def _set(self, password: str) -> str:
        """The cookie of a new session; all others end, and so does a code for a new password."""
        name, now = here.member().name, clock.now()
        with self.desk.ledger.write("password") as connection:
            refused.forgive(connection, here.address(), members.key(name))
            members.set_password(connection, name, password)
            sessions.end_all(connection, name)
            invitations.end(connection, name)
            self.desk.note(connection, "changed the own password")
            return sessions.begin(connection, name, password, now)

    @only_asks
    def sign_out(self) -> AnyResponse:
        """Sign out on every browser."""
        with self.desk.ledger.write("sign out") as connection:
            sessions.end_all(connection, here.member().name)
            self.desk.note(connection, "signed out everywhere")
        answer = redirect(url_for("console.entrance.enter"), 303)
        answer.delete_cookie(SESSION, path=PATH)
        return answer
