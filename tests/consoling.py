"""The console as a browser without scripts meets it: signing in, reading pages, posting forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import requests
from harness import Running

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
        from gateway.store.console import acts  # noqa: PLC0415 - only here

        with self.gateway.ledger.read() as connection:
            return [f"{one.who} {one.did}" + f" ({one.about})" * bool(one.about) for one in acts.listing(connection)]


def sign_in(gateway: Running, name: str = "Asha", *, look: bool = False) -> Browser:
    """Somebody new, by a code of `gateway console code`."""
    browser = Browser(gateway)
    code = gateway.command("console", "code", *(["--look"] if look else [])).output.split()[0]
    answer = browser.post("welcome", form_mark(browser, "welcome"), code=code, name=name, password=PASSWORD)
    assert answer.status_code == 200, said(answer.text)
    return browser


def form_mark(browser: Browser, path: str) -> str:
    """The csrf text of a form before one is signed in."""
    found = re.search(r'name="csrf" value="(\w+)"', browser.get(path).text)
    assert found, path
    return found[1]


def said(page: str) -> str:
    """The words of a page, in one line."""
    body = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())
