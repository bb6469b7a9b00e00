"""What nobody may do in the console: without a session, without the role, from another site, or by a lead's answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from browsing import window
from consoling import PASSWORD, Browser, form_mark, said, sign_in
from filled import Route, fill, pages, routes
from harness import Running, mapping, running, somebody, wait_for
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Dialog, Page
from sqlalchemy import select

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import tables
from gateway.store.ledger import Ledger

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

#: What a person who should not could change.
_WATCHED = ("acts", "deliveries", "leads", "events", "versions", "suppressions", "members", "invitations", "holds")

#: What only settings hold.
SECRETS = {
    "AISENSY_API_KEY": "distinctive-key-8841",
    "FACEBOOK_APP_SECRET": "distinctive-app-8842",
    "FACEBOOK_VERIFY_TOKEN": "distinctive-verify-8843",
    "FACEBOOK_PAGE_TOKEN": "distinctive-page-8844",
    "TYPEFORM_SECRET": "distinctive-typeform-8845",
    "WEBSITE_SECRET": "distinctive-website-8846",
    "AISENSY_WEBHOOK_SECRET": "distinctive-webhook-8847",
    "AISENSY_WEBHOOK_TOKEN": "distinctive-receipts-8848",
    "GATEWAY_METRICS_TOKEN": "distinctive-metrics-8849",
}

#: Texts of a lead that would do something, were they not text.
SCRIPT = "<script>window.ran=1;alert(1)</script>"
IMAGE = '"><img src=x onerror=window.ran=1;alert(1)>'
FORMULA = "{{77*77}}"


def ask(browser: Browser, route: Route, **more: Any) -> requests.Response:
    """A request by hand: no redirect is followed."""
    terms: dict[str, Any] = {"timeout": 30, "allow_redirects": False} | more
    return browser.session.request(route.method, f"{browser.url}/{route.path}", **terms)


def contents(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """All rows that matter."""
    known = {name: getattr(tables, name) for name in _WATCHED if hasattr(tables, name)}
    assert {"acts", "deliveries", "leads", "members"} <= known.keys()
    with ledger.read() as connection:
        return {name: sorted(map(tuple, connection.execute(select(table))), key=repr) for name, table in known.items()}


def folder(gateway: Running) -> dict[str, str]:
    """The mapping files."""
    found = Path(gateway.settings.text("GATEWAY_MAPPINGS"))
    return {file.name: file.read_text(encoding="utf-8") for file in found.glob("*.yaml")}


def a_lead(gateway: Running) -> int:
    gateway.write_mapping("other.yaml", mapping("other"))
    gateway.post_website("other", **somebody(1))
    return int(gateway.wait_for_delivery("accepted").lead_id)


def test_without_a_session_nothing_is_shown_and_nothing_done(gateway: Running) -> None:
    lead = a_lead(gateway)
    sign_in(gateway)
    before, stranger = contents(gateway.ledger), Browser(gateway)
    for route in routes(gateway, lead):
        if route.is_for_all:
            continue
        answer = ask(stranger, route)
        if route.method == "GET":
            assert answer.status_code == 302, route
            assert answer.headers["Location"].startswith("/console/enter?there="), route
        else:
            assert answer.status_code == 403, route
        assert "Mira" not in answer.text, route
        assert ask(stranger, route, headers={"X-Part": "1"}).status_code == 403, route
    assert contents(gateway.ledger) == before


def test_whoever_may_only_look_changes_nothing(gateway: Running) -> None:
    lead = a_lead(gateway)
    sign_in(gateway)
    ravi = sign_in(gateway, "Ravi", look=True)
    mark, before, files = ravi.csrf(), contents(gateway.ledger), folder(gateway)
    refused = [route for route in routes(gateway, lead) if route.method != "GET" and not route.is_for_all]
    refused = [route for route in refused if not route.only_asks and route.endpoint != "console.nowhere"]
    assert len(refused) >= 6
    for route in refused:
        answer = ask(ravi, route, data={"csrf": mark, "name": "Ravi", "role": "change"})
        assert (answer.status_code, "Your role may look" in answer.text) == (403, True), route
    assert (contents(gateway.ledger), folder(gateway)) == (before, files)


def test_what_those_who_look_may_post_changes_nothing_but_what_is_their_own(gateway: Running) -> None:
    lead = a_lead(gateway)
    sign_in(gateway)
    ravi = sign_in(gateway, "Ravi", look=True)
    before, files = contents(gateway.ledger), folder(gateway)
    own = {"console.entrance.leave", "console.people.sign_out_everywhere"}  # by which Ravi is out
    for route in routes(gateway, lead):
        if route.method != "GET" and route.only_asks and route.endpoint not in own:
            answer = ask(ravi, route, data={"csrf": ravi.csrf()})
            assert answer.status_code < 500, (route, said(answer.text))
    after = contents(gateway.ledger)
    assert (after | {"acts": []}, folder(gateway)) == (before | {"acts": []}, files)


def test_no_change_is_made_that_no_page_of_ours_asked_for(gateway: Running) -> None:
    lead = a_lead(gateway)
    asha = sign_in(gateway)
    mark, before, files = asha.csrf(), contents(gateway.ledger), folder(gateway)
    for route in routes(gateway, lead):
        if route.method == "GET":
            continue
        for data, headers in (
            ({}, {}),
            ({"csrf": "0" * 40}, {}),
            ({"csrf": mark}, {"Sec-Fetch-Site": "cross-site"}),
            ({"csrf": mark}, {"Sec-Fetch-Site": "same-site"}),
        ):
            assert ask(asha, route, data=data, headers=headers).status_code == 403, (route, data, headers)
    assert (contents(gateway.ledger), folder(gateway)) == (before, files)


def test_every_answer_says_that_nothing_may_be_loaded_framed_or_kept(gateway: Running) -> None:
    lead = a_lead(gateway)
    asha = sign_in(gateway)
    for route in routes(gateway, lead):
        for method in {route.method, "HEAD", "OPTIONS"} if route.method == "GET" else ():
            answer = asha.session.request(method, f"{asha.url}/{route.path}", timeout=30, allow_redirects=False)
            assert answer.status_code < 500, (method, route, said(answer.text))
            _holds_nothing_back(answer, keeps=route.endpoint == "console.static")
    for route in routes(gateway, lead):
        for number in ("9999999999", "9" * 30, "-1", "0", "x", "1.5", "\u0663") if route.method == "GET" else ():
            strange = dict.fromkeys(("lead", "line", "before", "after", "version", "page", "from", "to", "at"), number)
            answer = asha.session.get(f"{asha.url}/{route.path}", params=strange, timeout=30, allow_redirects=False)
            assert answer.status_code < 500, (number, route, said(answer.text))
    for path in (
        "",
        "/",
        "/nowhere",
        "//today",
        "/static/none.css",
        "/leads/99999999999999999999999",
        "/%00",
        "/leads?q=%00",
    ):
        _holds_nothing_back(
            requests.get(f"{gateway.url}/console{path}", timeout=30, allow_redirects=False), keeps=False
        )
        answer = asha.session.get(f"{asha.url}{path}", timeout=30)
        assert answer.status_code < 500, (path, said(answer.text))


def _holds_nothing_back(answer: requests.Response, *, keeps: bool) -> None:
    policy = answer.headers.get("Content-Security-Policy", "")
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), answer.url
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    if not keeps and answer.status_code != 404:
        assert "no-store" in answer.headers["Cache-Control"], answer.url


def test_what_is_asked_wrongly_is_answered_with_a_sentence(gateway: Running) -> None:
    asha = sign_in(gateway)
    mark = asha.csrf()
    for method, path, data, status in (
        ("GET", "nowhere", {}, 404),
        ("POST", "today", {"csrf": mark}, 404),
        ("DELETE", "people", {"csrf": mark}, 404),
        ("POST", "people/invite", {"csrf": mark, "name": "a\0b", "role": "look"}, 400),
        ("POST", "people/invite", {"csrf": mark, "name": "x" * 1_100_000}, 413),
    ):
        answer = asha.session.request(method, f"{asha.url}/{path}", data=data, timeout=30)
        assert answer.status_code == status, (method, path, answer.status_code)
        assert answer.headers["Content-Type"].startswith("text/html"), (method, path)
        assert "Traceback" not in answer.text
    for path in ("enter", "welcome"):
        stranger = Browser(gateway)
        answer = stranger.post(path, form_mark(stranger, "welcome"), name="\0", code="\0", password="\0")
        assert answer.status_code == 400, path


def test_a_ledger_that_is_away_is_a_sentence_and_no_trace(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=False) as gateway:
        asha = sign_in(gateway)
        with gateway.ledger.write("test") as connection:
            connection.exec_driver_sql("ALTER TABLE sessions RENAME TO gone")
        try:
            answer = asha.get("today")
            stranger = requests.get(f"{gateway.url}/console/enter", timeout=30)
        finally:
            with gateway.ledger.write("test") as connection:
                connection.exec_driver_sql("ALTER TABLE gone RENAME TO sessions")
        assert stranger.status_code == 200
        assert answer.status_code in (500, 503)
        assert ("Leads" in said(answer.text), "sessions" in answer.text, "Traceback" in answer.text) == (
            True,
            False,
            False,
        )
        assert "Content-Security-Policy" in answer.headers
        assert asha.get("today").status_code == 200
    clock.follow(None)


@pytest.mark.parametrize(
    ("there", "end"),
    [
        ("/console/audit?who=Asha", "/console/audit?who=Asha"),
        ("//example.com/console/", "/console/today"),
        ("/console/\\example.com", "/console/today"),
        ("/console/\texample", "/console/today"),
        ("https:/console/", "/console/today"),
        ("/console/leave", "/console/today"),
        ("/console/nowhere", "/console/today"),
        ("/hooks/website", "/console/today"),
    ],
)
def test_one_comes_out_at_a_page_that_there_is(gateway: Running, there: str, end: str) -> None:
    sign_in(gateway)
    someone = Browser(gateway)
    answer = someone.post("enter", form_mark(someone, "enter"), name="Asha", password=PASSWORD, there=there)
    assert answer.url == f"{gateway.url}{end}"


def test_behind_a_proxy_of_ours_the_cookie_goes_by_https_alone(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}
    for trusted, is_secure in (("127.0.0.1", True), ("", False)):
        with running(ledger, box, tmp_path, worker=False, GATEWAY_TRUSTED_PROXIES=trusted) as gateway:
            answer = requests.get(f"{gateway.url}/console/welcome", headers=forwarded, timeout=30)
            assert ("Secure" in answer.headers["Set-Cookie"]) == is_secure
    clock.follow(None)


def test_nobody_gets_more_tries_by_saying_that_they_come_from_elsewhere(gateway: Running) -> None:
    sign_in(gateway)
    stranger = Browser(gateway)
    mark = form_mark(stranger, "enter")
    codes = []
    for number in range(7):
        stranger.session.headers["X-Forwarded-For"] = f"203.0.113.{number}"
        codes.append(stranger.post("enter", mark, name="Asha", password=f"guess {number}").status_code)
    assert codes == [401] * 5 + [429] * 2


def test_a_browser_at_the_bare_address_comes_to_the_console_and_a_program_reads_a_line(gateway: Running) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    answer = requests.get(gateway.url, headers=browser, timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/console/")
    plain = requests.get(gateway.url, timeout=30)
    assert (plain.status_code, plain.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert plain.text.startswith("The lead gateway runs here")


def test_where_the_console_is_off_there_is_none(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=False, GATEWAY_CONSOLE="off") as gateway:
        assert requests.get(f"{gateway.url}/console/enter", timeout=30).status_code == 404
        bare = requests.get(gateway.url, headers={"Accept": "text/html"}, timeout=30)
        assert bare.text.startswith("The lead gateway runs here")
    clock.follow(None)


def test_no_page_tells_a_secret_of_the_settings(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=True, **SECRETS) as gateway:
        asha, found = sign_in(gateway), fill(gateway)
        paths = [route.path for route in routes(gateway, found["accepted"]) if route.method == "GET"]
        for path in {*pages(found), *paths}:
            answer = asha.get(path)
            told = [secret for secret in SECRETS.values() if secret in answer.text]
            assert not told, (path, told)
    clock.follow(None)


@pytest.fixture
def hostile(gateway: Running) -> tuple[Running, list[str]]:
    """A gateway whose leads, form names and mappings hold scripts; with the pages that show them."""
    text = mapping("HOSTILE", campaign="HOSTILE", rule="HOSTILE").replace("HOSTILE", f"'{IMAGE}'")
    gateway.write_mapping("hostile.yaml", text)
    answers = {
        "phone": "+12025550143",
        "name": SCRIPT,
        "city": IMAGE,
        "utm_source": SCRIPT,
        FORMULA: IMAGE,
        IMAGE: FORMULA,
    }
    for form in (FORMULA, IMAGE):
        gateway.post_website(quote(form, safe=""), **answers, form_note=form)
    leads = wait_for(gateway.leads, lambda found: len(found) == 2)
    wait_for(lambda: [one.state for one in gateway.deliveries()], bool)
    paths = [
        "today",
        "leads",
        f"leads?q={quote(SCRIPT)}",
        f"leads?form={quote(IMAGE)}",
        f"leads?campaign={quote(IMAGE)}",
    ]
    paths += [f"leads/{lead.lead.id}" for lead in leads]
    paths += ["mappings", "mappings/hostile.yaml", f"mappings/hostile.yaml?lead={leads[0].lead.id}"]
    paths += [f"mappings/new?source=website&form={quote(form)}" for form in (FORMULA, IMAGE)]
    paths += ["connect", "connect/website", "health", "people", f"audit?who={quote(IMAGE)}&about={quote(SCRIPT)}"]
    return gateway, paths


def test_what_a_lead_answers_is_text_on_every_page(hostile: tuple[Running, list[str]], browser: Chromium) -> None:
    gateway, paths = hostile
    asha = sign_in(gateway)
    with window(browser) as page:
        _take_over(page, asha)
        opened: list[Dialog] = []  # one that nobody answers stops the page, so that the next step fails, too
        page.on("dialog", lambda dialog: opened.append(dialog))  # noqa: PLW0108 - Playwright takes no built-in
        for path in paths:
            page.goto(f"{asha.url}/{path}", wait_until="networkidle")
            assert page.evaluate("window.ran") is None, path
            assert page.locator("[onerror], script:not([src]), img[src='x']").count() == 0, path
        assert opened == []


def test_what_a_lead_answers_is_never_a_template(hostile: tuple[Running, list[str]]) -> None:
    gateway, paths = hostile
    asha, shown = sign_in(gateway), 0
    for path in paths:
        text = said(asha.get(path).text)
        shown += text.count(FORMULA)
        assert SCRIPT not in asha.get(path).text, path
        assert not re.search(r"(?<!\d)5929(?!\d)", text), path
    assert shown  # else nothing was seen at all


def _take_over(page: Page, browser: Browser) -> None:
    """Go on in Chromium with the session of a person."""
    [cookie] = [one for one in browser.session.cookies if one.name == "gateway_console"]
    page.context.add_cookies(
        [{"name": cookie.name, "value": str(cookie.value), "url": f"{browser.url}/", "httpOnly": True}]
    )
