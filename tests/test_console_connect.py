"""Connecting a source: what to paste where, what a click alone shows, and the page that waits for a first lead."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
import requests
from browsing import PHONE, enter, violations, window
from consoling import Browser, said, sign_in
from harness import PERSON, Running, mapping, running, wait_for
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import expect

from gateway.inbound.source import kinds, names
from gateway.samples import INVENTED
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

DOORS = (*names(), "aisensy")

#: What a person pastes elsewhere, and is shown on a click.
PASTED = {"website": "WEBSITE_TOKEN", "facebook": "FACEBOOK_VERIFY_TOKEN", "typeform": "TYPEFORM_SECRET"}

#: What nobody is ever shown.
KEPT = ("AISENSY_API_KEY", "FACEBOOK_APP_SECRET", "FACEBOOK_PAGE_TOKEN", "WEBSITE_SECRET", "DATABASE_URL")


def live(browser: Browser, source: str, form: str = "", since: int = 1) -> str:
    """What the part that waits says now."""
    return said(browser.page(f"connect/{source}/live?form={form}&since={since}"))


@pytest.mark.parametrize("name", DOORS)
def test_each_way_in_has_its_address_and_steps(gateway: Running, name: str) -> None:
    asha = sign_in(gateway)

    page = asha.page(f"connect/{name}")

    assert f"{gateway.url}/hooks/{name}" in page
    assert page.count("<li><p>") >= 2
    assert f"/console/connect/{name}" in asha.page("connect")


def test_every_source_says_how_it_is_connected_and_wants_only_settings_that_exist(gateway: Running) -> None:
    for kind in kinds().values():
        wanted = [one.name for one in kind.guide.wants]
        assert kind.guide.title
        assert kind.guide.steps
        assert wanted
        assert set(kind.needs) <= set(wanted)
        assert set(wanted) <= set(gateway.settings.values)


def test_nothing_secret_stands_in_a_page_before_it_is_asked_for(gateway: Running) -> None:
    asha = sign_in(gateway)

    for path in ("connect", *(f"connect/{name}?form=open-house" for name in DOORS)):
        page = asha.page(path)
        assert [name for name, text in INVENTED.items() if text in page] == []
        assert "test-key" not in page


@pytest.mark.parametrize(("source", "setting"), PASTED.items(), ids=PASTED.keys())
def test_what_is_pasted_elsewhere_is_shown_on_a_click_and_the_click_is_noted(
    gateway: Running, source: str, setting: str
) -> None:
    asha = sign_in(gateway)

    answer = asha.post(f"connect/{source}/shown", what=setting, form="open-house", since="1")

    assert answer.status_code == 200
    assert INVENTED[setting] in answer.text
    assert [name for name, text in INVENTED.items() if text in answer.text] == [setting]
    assert answer.headers["Cache-Control"] == "no-store"
    assert asha.audit()[0] == f"Asha looked at {setting}, to paste it elsewhere ({source})"
    assert INVENTED[setting] not in asha.page(f"connect/{source}/shown")


def test_the_address_of_a_form_holds_its_name_and_its_token(gateway: Running) -> None:
    asha = sign_in(gateway)

    page = asha.post("connect/website/shown", what="WEBSITE_TOKEN", form="Open house/2", since="1").text

    whole = f"{gateway.url}/hooks/website/Open%20house%2F2?token={INVENTED['WEBSITE_TOKEN']}"
    assert page.count(f'data-copy="{whole}"') == 1
    assert f"curl &#39;{whole}&#39;" in page
    assert f"fetch(&#34;{whole}&#34;" in page


@pytest.mark.parametrize("setting", [*KEPT, "WEBSITE_TOKEN", ""])
def test_no_key_and_no_app_secret_is_ever_shown(gateway: Running, setting: str) -> None:
    asha = sign_in(gateway)
    before = asha.audit()

    answer = asha.post("connect/facebook/shown", what=setting)

    assert answer.status_code == 404
    assert [name for name, text in INVENTED.items() if text in answer.text] == []
    assert asha.audit() == before


def test_who_may_only_look_is_shown_no_token_and_no_button_for_it(gateway: Running) -> None:
    ravi = sign_in(gateway, "Ravi", look=True)

    page = ravi.page("connect/website?form=open-house")
    answer = ravi.post("connect/website/shown", what="WEBSITE_TOKEN")

    assert ">Show the token</button>" not in page
    assert "Somebody whose role may change things can show it." in said(page)
    assert answer.status_code == 403
    assert INVENTED["WEBSITE_TOKEN"] not in answer.text


def test_a_source_without_its_settings_says_which_and_gives_the_lines_to_write(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    nothing = {"TYPEFORM_SECRET": "", "WEBSITE_TOKEN": "", "AISENSY_API_KEY": ""}
    with running(ledger, box, tmp_path, worker=False, **nothing) as gateway:
        asha = sign_in(gateway)
        pages = [said(asha.page(f"connect/{name}")) for name in ("typeform", "website")]
        all_ways = said(asha.page("connect"))

    for page, setting in zip(pages, ("TYPEFORM_SECRET", "WEBSITE_TOKEN"), strict=True):
        assert re.search(rf"{setting}=[0-9a-f]{{48}}\b", page), page
        assert "Nothing can come yet" in page
    assert "website?token=…" in pages[1] or "website/…?token=…" in pages[1]
    assert "not set up" in all_ways
    assert "every message is held until AISENSY_API_KEY is set" in all_ways


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        ({}, "an address of this machine alone"),
        ({"Host": "leads.example.com"}, "This page came without https."),
        ({"Host": "leads.example.com", "X-Forwarded-Proto": "https"}, ""),
    ],
)
def test_an_address_that_services_cannot_post_to_is_said_to_be_one(
    ledger: Ledger, box: Sandbox, tmp_path: Path, headers: dict[str, str], says: str
) -> None:
    with running(ledger, box, tmp_path, worker=False, GATEWAY_TRUSTED_PROXIES="127.0.0.1") as gateway:
        asha = sign_in(gateway)
        cookie = "; ".join(f"{one.name}={one.value}" for one in asha.session.cookies)
        page = asha.get("connect/typeform?since=1", headers=headers | {"Cookie": cookie}).text

    given = {"an address of this machine alone", "This page came without https."}
    assert {one for one in given if one in page} == ({says} if says else set())
    if not says:
        assert "https://leads.example.com/hooks/typeform" in page


def test_a_page_that_waits_says_so_and_is_not_sent_again_while_nothing_comes(gateway: Running) -> None:
    asha = sign_in(gateway)
    path = f"connect/website/live?form=open-house&since={int(time.time())}"

    first = asha.get(path)
    again = asha.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert "Waiting for the first lead…" in said(first.text)
    assert again.status_code == 304


def test_a_lead_without_a_mapping_is_shown_with_its_answers_and_a_way_to_make_one(gateway: Running) -> None:
    asha = sign_in(gateway)

    event = gateway.post_website("open-house", **PERSON)

    page = wait_for(lambda: asha.page("connect/website/live?form=open-house&since=1"), lambda one: "Goa" in one)
    assert f"It came: e{event}" in said(page)
    assert "Mira Sample" in page
    assert PERSON["phone"] not in page
    assert "No mapping takes this form yet" in page
    assert "/console/mappings/new?source=website&amp;form=open-house" in page


def test_a_lead_that_a_mapping_takes_is_shown_with_its_rule_and_its_message(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.write_mapping("open-house.yaml", mapping("open-house"))

    gateway.post_website("open-house", **PERSON)

    gateway.wait_for_delivery("accepted")
    words = live(asha, "website", "open-house")
    assert "open-house.yaml , rule Everyone : the campaign goa_villas_welcome to" in words
    assert "accepted" in words
    assert "open-house , last lead l1" in said(asha.page("connect/website"))
    assert "leads come" in said(asha.page("connect"))


def test_a_lead_that_is_only_waiting_to_be_read_is_said_to_be(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=False) as gateway:
        asha = sign_in(gateway)
        gateway.post_website("open-house", **PERSON)
        soon = live(asha, "website", "open-house")
        gateway.move_clock(60)
        late = live(asha, "website", "open-house")

    assert "It is stored, and is being read." in soon
    assert "perhaps the worker does not run" not in soon
    assert "perhaps the worker does not run" in late


def test_a_lead_of_another_form_than_the_one_waited_for_is_told(gateway: Running) -> None:
    asha = sign_in(gateway)

    gateway.post_website("openhouse", **PERSON)

    words = live(asha, "website", "open-house")
    assert "Waiting for the first lead…" in words
    assert "A lead of another form came" in words
    assert "openhouse" in words


def test_what_came_before_the_page_was_opened_is_not_what_it_waits_for(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("open-house", **PERSON)
    gateway.move_clock(100)

    page = asha.get("connect/website?form=open-house")

    assert "since=" in page.url
    assert "Waiting for the first lead…" in said(page.text)


@pytest.mark.parametrize(
    ("path", "source", "says"),
    [
        ("website/open-house?token=bad", "website", "wrong token. What stands after ?token= is not our token"),
        ("website/open-house", "website", "no token. The address it was posted to misses what comes after ?token="),
        ("typeform", "typeform", "no signature. The request was not signed"),
        ("aisensy", "aisensy", "settings missing. A setting is missing here"),
    ],
)
def test_a_request_that_was_turned_away_is_told_with_its_cure(
    gateway: Running, path: str, source: str, says: str
) -> None:
    asha = sign_in(gateway)

    assert gateway.post(path, b"name=Mira").status_code in (401, 503)

    words = wait_for(lambda: live(asha, source), lambda words: "turned away" in words)
    assert says in re.sub(r"\s+([.,:])", r"\1", words)


def test_a_body_that_is_too_large_is_told(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=False, GATEWAY_MAX_BODY="1000") as gateway:
        asha = sign_in(gateway)
        assert gateway.post_signed("website", b"name=" + b"x" * 2000).status_code == 413
        words = wait_for(lambda: live(asha, "website"), lambda words: "turned away" in words)

    assert "GATEWAY_MAX_BODY is the limit" in words


def test_what_cannot_be_read_is_told_with_its_reason(gateway: Running) -> None:
    asha = sign_in(gateway)

    gateway.post_website("open-house", _gotcha="")

    words = wait_for(lambda: live(asha, "website", "open-house"), lambda words: "cannot be read" in words)
    assert "there are no answers in it" in words


def test_a_receipt_is_waited_for_as_a_lead_is(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, AISENSY_WEBHOOK_TOKEN="hook-token") as gateway:
        asha = sign_in(gateway)
        before = live(asha, "aisensy")
        shown = asha.post("connect/aisensy/shown", what="AISENSY_WEBHOOK_TOKEN").text
        told = gateway.post("aisensy?token=hook-token", b'{"event": "test.webhook", "data": {"message": "hello"}}')
        assert told.status_code == 200
        after = wait_for(lambda: live(asha, "aisensy"), lambda words: "ignored" in words)

    assert "Waiting for the first receipt…" in before
    assert "/hooks/aisensy?token=hook-token" in shown
    assert "A receipt came" in after


def test_a_source_that_does_not_exist_is_said_not_to(gateway: Running) -> None:
    answer = sign_in(gateway).get("connect/tiktok")

    assert answer.status_code == 404
    assert "There is no source" in said(answer.text)


@pytest.mark.parametrize("since", ["", "x", "9" * 30, "-9999999999999"])
def test_a_moment_that_is_none_is_now(gateway: Running, since: str) -> None:
    page = sign_in(gateway).get(f"connect/website?since={since}")

    assert page.status_code == 200
    assert re.search(r"since=\d{10}$", page.url)


def test_the_page_turns_by_itself_when_the_lead_comes(gateway: Running, browser: Chromium) -> None:
    code = gateway.command("console", "code").output.split()[0]
    with window(browser) as page:
        enter(page, gateway.url, code)
        page.goto(f"{gateway.url}/console/connect/website")
        page.get_by_label("The form's name").fill("open-house")
        page.get_by_role("button", name="Show the token").click()
        page.wait_for_url("**/shown**")
        address = page.locator("#paste [data-template]").inner_text()
        expect(page.locator("#live")).to_contain_text("Waiting for the first lead…")
        assert requests.post(address, data=PERSON, timeout=20).status_code == 200
        expect(page.locator("#live")).to_contain_text("It came: e1")
        expect(page.locator("#live")).to_contain_text("Mira Sample")
        expect(page.locator("#said")).to_contain_text("It came: e1.")
        expect(page.locator("#live").get_by_role("link", name="Make a mapping")).to_be_visible()


def test_what_is_pasted_follows_the_name_as_it_is_typed(gateway: Running, browser: Chromium) -> None:
    code = gateway.command("console", "code").output.split()[0]
    with window(browser) as page:
        enter(page, gateway.url, code)
        page.goto(f"{gateway.url}/console/connect/website")
        page.get_by_role("button", name="Show the token").click()
        page.wait_for_url("**/shown**")
        expect(page.get_by_role("button", name="Copy the HTML")).to_be_hidden()
        page.get_by_label("The form's name").fill("Open house")
        expect(page.get_by_role("button", name="Copy the HTML")).to_be_visible()
        assert all(
            "/hooks/website/Open%20house?token=" in one for one in page.locator("[data-template]").all_inner_texts()
        )
        page.get_by_label("The form's name").press("Enter")
        expect(page).to_have_url(re.compile(r"/connect/website\?form=Open\+house&since=\d+$"))
        expect(page.get_by_role("button", name="Copy the HTML")).to_be_visible()


def test_the_pages_are_right_for_people_who_see_or_move_otherwise(gateway: Running, browser: Chromium) -> None:
    code = gateway.command("console", "code").output.split()[0]
    gateway.post_website("open-house", **PERSON)
    gateway.post("website/open-house?token=bad", b"name=Mira")
    with window(browser) as page:
        enter(page, gateway.url, code)
        cookies = page.context.cookies()
    for size, dark in ((None, False), (None, True), (PHONE, False)):
        with window(browser, *([size] if size else []), dark=dark) as page:
            page.context.add_cookies(cookies)  # type: ignore[arg-type]  # Playwright gives and takes them alike
            for path in ("connect", "connect/website?form=open-house&since=1", "connect/facebook", "connect/aisensy"):
                page.goto(f"{gateway.url}/console/{path}")
                assert violations(page) == []
                assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), path
