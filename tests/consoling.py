"""The console as a browser without scripts meets it: signing in, reading pages, posting forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from typing import Any

import requests
from harness import Running

from gateway import clock
from gateway.console.entrance import passwords
from gateway.console.entrance.doorman import PATH, SESSION
from gateway.store.console import acts, members, sessions
from gateway.store.console.acts import Act
from gateway.store.console.members import Member, Role

#: Long enough, and nobody's.
PASSWORD = "four words are easy"


@dataclass
class Browser:
    """One person at a browser."""

    gateway: Running
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def url(self) -> str:
        return f"{self.gateway.url}/console"

    def get(self, path: str, **more: Any) -> requests.Response:
        """GET /console/<path>."""
        return self.session.get(f"{self.url}/{path}", timeout=30, **more)

    def page(self, path: str) -> str:
        """The text of a page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code, said(answer.text))
        return answer.text

    def post(self, path: str, csrf: str | None = None, **fields: str) -> requests.Response:
        """POST /console/<path>, as a form of a page of ours does."""
        mark = self.csrf() if csrf is None else csrf
        return self.session.post(f"{self.url}/{path}", data={"csrf": mark} | fields, timeout=30)

    def csrf(self) -> str:
        """What a form on the pages of this person holds."""
        found = re.search(r'name="csrf" (?:value|content)="(\w+)"', self.get("audit").text)
        assert found, "nobody is signed in"
        return found[1]

    def audit(self) -> list[str]:
        """What the audit list says, the newest first: "Asha signed in"."""
        with self.gateway.ledger.read() as connection:
            return [f"{one.who} {one.did}" + f" ({one.about})" * bool(one.about) for one in acts.listing(connection)]


def sign_in(gateway: Running, name: str = "Asha", *, look: bool = False) -> Browser:
    """Somebody new who is signed in, as if by a code of the server. (The way in has tests of its own.)"""
    browser, role = Browser(gateway), Role.LOOK if look else Role.CHANGE
    with gateway.ledger.write("sign in") as connection:
        now = clock.now()
        members.put(connection, Member(name, role, _hash()), now)
        acts.note(
            connection, Act(acts.SERVER, "", f"made a one-time code for somebody new, who may then {role.may}"), now
        )
        acts.note(connection, Act(name, "127.0.0.1", f"set a password; may {role.may}"), now)
        cookie = sessions.begin(connection, name, _hash(), now)
    browser.session.cookies.set(SESSION, cookie, domain="127.0.0.1", path=PATH)
    return browser


@cache
def _hash() -> str:
    """Of PASSWORD: worked out once, as it takes long by intention."""
    return passwords.hashed(PASSWORD)


def form_mark(browser: Browser, path: str) -> str:
    """The csrf text of a form before one is signed in."""
    found = re.search(r'name="csrf" value="(\w+)"', browser.get(path).text)
    assert found, path
    return found[1]


def said(page: str) -> str:
    """The words of a page, in one line."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
