"""Today: figures that agree with what came in, and what needs a person."""

from __future__ import annotations

import re
import threading
import time
from datetime import timedelta
from statistics import median

import pytest
from browsing import DESKTOP, PHONE, enter, violations, window
from consoling import Browser, said, sign_in
from harness import Running, mapping, wait_for
from playwright.sync_api import Browser as Chromium
from sqlalchemy import select, update

from gateway.store.tables import leads

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

#: Leads that the first test posts: four good ones, one without a number, one without a mapping, a copy.
POSTED = 7

PRICE = {"name": "Mira Sample", "phone": "+919876543210", "interest": "2 BHK"}


def price(number: int) -> dict[str, str]:
    """A lead of the bundled form `price-list`, of somebody else."""
    return PRICE | {"name": f"Mira {number}", "phone": f"+9198765{number:05}"}


def figure(page: str, name: str) -> str:
    """The number of one figure of the page."""
    found = re.search(rf'id="figure-{name}".*?<b>(.*?)</b>', page, re.DOTALL)
    return found[1].strip() if found else ""


def today(browser: Browser, until: str, span: str = "24h") -> str:
    """The page, once it says something."""
    return wait_for(lambda: browser.page(f"today?span={span}"), lambda page: until in said(page))


def test_before_the_first_lead_today_leads_to_connect(gateway: Running) -> None:
    page = sign_in(gateway).page("today")
    assert "No lead has come yet" in said(page)
    assert 'href="/console/connect"' in page
    assert "figure-leads" not in page


def test_the_figures_agree_with_what_was_posted(gateway: Running) -> None:
    asha = sign_in(gateway)
    for number in range(4):
        gateway.post_website("price-list", **price(number))
    gateway.post_website("price-list", **price(9) | {"phone": "12"})
    gateway.post_website("open-day", **PRICE)
    gateway.post_website("price-list", **price(0))
    gateway.wait_for_states(accepted=4)
    wait_for(gateway.leads, lambda found: len(found) == POSTED)
    for span in ("24h", "7d", "30d"):
        page = today(asha, "6 leads in", span)
        assert [figure(page, name) for name in ("accepted", "waiting", "held", "failed", "skipped")] == list("40010")
        assert (figure(page, "unmapped"), figure(page, "uncertain")) == ("1", "")
        assert "Not counted above: 1 duplicate" in said(page)
        assert re.search(r"website 6 4 0 1 [\d.]+ s", said(page))
        assert re.search(r"price_list 4 4 0 0 [\d.]+ s", said(page))
        assert re.fullmatch(r"[\d.]+ s", figure(page, "time"))


def test_each_figure_leads_to_the_leads_that_it_counts(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **price(1))
    gateway.post_website("price-list", **price(2) | {"phone": "12"})
    gateway.wait_for_delivery("accepted")
    page = today(asha, "1 failed")
    for name, whom in (("leads", ("Mira 1", "Mira 2")), ("accepted", ("Mira 1",)), ("failed", ("Mira 2",))):
        [link] = re.findall(rf'id="figure-{name}" href="/console/([^"]+)"', page)
        shown = said(asha.page(link.replace("&amp;", "&")))
        assert [who in shown for who in ("Mira 1", "Mira 2")] == [who in whom for who in ("Mira 1", "Mira 2")], name


def test_leads_of_older_days_stand_in_the_days_and_not_in_the_hours(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **price(1))
    gateway.wait_for_delivery("accepted")
    with gateway.ledger.write("older") as connection:
        [old] = connection.scalars(select(leads.c.received_at))
        connection.execute(update(leads).values(received_at=old - timedelta(days=3)))
    assert figure(today(asha, "0 leads in"), "accepted") == "0"
    page = today(asha, "1 lead in", "7d")
    assert figure(page, "accepted") == "1"
    assert page.count('<rect class="accepted"') == 1


