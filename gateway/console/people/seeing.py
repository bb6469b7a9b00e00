"""The page of those who may use the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import make_response, request
from sqlalchemy import Connection
from werkzeug.wrappers import Response as AnyResponse

from gateway import clock
from gateway.console import here
from gateway.console.desk import Desk
from gateway.console.entrance.doorman import ADMIN, ADMIN_HASH
from gateway.console.page import render
from gateway.store.console import invitations, members, sessions
from gateway.store.console.members import Member, Role
from gateway.store.console.sessions import Presence

#: What was done, as the page says it once more after it.
DONE: Mapping[str, str] = {
    "role": "They may change things now.",
    "role-look": "They may look now, and change nothing. All codes that were open have ended.",
    "signed-out": "They are signed out, on every browser.",
    "removed": "They may come in no more, and all codes that were open have ended.",
    "uninvited": "The code serves for nothing now.",
    "password": "Your password is another now. Every other browser where you were signed in is signed out.",
}


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the list."""

    member: Member
    presence: Presence | None  #: None: signed in nowhere.
    is_you: bool
    is_needed: bool  #: Nobody else may change things: they stay, with their role.

    @property
    def since(self) -> datetime | None:
        """None: the settings say that they may come in."""
        return self.member.since


class People:
    """Who may use the console."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def show(self) -> AnyResponse:
        return self.page(done=DONE.get(request.args.get("done", ""), ""))

    def page(self, status: int = 200, **more: str) -> AnyResponse:
        """`done`, `says`: what came of it, well or not; `wrong`: the form that it is about."""
        with self.desk.ledger.read() as connection:
            people = self._people(connection)
            codes = invitations.listing(connection, clock.now())
        return make_response(render("people.html", people=people, codes=codes, admin_hash=ADMIN_HASH, **more), status)

    def _people(self, connection: Connection) -> list[Person]:
        known = members.key(here.member().name)
        presences = sessions.presences(connection, clock.now())
        return [
            Person(one, presences.get(one.name), members.key(one.name) == known, is_needed(self.desk, connection, one))
            for one in self._members(connection)
        ]

    def _members(self, connection: Connection) -> list[Member]:
        """The one of the settings stands before the others, and in place of a member of that name."""
        found = members.listing(connection)
        if not self.desk.settings.text(ADMIN_HASH):
            return found
        others = [one for one in found if members.key(one.name) != ADMIN]
        return [Member(ADMIN, Role.CHANGE), *others]


def is_needed(desk: Desk, connection: Connection, member: Member) -> bool:
    """Whether nobody else may change things: without them, nobody could let anybody in."""
    if desk.settings.text(ADMIN_HASH) or not member.may_change:
        return False
    return members.count(connection, Role.CHANGE) == 1
