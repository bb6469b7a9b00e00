"""Garbage in every field of every address of the console: a sentence comes back, never a broken page."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from consoling import said, sign_in
from filled import Route, routes
from flask.testing import FlaskClient
from harness import Running, mapping, somebody

import gateway.console
from gateway.app import whole_app

#: What nobody means.
NASTY = (
    "\0",
    "-1",
    "-" + "9" * 30,
    "9" * 30,
    "2147483648",
    "l" + "9" * 30,
    "d9223372036854775808",
    "٣",
    "1e5",
    "9999-12-31",
    "0001-01-01",
    "9999-99-99T99:99+99:99",
    "../../etc/passwd",
    ".hidden.yaml",
    "a/b.yaml",
    "limits.yaml",
    "contracts.yaml",
    "%%%_\\'\";--",
    "&" + "{[" * 400,
    "\ud800\ufeff\u202e",
    "a" + " " * 20_000 + "b",
)

#: Fields from which a view goes on to look at the others.
SOUND = {
    "file": "other.yaml",
    "text": mapping("other"),
    "source": "website",
    "form": "other",
    "role": "look",
    "name": "Ravi",
    "lead": "l1",
    "at": "30",
}

#: Of the list of leads; events have others.
OF_LEADS = {"state": "failed", "q": "", "campaign": "", "from": "", "to": "", "zone": "Asia/Kolkata"}

#: Bodies that are no forms.
BODIES = (
    ("application/json", b'{"text": null, "file": ["x"], "at": {"a": [[[[]]]]}}'),
    ("application/json", b"[" * 5_000),
    ("application/x-www-form-urlencoded", b"text=%ff%fe%00&file=%&at=%zz&&&=&a[]=1"),
    ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe\0'),
    ("multipart/form-data", b"no boundary"),
    ("text/plain; charset=utf-16", b"\xff\xfe\x00"),
)

#: Views that end what the next requests need, or are met in the tests of the way in.
_SPARED = frozenset({"leave", "sign_out_everywhere", "sign_out", "password", "welcome", "enter", "static"})

#: How the code of a view asks for a field.
_ASKED = re.compile(r"""(?:_typed|_asked|_number|_id|\.get|\.getlist)\(["']([\w-]+)["']""")


@dataclass
class Attacker:
    """Somebody who may change things, without a network between."""

    gateway: Running
    client: FlaskClient
    mark: str
    lead: int

    def routes(self) -> list[Route]:
        found = routes(self.gateway, self.lead)
        return [route for route in found if route.endpoint.rpartition(".")[2] not in _SPARED]

    def send(self, route: Route, values: Mapping[str, str]) -> str:
        """What is wrong with the answer; "" for nothing."""
        given = {name: value.encode("utf-8", "surrogatepass") for name, value in values.items()}
        if route.method == "GET":
            return self.ask(route.path, query_string=given)
        return self.ask(route.path, method=route.method, data={"csrf": self.mark} | given)

    def ask(self, path: str, **request: Any) -> str:
        with self.client.open(f"/console/{path}", **request) as answer:
            text = answer.get_data(as_text=True)
            if answer.status_code >= 500 or "Traceback" in text:
                return f"{request.get('method', 'GET')} {path[:60]}: {answer.status_code} {said(text)[-150:]}"
        return ""


@pytest.fixture
def attacker(gateway: Running) -> Iterator[Attacker]:
    gateway.write_mapping("other.yaml", mapping("other"))
    gateway.post_website("other", **somebody(1))
    lead = int(gateway.wait_for_delivery("accepted").lead_id)
    asha = sign_in(gateway)
    [cookie] = [one for one in asha.session.cookies if one.name == "gateway_console"]
    with whole_app(gateway.settings, gateway.ledger, gateway.sources).test_client() as client:
        client.set_cookie(cookie.name, str(cookie.value), path="/console/")
        yield Attacker(gateway, client, asha.csrf(), lead)


def fields(route: Route) -> list[str]:
    """What the package of a view asks for by name."""
    folder = Path(gateway.console.__path__[0]) / route.endpoint.split(".")[1]
    code = "".join(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.py")))
    return sorted({*_ASKED.findall(code), *(OF_LEADS if folder.name == "leads" else ())})


def sound(route: Route) -> dict[str, str]:
    more = OF_LEADS if route.endpoint.startswith("console.leads.") else {}
    return {name: text for name, text in (SOUND | more).items() if name in fields(route)}


def test_the_fields_that_pages_ask_for_are_all_known(attacker: Attacker) -> None:
    found = {name for route in attacker.routes() for name in fields(route)}
    assert found >= {
        "before",
        "despite",
        "file",
        "from",
        "ids",
        "line",
        "q",
        "since",
        "span",
        "text",
        "version",
        "what",
    }


@pytest.mark.one_store
def test_garbage_in_one_field_breaks_no_page(attacker: Attacker) -> None:
    turn = count()
    broken = [
        wrong
        for route in attacker.routes()
        for name in fields(route)
        for _ in range(2)  # each field meets others of them in each view: all of them in all would take minutes
        if (wrong := attacker.send(route, sound(route) | {name: NASTY[next(turn) % len(NASTY)]}))
    ]
    assert not broken, "\n".join(broken)


def test_garbage_in_all_fields_breaks_no_page(attacker: Attacker) -> None:
    broken = [
        wrong
        for route in attacker.routes()
        for value in NASTY
        if (wrong := attacker.send(route, dict.fromkeys(fields(route), value)))
    ]
    assert not broken, "\n".join(broken)


def test_garbage_in_an_address_breaks_no_page(attacker: Attacker) -> None:
    app = whole_app(attacker.gateway.settings, attacker.gateway.ledger, attacker.gateway.sources)
    rules = [one for one in app.url_map.iter_rules() if one.endpoint.startswith("console.") and one.arguments]
    broken = [
        wrong
        for rule in rules
        for value in NASTY[:-1]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        if (wrong := attacker.ask(at(rule.rule, value), method=method, headers={"X-CSRF": attacker.mark}))
    ]
    assert not broken, "\n".join(broken)


def at(rule: str, value: str) -> str:
    """The address of a rule with a value in the place of each argument."""
    quoted = "".join(f"%{byte:02X}" for byte in value.encode("utf-8", "surrogatepass"))
    return re.sub("<[^>]+>", quoted, rule).removeprefix("/console/")


def test_a_body_that_is_no_form_breaks_no_page(attacker: Attacker) -> None:
    mark = {"X-CSRF": attacker.mark}
    broken = [
        wrong
        for route in attacker.routes()
        for kind, body in (BODIES if route.method != "GET" else ())
        if (wrong := attacker.ask(route.path, method=route.method, data=body, content_type=kind, headers=mark))
    ]
    assert not broken, "\n".join(broken)


@pytest.mark.parametrize(
    "path",
    [
        "events?before=-" + "9" * 30,
        "leads?q=a&q=%00",
        "leads?state=failed&state=%00",
        "leads?from=0001-01-01&zone=Asia/Kolkata",
        "leads?to=9999-12-31&zone=America/New_York",
        "leads?zone=..%2F..%2Fetc%2Fpasswd&from=today",
        "connect/website?since=-" + "9" * 12,
        "connect/website?since=" + "9" * 12,
    ],
)
def test_what_is_out_of_every_bound_is_answered(attacker: Attacker, path: str) -> None:
    assert not attacker.ask(path)


def test_a_very_long_line_keeps_nobody_waiting(attacker: Attacker) -> None:
    text = "a" + " " * 90_000 + "b"
    start = time.monotonic()
    data = {"csrf": attacker.mark, "file": "x.yaml", "text": text, "at": str(len(text))}
    assert not attacker.ask("mappings/complete", method="POST", data=data)
    assert time.monotonic() - start < 5.0