def test_what_a_person_replayed_is_counted_by_what_became_of_it(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("open-day", **PRICE)
    today(asha, "1 without a mapping")
    gateway.write_mapping("open-day.yaml", mapping("open-day", params="$name"))
    assert "came before its mapping" in said(today(asha, "came before its mapping"))
    gateway.command("replay", "l1", "--yes")
    gateway.wait_for_delivery("accepted")
    page = today(asha, "1 accepted")
    assert (figure(page, "leads"), figure(page, "unmapped")) == ("1", "")
    today(asha, "Nothing needs you now")


def test_the_chart_says_the_same_in_words(gateway: Running) -> None:
    asha = sign_in(gateway)
    for number in range(3):
        gateway.post_website("price-list", **price(number))
    gateway.wait_for_states(accepted=3)
    page = today(asha, "3 accepted")
    assert len(re.findall("<g data-at", page)) == len(range(24))
    assert 'aria-label="Bars: leads of each hour in the last 24 hours. 3 in all, 3 accepted' in page
    [table] = re.findall(r'<details id="chart-table".*?</details>', page, re.DOTALL)
    assert re.search(r"UTC 3 3 0 0$", said(table))


def test_a_page_that_asks_again_is_told_nothing_while_nothing_changed(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **price(1))
    gateway.wait_for_delivery("accepted")
    today(asha, "1 accepted")
    wait_for(lambda: asha.get("today", headers={"X-Part": "1"}).text, lambda part: "1</b><span>accepted" in part)
    mark = asha.get("today", headers={"X-Part": "1"}).headers["ETag"]
    again = asha.get("today", headers={"X-Part": "1", "If-None-Match": mark})
    assert (again.status_code, again.content) == (304, b"")
    gateway.post_website("price-list", **price(2))
    renewed = wait_for(
        lambda: asha.get("today", headers={"X-Part": "1", "If-None-Match": mark}),
        lambda answer: answer.ok and figure(answer.text, "accepted") == "2",
    )
    assert "<html" not in renewed.text


def test_the_time_from_form_to_message_is_that_of_gateway_stats(gateway: Running) -> None:
    asha = sign_in(gateway)
    for number in range(3):
        gateway.post_website("price-list", **price(number))
    gateway.wait_for_states(accepted=3)
    with gateway.ledger.write("slower") as connection:  # as if the forms had been sent 8, 8 and 40 seconds before
        for lead_id, earlier in ((1, 8), (2, 8), (3, 40)):
            came = connection.scalar(select(leads.c.received_at).where(leads.c.id == lead_id))
            sent = came - timedelta(seconds=earlier) if came else None
            connection.execute(update(leads).where(leads.c.id == lead_id).values(submitted_at=sent))
    page = wait_for(lambda: asha.page("today"), lambda page: figure(page, "time") in ("8 s", "9 s"))
    assert re.search(r"95% within 4[01] s", said(page))
    assert re.search(r"website +3 +3 +[89] s", gateway.command("stats").output)


def test_fifty_open_pages_do_not_keep_a_webhook_waiting(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **price(0))
    gateway.wait_for_delivery("accepted")
    done, marks = threading.Event(), list[str]()

    def look() -> None:
        viewer = Browser(gateway)
        viewer.session.cookies.update(asha.session.cookies)
        while not done.is_set():
            answer = viewer.get("today", headers={"X-Part": "1"})
            marks.append(answer.headers["ETag"])
            done.wait(5)  # as a page does

    viewers = [threading.Thread(target=look, daemon=True) for _ in range(50)]
    for viewer in viewers:
        viewer.start()
    took = [_posted(gateway, number) for number in range(1, 21)]
    wait_for(lambda: len(marks), lambda count: count >= len(viewers))
    done.set()
    for viewer in viewers:
        viewer.join(30)
    assert max(took) < 1.0, took
    assert median(took) < 0.5, took


def _posted(gateway: Running, number: int) -> float:
    """Seconds until a webhook was answered."""
    start = time.monotonic()
    gateway.post_website("price-list", **price(number))
    return time.monotonic() - start


def test_today_renews_itself_in_a_browser_and_keeps_what_is_open(gateway: Running, browser: Chromium) -> None:
    gateway.post_website("price-list", **price(1))
    gateway.wait_for_delivery("accepted")
    code = gateway.command("console", "code").output.split()[0]
    with window(browser) as page:
        enter(page, gateway.url, code)
        page.locator("#figure-accepted b", has_text="1").wait_for()
        page.locator("#chart-summary").click()
        gateway.post_website("price-list", **price(2))
        page.locator("#figure-accepted b", has_text="2").wait_for()
        assert page.locator("#chart-table").get_attribute("open") is not None
        assert page.evaluate("document.activeElement.id") == "chart-summary"


@pytest.mark.parametrize("filled", [False, True])
def test_everybody_can_read_today(gateway: Running, browser: Chromium, *, filled: bool) -> None:
    if filled:
        gateway.fault(credit="none")
        gateway.post_website("price-list", **price(1))
        gateway.post_website("open-day", **PRICE)
        gateway.wait_for_delivery("held")
    code = gateway.command("console", "code").output.split()[0]
    for size, dark in ((DESKTOP, False), (PHONE, True)):
        with window(browser, size, dark=dark) as page:
            enter(page, gateway.url, code, name=f"Asha {size[0]}")
            page.locator("h3, h2", has_text="Sending is stopped" if filled else "No lead has come").first.wait_for()
            for span in ("24h", "30d"):
                page.goto(f"{gateway.url}/console/today?span={span}")
                assert violations(page) == []
                assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0]
        code = gateway.command("console", "code").output.split()[0]


def test_a_mapping_that_is_made_later_leads_from_today_to_those_who_wait(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("open-day", **PRICE)
    page = today(asha, "no mapping says what to send")
    assert "/console/mappings/new?source=website&amp;form=open-day" in page
    gateway.write_mapping("open-day.yaml", mapping("open-day"))
    page = today(asha, "came before its mapping")
    assert "state=unmapped&amp;source=website&amp;form=open-day" in page
