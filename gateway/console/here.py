"""Who sits at the browser: what one request knows of it."""

from __future__ import annotations

from flask import g, request

from gateway import clock
from gateway.store.console.members import Member
from gateway.store.console.sessions import Session


def enter(member: Member, session: Session, csrf: str) -> None:
    """This request comes from a member who is signed in."""
    g.member, g.session, g.csrf = member, session, csrf


def member() -> Member:
    """Who is signed in. There is always somebody where the doorman let a request through."""
    found: Member = g.member
    return found


def session() -> Session:
    found: Session = g.session
    return found


def is_signed_in() -> bool:
    return "member" in g


def may_change() -> bool:
    return is_signed_in() and member().may_change


def shows_phones() -> bool:
    """Whether this person asked to see phone numbers in full, and not long ago."""
    return is_signed_in() and (session().phones_until or clock.now()) > clock.now()


def address() -> str:
    """Where the request comes from, for the audit list."""
    return request.remote_addr or ""
