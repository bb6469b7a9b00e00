"""Health: whether leads come in and messages go out, and what stands in the way."""

from __future__ import annotations

import re

import pytest
import requests
from browsing import DESKTOP, PHONE, enter, violations, window
from consoling import Browser, said, sign_in
from harness import Running, mapping, somebody, wait_for
from playwright.sync_api import Browser as Chromium
from sqlalchemy import update

from gateway import clock
from gateway.model import Contract, Seen
from gateway.store import contracts
from gateway.store.tables import leads

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

PRICE = {"name": "Mira Sample", "phone": "+919876543210", "interest": "2 BHK"}


def health(browser: Browser, until: str) -> str:
    """The words of the page, once they say something (a pattern)."""
    return wait_for(lambda: said(browser.page("health")), lambda page: re.search(until, page) is not None)


def test_a_new_gateway_says_what_is_set_up_and_what_is_missing(gateway: Running) -> None:
    page = health(sign_in(gateway), "All is well")
    assert "Website forms set up nothing has come yet never" in page
    assert re.search(r"Receipts from AiSensy not set up on the server, set \w+", page)
    assert "a stand-in on this machine, not AiSensy" in page


def test_each_source_says_when_its_last_lead_came_and_how_many_in_a_day(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **PRICE)
    gateway.post_website("price-list", **PRICE | {"phone": "+919876543211"})
    gateway.wait_for_states(accepted=2)
    health(asha, r"Website forms leads come [^U]+ UTC 2 ")


def test_campaigns_say_what_they_want_who_calls_them_and_what_is_wrong(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.write_mapping("other.yaml", mapping())  # the worker has started then: at its start it forgets what was told
    with gateway.ledger.write("told") as connection:
        contracts.note(connection, "price_list", Seen(Contract(2), status="LIVE"), clock.now())
    requests.delete(f"{gateway.box.url}/campaigns/goa_villas_welcome", timeout=10).raise_for_status()
    gateway.post_website("other", **somebody(1))
    gateway.wait_for_delivery("held")
    page = health(asha, "goa_villas_welcome Campaign")
    assert re.search(r"price_list 2 parameters and no media LIVE, asked [^U]+ UTC Price list website.yaml", page)
    assert re.search(r"goa_villas_welcome .*does not exist.* not known yet not asked yet .*Everyone other.yaml", page)


def test_the_queue_and_the_account_say_why_messages_wait(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.fault(credit="none")
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("held")
    assert "Held 1: 1 by the account" in health(asha, "Sending stopped")
    health(asha, r"Sending is stopped: no credit on the AiSensy account\. see what to do")


def test_the_server_says_what_runs_and_that_a_worker_is_away(gateway: Running) -> None:
    asha = sign_in(gateway)
    page = health(asha, "Worker running")
    database = "SQLite" if gateway.ledger.on_sqlite else "PostgreSQL"
    assert re.search(rf"Disk [\d.]+ \w+ free of .* Mappings version 1, live since .* Database {database} \d", page)
    assert ("Ledger" in page) == gateway.ledger.on_sqlite
    gateway.stop_worker()
    health(asha, "Worker not well")
    health(asha, "No message leaves: the worker has stopped")


def test_the_books_are_counted_on_a_click_and_say_where_they_do_not_balance(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("accepted")
    assert "books balance" not in said(asha.page("health"))
    page = said(asha.page("health?books=1"))
    assert "The books balance" in page
    assert "leads 1 1 planned" in page
    with gateway.ledger.write("spoil") as connection:
        connection.execute(update(leads).values(state="lost"))
    page = wait_for(lambda: said(asha.page("health?books=1")), lambda page: "do not balance" in page)
    assert "1 leads are in a state that does not exist: 'lost'" in page


def test_a_page_that_asks_again_is_told_nothing_while_nothing_changed(gateway: Running) -> None:
    asha = sign_in(gateway)
    health(asha, "All is well")

    def same() -> bool:
        mark = asha.get("health", headers={"X-Part": "1"}).headers["ETag"]
        answer = asha.get("health", headers={"X-Part": "1", "If-None-Match": mark})
        return answer.status_code == requests.codes.not_modified and not answer.content

    wait_for(same)


def test_no_key_and_no_token_stand_on_the_page(gateway: Running) -> None:
    page = sign_in(gateway).page("health?books=1")
    for name in ("AISENSY_API_KEY", "WEBSITE_TOKEN", "FACEBOOK_APP_SECRET", "TYPEFORM_SECRET", "FACEBOOK_VERIFY_TOKEN"):
        assert gateway.settings.text(name)
        assert gateway.settings.text(name) not in page, name


def test_everybody_can_read_health(gateway: Running, browser: Chromium) -> None:
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("accepted")
    for size, dark in ((DESKTOP, False), (PHONE, True)):
        code = gateway.command("console", "code").output.split()[0]
        with window(browser, size, dark=dark) as page:
            enter(page, gateway.url, code, name=f"Asha {size[0]}")
            page.goto(f"{gateway.url}/console/health?books=1")
            assert violations(page) == []
            assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0]
