"""A marketer who has never seen the gateway walks from the first code to the first message, with a browser alone.

With GATEWAY_SCREENSHOTS=docs/console each step is kept as a picture, for the pages that show them.
"""

from __future__ import annotations

import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
from browsing import PHONE, violations, window
from consoling import PASSWORD
from harness import MAPPINGS, ROOT, environment, wait_for
from playwright.sync_api import Browser, Page, expect
from serving import Serving, serving

from gateway.sandbox.server import Sandbox

FORM = "open-house"
MIRA = {"Name": "mira sample", "WhatsApp number": "+1 (202) 555-0143", "What do you look for?": "2 BHK"}

#: Small enough for a picture beside a text.
SCREEN = (1120, 780)

#: What the person adds to the form that the page Connect gives them.
QUESTION = """  <p><label>What do you look for?<br><input name="interest"></label></p>
  <button>Send</button>"""


def test_a_newcomer_gets_from_the_first_code_to_the_first_message(
    browser: Browser, box: Sandbox, tmp_path: Path
) -> None:
    with serving(_environment(box, tmp_path), tmp_path) as gateway, window(browser, SCREEN) as page:
        gateway.start()
        gateway.wait_until_well()
        _go_in(page, gateway)
        address = _name_the_form(page)
        _send_it(browser, page, address)
        _write_the_mapping(page)
        _send_to_who_waited(page)
        _look_at_the_lead(page)
        _look_around(page)
        _look_again_on_a_phone(browser, page, gateway)
        assert _sent(box) == [("price_list", "+12025550143", ["Mira", "2 BHK"])]


def _environment(box: Sandbox, tmp_path: Path) -> dict[str, str]:
    """A gateway that nobody has written a mapping for; which campaigns there are is known."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    shutil.copy(MAPPINGS / "contracts.yaml", folder)
    return environment(box, tmp_path)


def _go_in(page: Page, gateway: Serving) -> None:
    """By the address that `gateway serve` printed."""
    found = wait_for(lambda: re.search(r"open (http://\S+/console/welcome\?code=\S+)", gateway.log))
    assert found
    page.goto(found[1])
    page.get_by_label("Your name").fill("Asha")
    page.get_by_label("Password").fill(PASSWORD)
    _keep(page, "welcome")
    page.get_by_role("button", name="Set it and go in").click()
    page.wait_for_url("**/console/today")
    expect(page.get_by_text("No lead has come yet")).to_be_visible()


def _name_the_form(page: Page) -> str:
    """The HTML to paste, as the page Connect gives it."""
    page.locator("#connect").click()
    page.get_by_role("link", name=re.compile("Connect it.*Website forms")).click()
    page.get_by_label("The form's name").fill(FORM)
    page.get_by_role("button", name="Show the token").click()
    page.wait_for_url("**/shown**")
    expect(page.locator("#live")).to_contain_text("Waiting for the first lead…")
    given = page.get_by_role("button", name="Copy the HTML").get_attribute("data-copy")
    assert given
    assert f"/hooks/website/{FORM}?token=" in given
    return given


def _send_it(browser: Browser, page: Page, pasted: str) -> None:
    """A visitor fills in the form on a page of the person's own; the page Connect says by itself that it came."""
    with _website(pasted.replace("  <button>Send</button>", QUESTION)) as url, window(browser) as visitor:
        visitor.goto(url)
        for label, text in MIRA.items():
            visitor.get_by_label(label).fill(text)
        visitor.get_by_role("button", name="Send").click()
        expect(visitor.get_by_text("Thank you.")).to_be_visible()
    live = page.locator("#live")
    expect(live).to_contain_text("It came: e1")
    expect(live).to_contain_text("mira sample")
    expect(live).to_contain_text("No mapping takes this form yet")
    expect(page.locator("#said")).to_be_empty()
    _keep(page, "connect-came")


def _write_the_mapping(page: Page) -> None:
    """Most of it writes itself; one place is filled in, and the message is looked at before anything is saved."""
    page.locator("#live").get_by_role("link", name="Make a mapping").click()
    page.get_by_label("The campaign’s name").fill("price_list")
    _keep(page, "mapping-new")
    page.get_by_role("button", name="Write the mapping").click()
    text = page.get_by_label("Text of")
    written = text.input_value()
    assert "<choose a field>" in written
    text.fill(written.replace("# interest:", "interest:").replace("<choose a field>", "$interest"))
    preview = page.locator("#preview")
    expect(preview).to_contain_text("Mira")
    expect(preview).to_contain_text("2 BHK")
    expect(page.locator("#count")).to_contain_text("No problem")
    _keep(page, "mapping-edit")
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("is live")


def _send_to_who_waited(page: Page) -> None:
    expect(page.get_by_role("heading", name="1 lead waited for it")).to_be_visible()
    page.get_by_role("button", name="Send to it now").click()
    page.get_by_role("dialog").get_by_role("button", name="Send to it now").click()
    page.wait_for_url("**/console/leads?**")


def _look_at_the_lead(page: Page) -> None:
    """It is sent while one looks on."""
    page.get_by_role("link", name="mira sample").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("mira sample", re.IGNORECASE))
    expect(page.locator("#lead")).to_contain_text("accepted")
    expect(page.locator("#lead")).to_contain_text("2 BHK")
    _keep(page, "lead")


def _look_around(page: Page) -> None:
    """The other pages know of it, too."""
    page.get_by_role("link", name="Today").click()
    expect(page.locator("#figure-accepted")).to_contain_text("1")
    _keep(page, "today")
    page.get_by_role("link", name="Leads").click()
    expect(page.get_by_role("table")).to_contain_text("accepted")
    _keep(page, "leads")
    page.get_by_role("link", name="Mappings").click()
    expect(page.get_by_role("main")).to_contain_text(f"website-{FORM}.yaml")
    page.get_by_role("link", name="Connect").click()
    expect(page.get_by_role("main")).to_contain_text("leads come")
    page.get_by_role("link", name="Health").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    _keep(page, "health")


def _look_again_on_a_phone(browser: Browser, page: Page, gateway: Serving) -> None:
    cookies: Any = page.context.cookies()
    with window(browser, PHONE) as phone:
        phone.context.add_cookies(cookies)
        for path in ("today", f"connect/website?form={FORM}&since=1", "leads/1"):
            phone.goto(f"{gateway.url}/console/{path}")
            assert violations(phone) == []
            assert phone.evaluate("document.scrollingElement.scrollWidth <= innerWidth"), path
        _keep(phone, "phone-lead")


def _sent(box: Sandbox) -> list[tuple[str, str, list[str]]]:
    """Every call that AiSensy's stand-in accepted: campaign, number, parameters."""
    calls = [call["body"] for call in requests.get(f"{box.url}/calls", timeout=10).json()["calls"]]
    return [(call["campaignName"], call["destination"], call["templateParams"]) for call in calls]


def _keep(page: Page, name: str) -> None:
    """A picture of what is on the screen, where somebody asked for pictures."""
    folder = os.environ.get("GATEWAY_SCREENSHOTS", "")
    if folder:
        (ROOT / folder).mkdir(parents=True, exist_ok=True)
        page.evaluate("scrollTo(0, 0)")
        page.screenshot(path=ROOT / folder / f"{name}.png", animations="disabled", scale="css")


@contextmanager
def _website(form: str) -> Iterator[str]:
    """The person's own page, with what they pasted into it, until the block ends; its address."""
    page = f"<!doctype html><html lang=en><title>Open house</title><h1>Open house</h1>{form}".encode()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page if self.path == "/" else b"")

        def log_message(self, *_told: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
