"""Those who may use the console: inviting, roles, passwords, and the audit list."""

from __future__ import annotations

import re
import threading
from html import unescape

import pytest
import requests
from browsing import DESKTOP, PHONE, violations, window
from consoling import PASSWORD, Browser, form_mark, said, sign_in
from harness import Running
from playwright.sync_api import Browser as Chromium

from gateway import clock
from gateway.store.console import acts, invitations, members
from gateway.store.console.acts import Act
from gateway.store.console.invitations import Invitation
from gateway.store.console.members import Role

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

OTHER = "quite another few words"


def code_on(page: str) -> str:
    """The one-time code that a page shows."""
    found = re.search(r"<code>((?:[2-9A-Z]{4}-){3}[2-9A-Z]{4})</code>", page)
    assert found, said(page)
    return found[1]


def welcome(gateway: Running, code: str, name: str = "", password: str = OTHER) -> Browser:
    """Somebody who types a code."""
    browser = Browser(gateway)
    answer = browser.post("welcome", form_mark(browser, "welcome"), code=code, name=name, password=password)
    assert answer.url.endswith("/console/today"), said(answer.text)
    return browser


def enter(gateway: Running, name: str, password: str) -> requests.Response:
    browser = Browser(gateway)
    return browser.post("enter", form_mark(browser, "enter"), name=name, password=password)


def in_ledger(gateway: Running) -> dict[str, str]:
    """The members with their roles."""
    with gateway.ledger.read() as connection:
        return {one.name: str(one.role) for one in members.listing(connection)}


def test_who_is_invited_comes_in_by_a_code_with_the_role_that_was_given(gateway: Running) -> None:
    asha = sign_in(gateway)
    shown = asha.post("people/invite", name="  Ravi   Rao ", role="look").text
    assert "A code for Ravi Rao" in said(shown)
    assert f"{gateway.url}/console/welcome?code={code_on(shown)}" in unescape(shown)
    ravi = welcome(gateway, code_on(shown), name="whatever")
    assert in_ledger(gateway) == {"Asha": "change", "Ravi Rao": "look"}
    assert ravi.post("people/invite", name="Mallory", role="change").status_code == 403
    assert asha.audit()[:2] == [
        "Ravi Rao set a password; may look, and change nothing",
        "Asha made a one-time code for Ravi Rao, who may then look, and change nothing",
    ]


def test_a_code_is_shown_once_and_can_be_taken_back(gateway: Running) -> None:
    asha = sign_in(gateway)
    code = code_on(asha.post("people/invite", name="Ravi", role="change").text)
    listed = asha.page("people")
    assert "Ravi may then change things" in said(listed)
    assert code not in listed
    assert "serves for nothing" in said(asha.post("people/uninvite", name="ravi").text)
    someone = Browser(gateway)
    answer = someone.post("welcome", form_mark(someone, "welcome"), code=code, name="Ravi", password=OTHER)
    assert (answer.status_code, in_ledger(gateway)) == (401, {"Asha": "change"})


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "the server", "asha", "A\u202eb", "a\x7fb"])
def test_a_name_that_is_none_or_somebodys_gets_no_code(gateway: Running, name: str) -> None:
    asha = sign_in(gateway)
    answer = asha.post("people/invite", name=name, role="change")
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    with gateway.ledger.read() as connection:
        assert invitations.listing(connection, clock.now()) == []


