"""The way in: codes, passwords, sessions, roles, and requests that no page of ours made."""

from __future__ import annotations

import re

import pytest
import requests
from browsing import enter, violations, window
from consoling import PASSWORD, Browser, form_mark, said, sign_in
from harness import Running
from playwright.sync_api import Browser as Chromium

from gateway.store.console import sessions

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store


def test_without_a_session_every_page_leads_to_the_door(gateway: Running) -> None:
    sign_in(gateway)
    for path in ("", "today", "leads", "leads/1", "mappings", "connect", "health", "people", "audit"):
        answer = Browser(gateway).get(path)
        assert "/console/enter" in answer.url, path
        assert "Sign in" in said(answer.text)


def test_a_newcomer_sets_the_first_password_by_a_code_which_serves_once(gateway: Running) -> None:
    first, code = Browser(gateway), gateway.command("console", "code").output.split()[0]
    assert first.get("").url.endswith("/console/welcome")
    answer = first.post("welcome", form_mark(first, "welcome"), code=code.lower(), name="Asha", password=PASSWORD)
    assert answer.url.endswith("/console/today")
    second = Browser(gateway)
    answer = second.post("welcome", form_mark(second, "welcome"), code=code, name="Ravi", password=PASSWORD)
    assert (answer.status_code, "This code is none" in answer.text) == (401, True)


def test_nobody_sets_a_password_without_a_code(gateway: Running) -> None:
    someone = Browser(gateway)
    answer = someone.post("welcome", form_mark(someone, "welcome"), code="", name="Asha", password=PASSWORD)
    assert answer.status_code == 401


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaa", "asha rao of goa"])
def test_a_password_that_would_be_guessed_is_refused_and_the_code_stays(gateway: Running, password: str) -> None:
    someone, code = Browser(gateway), gateway.command("console", "code").output.split()[0]
    mark = form_mark(someone, "welcome")
    answer = someone.post("welcome", mark, code=code, name="Asha Rao of Goa", password=password)
    assert (answer.status_code, "words are easy to keep" in answer.text) == (400, True)
    assert someone.post("welcome", mark, code=code, name="Asha", password=PASSWORD).status_code == 200


def test_signing_out_ends_the_session_everywhere_it_is_known(gateway: Running) -> None:
    asha = sign_in(gateway)
    cookies = dict(asha.session.cookies)
    assert asha.post("leave").url.endswith("/console/enter")
    asha.session.cookies.update(cookies)
    assert "/console/enter" in asha.get("today").url


def test_a_session_ends_when_nobody_used_it_for_long(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.move_clock(sessions.IDLE.total_seconds() - 60)
    assert "/console/today" in asha.get("today").url
    gateway.move_clock(sessions.IDLE.total_seconds() - 60)
    assert "/console/today" in asha.get("today").url
    gateway.move_clock(sessions.IDLE.total_seconds() + 60)
    assert "/console/enter" in asha.get("today").url


def test_a_page_that_only_renews_itself_does_not_keep_a_session(gateway: Running) -> None:
    asha = sign_in(gateway)
    for _hour in range(13):
        gateway.move_clock(3600)
        asha.get("today", headers={"X-Part": "1"})
    assert "/console/enter" in asha.get("today").url


def test_wrong_passwords_soon_have_to_wait_and_the_right_one_waits_with_them(gateway: Running) -> None:
    sign_in(gateway)
    someone = Browser(gateway)
    mark = form_mark(someone, "enter")
    codes = [someone.post("enter", mark, name="asha", password=f"guess {number}").status_code for number in range(7)]
    assert codes == [401] * 5 + [429] * 2
    assert someone.post("enter", mark, name="Asha", password=PASSWORD).status_code == 429
    gateway.move_clock(15 * 60)
    assert someone.post("enter", mark, name=" ASHA ", password=PASSWORD).url.endswith("/console/today")


def test_a_new_password_ends_the_sessions_of_the_old_one(gateway: Running) -> None:
    old, new = sign_in(gateway), Browser(gateway)
    code = gateway.command("console", "code", "--name", "asha").output.split()[0]
    answer = new.post("welcome", form_mark(new, "welcome"), code=code, name="", password="another few words")
    assert answer.url.endswith("/console/today")
    assert "/console/enter" in old.get("today").url


def test_no_change_is_made_without_the_mark_of_a_page_of_ours(gateway: Running) -> None:
    asha = sign_in(gateway)
    for mark in ("", "0" * 40):
        assert asha.post("leave", mark).status_code == 403
    foreign = asha.session.post(
        f"{asha.url}/leave", data={"csrf": asha.csrf()}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=20
    )
    assert foreign.status_code == 403
    assert "/console/today" in asha.get("today").url


def test_after_signing_in_one_goes_on_to_a_page_of_ours_and_nowhere_else(gateway: Running) -> None:
    sign_in(gateway)
    for there, end in (("/console/leads", "/console/leads"), ("https://example.com/", "/console/today")):
        someone = Browser(gateway)
        mark = form_mark(someone, "enter")
        answer = someone.post("enter", mark, name="Asha", password=PASSWORD, there=there)
        assert answer.url == f"{gateway.url}{end}"


def test_the_password_of_the_settings_signs_in_admin_and_closes_the_first_page(gateway: Running) -> None:
    made = gateway.command("console", "hash", "--password", PASSWORD).output.strip()
    assert re.fullmatch(r"scrypt:\S+", made)
    gateway.settings.values["GATEWAY_CONSOLE_PASSWORD_HASH"] = made  # type: ignore[index]  # as if it had been set
    someone = Browser(gateway)
    assert someone.get("").url.endswith("there=/console/")
    mark = form_mark(someone, "enter")
    assert someone.post("enter", mark, name="admin", password=PASSWORD).url.endswith("/console/today")


def test_no_page_may_be_framed_or_load_anything_from_elsewhere(gateway: Running) -> None:
    answer = requests.get(f"{gateway.url}/console/enter", timeout=20)
    assert answer.headers["X-Frame-Options"] == "DENY"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    cookie = answer.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/console/"))


def test_a_newcomer_gets_in_with_a_browser(gateway: Running, browser: Chromium) -> None:
    code = gateway.command("console", "code").output.split()[0]
    for dark in (False, True):
        with window(browser, dark=dark) as page:
            page.goto(f"{gateway.url}/console/")
            assert violations(page) == []
    with window(browser) as page:
        enter(page, gateway.url, code)
        page.locator("summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url("**/console/enter")
        assert violations(page) == []
