"""Letting people in, giving them another role, and taking it back."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.entrance import names
from gateway.console.entrance.doorman import ADMIN, ADMIN_HASH, member_of
from gateway.console.page import render
from gateway.console.people.seeing import People, is_needed
from gateway.errors import GatewayError
from gateway.store.console import invitations, members, sessions
from gateway.store.console.invitations import Invitation
from gateway.store.console.members import Member, Role


class Others:
    """What those who may change things do about people. Each is a form's POST."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def invite(self) -> AnyResponse | str:
        """A one-time code for somebody new; it is shown once."""
        name, role = " ".join(_typed("name").split()), _role()
        with self.desk.ledger.write("invite") as connection:
            says = names.fault(name, self.desk.settings) or _taken(connection, name)
            if not says:
                return self._coded(connection, Invitation(name, role))
        return People(self.desk).page(400, says=says, wrong="invite", name=name, role=str(role))

    def code(self) -> str:
        """A one-time code for a new password of somebody who is here."""
        with self.desk.ledger.write("invite") as connection:
            member = self._member(connection)
            return self._coded(connection, Invitation(member.name, member.role))

    def _coded(self, connection: Connection, invitation: Invitation) -> str:
        now = clock.now()
        code = invitations.make(connection, invitation, now)
        self.desk.note(connection, f"made a one-time code for {invitation.name}, who may then {invitation.role.may}")
        address = url_for("console.entrance.welcome", code=code, _external=True)
        is_new = members.of(connection, invitation.name) is None
        ends = now + invitations.LASTS
        return render("people_code.html", invitation=invitation, code=code, address=address, ends=ends, is_new=is_new)

    def uninvite(self) -> AnyResponse:
        """A code that was not used yet serves for nothing any more."""
        name = _typed("name")
        with self.desk.ledger.write("uninvite") as connection:
            if invitations.end(connection, name):
                self.desk.note(connection, f"took back the one-time code for {name or 'somebody new'}")
        return _done("uninvited")

    def role(self) -> AnyResponse:
        """Let somebody change things, or only look."""
        role = _role()
        with self.desk.ledger.write("role") as connection:
            member = self._member(connection)
            if role is Role.LOOK:
                self._refuse_to_lock_out(connection, member)
                invitations.end_all(connection)  # one of them may bring the old role back
            members.set_role(connection, member.name, role)
            self.desk.note(connection, f"let {member.name} {role.may}")
        return _done("role" if role is Role.CHANGE else "role-look")

    def sign_out(self) -> AnyResponse:
        """End the sessions of somebody, wherever they are signed in."""
        with self.desk.ledger.write("sign out") as connection:
            member = self._known(connection)
            sessions.end_all(connection, member.name)
            self.desk.note(connection, f"signed {member.name} out everywhere")
        return _done("signed-out")

    def remove(self) -> AnyResponse:
        """Let somebody in no more. Codes that they may have made for themselves end, too."""
        with self.desk.ledger.write("remove") as connection:
            member = self._member(connection)
            self._refuse_to_lock_out(connection, member)
            members.remove(connection, member.name)
            sessions.end_all(connection, member.name)
            invitations.end_all(connection)
            self.desk.note(connection, f"removed {member.name}")
        if members.key(member.name) == members.key(here.member().name):
            return redirect(url_for("console.entrance.enter"), 303)
        return _done("removed")

    def _known(self, connection: Connection) -> Member:
        member = member_of(self.desk, connection, _typed("name"))
        if member is None:
            raise GatewayError(f"There is nobody called {_typed('name')} here any more.")
        return member

    def _member(self, connection: Connection) -> Member:
        """Whom the ledger lets in, not the settings."""
        member = self._known(connection)
        if self.desk.settings.text(ADMIN_HASH) and members.key(member.name) == ADMIN:
            raise GatewayError(f"'{ADMIN}' comes in by the setting {ADMIN_HASH}; it is changed there.")
        return member

    def _refuse_to_lock_out(self, connection: Connection, member: Member) -> None:
        if is_needed(self.desk, connection, member):
            raise GatewayError(
                f"{member.name} is the only one who may change things: without them nobody could let anybody in. "
                "Let somebody else change things first."
            )


def _taken(connection: Connection, name: str) -> str:
    """A sentence when somebody has this name; "" when nobody has."""
    known = members.of(connection, name)
    return f"{known.name} is here already. “New password” in their line of the list makes a code." if known else ""


def _typed(name: str) -> str:
    return request.form.get(name, "").strip()


def _role() -> Role:
    try:
        return Role(_typed("role"))
    except ValueError:
        abort(400)


def _done(what: str) -> AnyResponse:
    return redirect(url_for("console.people.show", done=what), 303)