def test_two_who_type_one_code_at_once_are_one(gateway: Running) -> None:
    code = gateway.command("console", "code").output.split()[0]
    both, answers = [Browser(gateway), Browser(gateway)], []
    marks = [form_mark(one, "welcome") for one in both]

    def typed(number: int) -> None:
        fields = {"code": code, "name": f"Person {number}", "password": OTHER}
        answers.append(both[number].post("welcome", marks[number], **fields).status_code)

    threads = [threading.Thread(target=typed, args=(number,)) for number in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(30)
    assert len(in_ledger(gateway)) == 1
    answers.sort()
    assert answers in ([200, 401], [200, 409])


def test_a_code_is_used_by_one_of_two_transactions_that_saw_it(gateway: Running) -> None:
    with gateway.ledger.write("test") as connection:
        code = invitations.make(connection, Invitation("", Role.CHANGE), clock.now())
    with gateway.ledger.write("test") as connection:
        assert invitations.use(connection, code, clock.now())
        assert invitations.use(connection, code, clock.now()) is None


def test_a_role_counts_from_the_next_request_on(gateway: Running) -> None:
    asha = sign_in(gateway)
    ravi = welcome(gateway, code_on(asha.post("people/invite", name="Ravi", role="change").text))
    assert ravi.post("people/invite", name="Zoe", role="look").status_code == 200
    answer = asha.post("people/role", name="ravi", role="look")
    assert "look now, and change nothing" in said(answer.text)
    assert ravi.post("people/invite", name="Mallory", role="look").status_code == 403
    assert "Invite somebody" not in said(ravi.page("people"))
    with gateway.ledger.read() as connection:
        assert invitations.listing(connection, clock.now()) == []  # what Ravi made before is worth nothing
    asha.post("people/role", name="Ravi", role="change")
    assert ravi.post("people/invite", name="Zoe", role="look").status_code == 200
    assert "Asha let Ravi change things" in asha.audit()


def test_who_is_removed_is_out_at_once_with_every_open_code(gateway: Running) -> None:
    asha = sign_in(gateway)
    ravi = welcome(gateway, code_on(asha.post("people/invite", name="Ravi", role="change").text))
    backdoor = code_on(ravi.post("people/invite", name="Ravi the second", role="change").text)
    asha.post("people/remove", name="Ravi")
    assert "/console/enter" in ravi.get("today").url
    assert enter(gateway, "Ravi", OTHER).status_code == 401
    someone = Browser(gateway)
    mark = form_mark(someone, "welcome")
    assert someone.post("welcome", mark, code=backdoor, name="", password=OTHER).status_code == 401
    assert in_ledger(gateway) == {"Asha": "change"}
    assert asha.audit()[0] == "Asha removed Ravi"


def test_the_last_who_may_change_things_stays_and_keeps_the_role(gateway: Running) -> None:
    asha = sign_in(gateway)
    sign_in(gateway, "Ravi", look=True)
    for path, fields in (("people/remove", {}), ("people/role", {"role": "look"})):
        answer = asha.post(path, name="Asha", **fields)
        assert (answer.status_code, "only one who may change things" in said(answer.text)) == (409, True)
    assert in_ledger(gateway) == {"Asha": "change", "Ravi": "look"}
    assert "Nobody else may change things" in said(asha.page("people"))
    asha.post("people/role", name="Ravi", role="change")
    assert asha.post("people/role", name="Asha", role="look").status_code == 200
    assert in_ledger(gateway) == {"Asha": "look", "Ravi": "change"}


def test_where_the_settings_let_admin_in_everybody_can_be_removed(gateway: Running) -> None:
    asha = sign_in(gateway)
    made = gateway.command("console", "hash", "--password", OTHER).output.strip()
    gateway.settings.values["GATEWAY_CONSOLE_PASSWORD_HASH"] = made  # type: ignore[index]  # as if it had been set
    assert asha.post("people/remove", name="Asha").url.endswith("/console/enter")
    assert in_ledger(gateway) == {}
    admin = Browser(gateway)
    admin.post("enter", form_mark(admin, "enter"), name="admin", password=OTHER)
    assert "It stands in the setting GATEWAY_CONSOLE_PASSWORD_HASH" in said(admin.page("people"))
    assert admin.post("people/remove", name="admin").status_code == 409
    assert admin.post("people/password", present=OTHER, new=PASSWORD).status_code == 400


def test_nobody_is_changed_who_is_not_there(gateway: Running) -> None:
    asha = sign_in(gateway)
    for path in ("role", "remove", "sign-out", "code"):
        assert asha.post(f"people/{path}", name="Nobody", role="look").status_code == 409
    assert asha.post("people/role", name="Asha", role="owner").status_code == 400
    assert in_ledger(gateway) == {"Asha": "change"}


def test_an_own_password_is_changed_by_whoever_knows_the_present_one_and_ends_other_sessions(
    gateway: Running,
) -> None:
    sign_in(gateway)
    ravi = sign_in(gateway, "Ravi", look=True)
    other = Browser(gateway)
    other.post("enter", form_mark(other, "enter"), name="Ravi", password=PASSWORD)
    refused = ravi.post("people/password", present="a wrong guess", new=OTHER)
    assert (refused.status_code, "present password is another" in refused.text) == (400, True)
    weak = ravi.post("people/password", present=PASSWORD, new="short")
    assert (weak.status_code, "words are easy to keep" in weak.text) == (400, True)
    answer = ravi.post("people/password", present=PASSWORD, new=OTHER)
    assert "Your password is another now" in said(answer.text)
    assert "/console/enter" in other.get("today").url
    assert "/console/today" in ravi.get("today").url
    assert enter(gateway, "Ravi", PASSWORD).status_code == 401
    assert enter(gateway, "Ravi", OTHER).status_code == 200
    assert ravi.audit()[1] == "Ravi changed the own password"


def test_a_present_password_is_guessed_no_more_often_than_one_at_the_door(gateway: Running) -> None:
    asha = sign_in(gateway)
    codes = [asha.post("people/password", present=f"guess {one}", new=OTHER).status_code for one in range(7)]
    assert codes == [400] * 5 + [429] * 2
    assert asha.post("people/password", present=PASSWORD, new=OTHER).status_code == 429


def test_a_new_password_for_somebody_is_a_code_and_the_old_one_serves_until_it_is_used(gateway: Running) -> None:
    asha, _ravi = sign_in(gateway), sign_in(gateway, "Ravi", look=True)
    shown = asha.post("people/code", name="ravi").text
    assert "The old password serves until the new one is set" in said(shown)
    assert enter(gateway, "Ravi", PASSWORD).status_code == 200
    welcome(gateway, code_on(shown))
    assert enter(gateway, "Ravi", PASSWORD).status_code == 401
    assert in_ledger(gateway) == {"Asha": "change", "Ravi": "look"}


def test_signing_out_everywhere_ends_every_browser_of_one_person(gateway: Running) -> None:
    asha, ravi = sign_in(gateway), sign_in(gateway, "Ravi", look=True)
    other = Browser(gateway)
    other.post("enter", form_mark(other, "enter"), name="Ravi", password=PASSWORD)
    assert "on 2 browsers" in said(asha.page("people"))
    assert ravi.post("people/sign-out-everywhere").url.endswith("/console/enter")
    assert "/console/enter" in other.get("today").url
    assert "/console/today" in asha.get("today").url
    other.post("enter", form_mark(other, "enter"), name="Ravi", password=PASSWORD)
    assert "signed out, on every browser" in said(asha.post("people/sign-out", name="Ravi").text)
    assert "/console/enter" in other.get("today").url


def test_a_crowd_of_guesses_at_once_is_counted_like_one_after_the_other(gateway: Running) -> None:
    sign_in(gateway)
    codes: list[int] = []
    crowd = [Browser(gateway) for _ in range(12)]
    marks = [form_mark(one, "enter") for one in crowd]

    def guess(number: int) -> None:
        answer = crowd[number].post("enter", marks[number], name="asha", password=f"guess {number}")
        codes.append(answer.status_code)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert sorted(codes) == [401] * 5 + [429] * 7


def test_while_passwords_are_tried_from_everywhere_a_new_code_lets_in(gateway: Running) -> None:
    sign_in(gateway)
    from gateway.store.console import refused  # noqa: PLC0415 - only here

    with gateway.ledger.write("test") as connection:
        for number in range(refused.OF_ALL):
            refused.note(connection, f"198.51.100.{number % 250}", f"name {number}", clock.now())
    assert enter(gateway, "Asha", PASSWORD).status_code == 429
    welcome(gateway, gateway.command("console", "code", "--name", "Asha").output.split()[0])


def test_who_has_an_ipv6_address_does_not_get_a_try_more_by_the_one_beside_it(gateway: Running) -> None:
    from gateway.store.console import refused  # noqa: PLC0415 - only here

    with gateway.ledger.write("test") as connection:
        for number in range(refused.OF_NAME):
            refused.note(connection, f"2001:db8::{number + 1:x}", "asha", clock.now())
    with gateway.ledger.read() as connection:
        assert refused.until(connection, "2001:db8::ffff:1", "asha", clock.now())
        assert refused.until(connection, "2001:db8:0:1::1", "asha", clock.now()) is None


def test_a_person_joined_with_letters_written_otherwise_is_the_same(gateway: Running) -> None:
    sign_in(gateway, "Jos\u00e9")
    assert enter(gateway, "jose\u0301", PASSWORD).url.endswith("/console/today")


def test_signing_in_again_ends_the_session_before(gateway: Running) -> None:
    asha = sign_in(gateway)
    before = dict(asha.session.cookies)
    code = gateway.command("console", "code", "--name", "Zoe").output.split()[0]
    asha.post("welcome", code=code, name="", password=OTHER)
    old = Browser(gateway)
    old.session.cookies.update(before)
    assert "/console/enter" in old.get("today").url


def test_the_audit_list_goes_back_page_by_page_and_forgets_no_line(gateway: Running) -> None:
    asha = sign_in(gateway)
    with gateway.ledger.write("test") as connection:
        for number in range(120):
            acts.note(connection, Act("Ravi", "127.0.0.1", f"did thing {number}", ""), clock.now())
    seen, path = [], "audit?who=Ravi"
    while path:
        page = asha.page(path)
        seen += re.findall(r"did thing (\d+)<", page)
        older = re.search(r'href="/console/([^"]+)">Older<', page)
        path = unescape(older[1]) if older else ""
    assert seen == [str(number) for number in reversed(range(120))]


def test_the_audit_list_is_asked_for_one_lead_or_one_person_and_leads_to_what_it_is_about(gateway: Running) -> None:
    asha = sign_in(gateway)
    with gateway.ledger.write("test") as connection:
        for who, did, about in (
            ("Asha", "replayed it", "l34"),
            ("Ravi", "cancelled it", "l34"),
            ("Ravi", "published it", "website.yaml"),
        ):
            acts.note(connection, Act(who, "127.0.0.1", did, about), clock.now())
    one = asha.page("audit?about=l34")
    assert 'href="/console/leads/34"' in one
    assert "published it" not in one
    both = asha.page("audit?about=l34&who=Ravi")
    assert ("cancelled it" in both, "replayed it" in both) == (True, False)
    assert 'href="/console/mappings/website.yaml"' in asha.page("audit?who=Ravi")
    assert "Nothing was noted here" in said(asha.page("audit?about=l99"))
    for strange in ("before=99999999999999999999999", "before=x", "before=-1", "who=%27%20OR%201"):
        asha.page(f"audit?{strange}")


def test_a_code_that_was_made_on_the_server_stands_in_the_audit_list(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.command("console", "code", "--name", "Zoe", "--look")
    assert asha.audit()[0] == "the server made a one-time code for Zoe, who may then look, and change nothing"


def test_people_are_looked_after_with_a_browser(gateway: Running, browser: Chromium) -> None:
    code = gateway.command("console", "code").output.split()[0]
    with window(browser, DESKTOP) as page:
        from browsing import enter as come_in  # noqa: PLC0415 - another `enter` than ours

        come_in(page, gateway.url, code)
        page.goto(f"{gateway.url}/console/people")
        page.get_by_label("Their name").fill("Ravi")
        page.get_by_role("button", name="Make a one-time code").click()
        page.get_by_role("heading", name="A code for Ravi").wait_for()
        assert violations(page) == []
        address = page.locator(".copy code").first.inner_text()
        with window(browser, PHONE) as phone:
            phone.goto(address)
            phone.get_by_label("Password").fill(OTHER)
            phone.get_by_label("Your name").fill("Ravi")
            phone.get_by_role("button", name="Set it and go in").click()
            phone.wait_for_url("**/console/today")
        page.get_by_role("link", name="Back to people").click()
        line = page.get_by_role("row").filter(has_text="Ravi")
        line.locator("summary").click()
        line.get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        page.get_by_text("They may come in no more").wait_for()
        assert in_ledger(gateway) == {"Asha": "change"}
