"""The list of leads: search, filters, pages, the CSV file, and many leads again."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from urllib.parse import urlencode

import pytest
import requests
from browsing import DESKTOP, PHONE, enter, violations, window
from consoling import PASSWORD, Browser, said, sign_in
from harness import ROOT, Running, mapping, somebody, wait_for
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page
from sqlalchemy import Connection
from test_query_plans import MODEL, Sent, full, recorded, whole_tables

from gateway.console.leads import export, listing
from gateway.console.leads.again import AT_ONCE
from gateway.model import DeliveryState, LeadState
from gateway.store import found
from gateway.store.found import UNDER_WAY, Reach, Wanted, looking

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

__all__ = ["full"]

SCREENS = ("leads", "leads?state=unmapped&form=brochure&from=7d", "leads?q=zzz", "leads/again?state=unmapped")

VILLA = {"name": "Mira Sample", "phone": "+919850607080", "interest": "Villa"}


def names(page: str) -> list[str]:
    """Who stands in the list, in its order."""
    rows = page.partition("<tbody>")[2].partition("</tbody>")[0].split("<tr>")[1:]
    return [said(row.partition('scope="row">')[2].partition("</a>")[0]) for row in rows]


def listed(browser: Browser, **asked: str | Sequence[str]) -> list[str]:
    return names(browser.page(f"leads?{urlencode(asked, doseq=True)}"))


def settled(gateway: Running) -> None:
    """Wait until every lead that came in is decided, and every call that may leave has left."""
    wait_for(lambda: [one for one in gateway.leads() if one.state is LeadState.WAITING], lambda left: not left)
    out = ("scheduled", "sending", "retrying")
    wait_for(lambda: [one for one in gateway.deliveries() if one.state in out], lambda left: not left)


@pytest.fixture
def asha(gateway: Running) -> Browser:
    return sign_in(gateway)


@pytest.fixture
def several(gateway: Running, asha: Browser) -> Browser:
    """Leads in many states: accepted, refused for good, without a mapping, without a number."""
    gateway.post_website(**VILLA)
    gateway.post_website(name="Arjun Rao", phone="098765 43210", interest="2 BHK", message="Bring the brochure, please")
    gateway.post_website(form="brochure", name="प्रिया शर्मा", phone="98765 43999", city="Zürich")
    gateway.post_website(name="No Phone", phone="", interest="Plot")
    wait_for(gateway.leads, lambda ones: len(ones) == 4)
    settled(gateway)
    return asha


def test_the_list_says_who_came_from_where_and_what_became_of_it(several: Browser) -> None:
    page = several.page("leads")

    assert names(page) == ["No Phone", "प्रिया शर्मा", "Arjun Rao", "Mira Sample"]
    words = said(page)
    assert "4 leads in all" in words
    assert "website price-list accepted price_list" in words
    assert "no mapping for form 'brochure'" in words
    assert "failed no phone number in the answers" in words


def test_the_list_without_a_lead_leads_to_the_forms(asha: Browser) -> None:
    words = said(asha.page("leads"))
    assert "No lead has come in yet" in words
    assert "Connect a form" in words


FITS: Sequence[tuple[dict[str, str | Sequence[str]], list[str]]] = [
    ({"state": "accepted"}, ["Arjun Rao", "Mira Sample"]),
    ({"state": "unmapped"}, ["प्रिया शर्मा"]),
    ({"state": "failed"}, ["No Phone"]),
    ({"state": "needs"}, ["No Phone", "प्रिया शर्मा"]),
    ({"state": ["failed", "accepted"]}, ["No Phone", "Arjun Rao", "Mira Sample"]),
    ({"state": "waiting"}, []),
    ({"state": "held"}, []),
    ({"source": "website", "form": "brochure"}, ["प्रिया शर्मा"]),
    ({"form": "price-list", "state": "accepted"}, ["Arjun Rao", "Mira Sample"]),
    ({"source": "typeform"}, []),
    ({"campaign": "price_list"}, ["Arjun Rao", "Mira Sample"]),
    ({"campaign": "price_list", "q": "brochure"}, ["Arjun Rao"]),
    ({"q": "mira"}, ["Mira Sample"]),
    ({"q": "ARJUN"}, ["Arjun Rao"]),
    ({"q": "शर्मा"}, ["प्रिया शर्मा"]),
    ({"q": "ZÜRICH"}, ["प्रिया शर्मा"]),
    ({"q": "interest"}, []),
    ({"q": '"'}, []),
    ({"q": "%"}, []),
    ({"q": "+91 98765-43210"}, ["Arjun Rao"]),
    ({"q": "98506 07080"}, ["Mira Sample"]),
    ({"q": "43999"}, ["प्रिया शर्मा"]),
    ({"q": "43210", "state": "failed"}, []),
    ({"from": "7d"}, ["No Phone", "प्रिया शर्मा", "Arjun Rao", "Mira Sample"]),
    ({"from": "7d", "state": "unmapped"}, ["प्रिया शर्मा"]),
    ({"to": "2020-01-01"}, []),
]


def test_filters_and_a_search_find_what_fits_all_of_them(several: Browser) -> None:
    for asked, expected in FITS:
        assert listed(several, **asked) == expected, asked


def test_a_call_that_is_kept_back_and_one_that_is_refused_are_found_by_their_states(
    gateway: Running, asha: Browser
) -> None:
    gateway.fault(status=400, body={"message": "Invalid Number"})
    gateway.post_website(**VILLA)
    wait_for(gateway.leads, lambda ones: len(ones) == 1)
    settled(gateway)
    gateway.fault(credit="none")
    gateway.post_website(**somebody(1), interest="Villa")
    wait_for(gateway.deliveries, lambda ones: "held" in [one.state for one in ones])

    assert listed(asha, state="failed") == ["Mira Sample"]
    assert listed(asha, state="held") == ["Mira 1"]
    assert listed(asha, state="needs") == ["Mira 1", "Mira Sample"]


def test_days_are_those_of_the_zone_that_the_link_names(gateway: Running, asha: Browser) -> None:
    gateway.post_website(**VILLA)
    wait_for(gateway.leads, bool)
    came = gateway.leads()[0].lead.received
    for zone, there in (("Asia/Kolkata", came + timedelta(hours=5, minutes=30)), ("", came)):
        day = f"{there:%Y-%m-%d}"
        before, after = (f"{there + timedelta(days=days):%Y-%m-%d}" for days in (-1, 1))
        assert listed(asha, zone=zone, **{"from": day, "to": day}) == ["Mira Sample"], zone
        assert listed(asha, zone=zone, **{"from": before, "to": before}) == []
        assert listed(asha, zone=zone, **{"from": after}) == []


def test_what_cannot_be_meant_is_said_in_a_sentence(asha: Browser) -> None:
    for asked, sentence in (("state=sleeping", "no state 'sleeping'"), ("from=soon", "'soon' is no day")):
        answer = asha.get(f"leads?{asked}")
        assert (answer.status_code, sentence in said(answer.text)) == (400, True)
    answer = asha.get("leads?q=d99")
    assert (answer.status_code, "There is no d99" in said(answer.text)) == (404, True)


def test_an_id_leads_straight_to_its_lead(gateway: Running, several: Browser) -> None:
    [arjun] = [one for one in gateway.leads() if one.lead.answers[0].value == "Arjun Rao"]
    [delivery] = [one for one in gateway.deliveries() if one.lead_id == arjun.lead.id]
    for typed in (f"l{arjun.lead.id}", f" L{arjun.lead.id} ", f"e{arjun.event_id}", f"d{delivery.id}"):
        answer = several.get(f"leads?{urlencode({'q': typed})}", allow_redirects=False)
        assert answer.headers["Location"] == f"/console/leads/{arjun.lead.id}", typed


def test_a_filter_that_is_set_can_be_taken_off_alone(several: Browser) -> None:
    page = several.page("leads?state=accepted&q=mira&from=7d")
    for words, off in (("accepted", "q=mira"), ("“mira”", "state=accepted"), ("last 7 days", "state=accepted")):
        [chip] = [
            part for part in page.split('class="chip"')[1:] if words in part.partition("</a>")[0].partition(">")[2]
        ]
        assert off in chip.partition('">')[0]
        assert names(several.session.get(several.gateway.url + _link(chip), timeout=20).text)


def _link(part: str) -> str:
    return part.partition('href="')[2].partition('"')[0].replace("&amp;", "&")


def test_phone_numbers_are_shortened_until_somebody_asks(several: Browser) -> None:
    several.post("phones", there="/console/leads", show="0")
    page = several.page("leads")
    assert "9850607080" not in page
    assert "43210" not in page
    assert "98765 43999" not in page
    assert "+919850607080" in several.post("phones", there="/console/leads", show="1").text


def test_pages_follow_each_other_without_a_gap_in_both_directions(
    gateway: Running, asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "ROWS", 3)
    gateway.write_mapping("other.yaml", mapping())
    for number in range(8):
        gateway.post_website("other", **somebody(number))
    wait_for(gateway.leads, lambda ones: len(ones) == 8)
    settled(gateway)
    expected = [f"Mira {number}" for number in range(8)][::-1]
    pages = [asha.page("leads?state=accepted")]
    while 'rel="next"' in pages[-1]:
        pages.append(_follow(asha, pages[-1], 'rel="next"'))
    assert [name for page in pages for name in names(page)] == expected
    assert "8 leads found" in said(pages[0])
    back = [pages[-1]]
    while 'rel="prev"' in back[-1]:
        back.append(_follow(asha, back[-1], 'rel="prev"'))
    assert [names(page) for page in back] == [["Mira 1", "Mira 0"], ["Mira 4", "Mira 3", "Mira 2"], expected[:3]]
    assert "Take off the filter accepted" in said(back[-1])


def _follow(browser: Browser, page: str, mark: str) -> str:
    [link] = [part.rpartition("<a")[2] for part in page.split(mark)[:-1]]
    answer = browser.session.get(browser.gateway.url + _link(link), timeout=20)
    assert answer.status_code == 200
    return answer.text


def test_a_look_that_takes_too_long_stops_and_goes_on_where_it_stopped(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.post_website(**VILLA | {"message": MODEL["message"]})
    gateway.wait_for_delivery("accepted")
    gateway.stop_worker()  # it would take them for leads that came just now
    url = gateway.ledger.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, str(ROOT / "bench" / "fill.py"), url, "2000"], check=True, timeout=300)
    monkeypatch.setattr(looking, "WINDOWS", (170, 170))
    everywhere = {
        "nothing": Wanted(text="nowhere to be found"),
        "refused": Wanted(lead_states=frozenset({LeadState.FAILED}), call_states=frozenset({DeliveryState.FAILED})),
        "accepted": Wanted(call_states=frozenset({DeliveryState.ACCEPTED}), text="mira", source="website"),
        "later": Wanted(call_states=UNDER_WAY),
        "campaign": Wanted(campaign="price_list", form="price-list"),
        "a month": Wanted(since=datetime.now(UTC) - timedelta(days=60), until=datetime.now(UTC) - timedelta(days=30)),
    }
    with gateway.ledger.read() as connection:
        for name, wanted in everywhere.items():
            whole = found.look(connection, wanted, Reach(), 50_000, patience=600)
            assert not whole.further
            assert list(whole.ids) == sorted(whole.ids, reverse=True)
            expected = [one for one in whole.ids if one != 1]
            assert _in_turns(connection, wanted, up=False) == expected, name
            assert _in_turns(connection, wanted, up=True) == expected[::-1], name
            assert (len(whole.ids) > 10) == (name != "nothing"), name


def _in_turns(connection: Connection, wanted: Wanted, *, up: bool) -> list[int]:
    """All of it but lead 1, by looks that have no time."""
    ids: list[int] = []
    reach = Reach(after=1) if up else Reach()
    while True:
        looked = found.look(connection, wanted, reach, 70, patience=0)
        ids += looked.ids
        if not looked.further:
            return [one for one in ids if one != 1]
        reach = Reach(after=looked.further) if up else Reach(before=looked.further)


def test_no_filter_reads_a_whole_table(full: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "WINDOWS", (1_200, 1_200))  # the widest has as many leads as this ledger in all
    asha = sign_in(full)
    with recorded() as sent:
        for asked in (
            "",
            "state=failed",
            "state=unmapped",
            "state=needs",
            "state=waiting",
            "state=accepted",
            "campaign=price_list",
            "source=website&form=price-list",
            "q=%2B919850607080",
            "q=mira",
            "from=30d&to=2099-01-01",
            "state=accepted&source=website&q=mira",
            "before=500&state=failed",
            "after=500",
        ):
            asha.page(f"leads?{asked}")
            asha.get(f"leads.csv?pieces=1&{asked}").raise_for_status()

    mine = [Sent(one.statement, one.parameters) for one in sent if "members" not in one.statement]
    assert any("AS made" in one.statement for one in mine)
    assert not whole_tables(full.ledger, mine)


def read_csv(answer: requests.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    text = answer.content.decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_the_csv_file_has_the_leads_of_the_list_and_is_noted(several: Browser) -> None:
    rows = read_csv(several.get("leads.csv?state=needs"))

    assert [(row["state"], row["name"]) for row in rows] == [("failed", "No Phone"), ("no mapping", "प्रिया शर्मा")]
    assert '"city":"Zürich"' in rows[1]["answers"]
    assert rows[1]["phone"] == "•••••999"
    assert "98765 43999" not in rows[1]["answers"]
    assert several.audit()[0] == ("Asha downloaded leads (state: needs a person): 2, with shortened phone numbers")


def test_the_csv_file_of_one_form_has_a_column_for_each_question(several: Browser) -> None:
    several.post("phones", there="/console/leads", show="1")
    rows = read_csv(several.get("leads.csv?source=website&form=price-list"))

    assert [row["interest"] for row in rows] == ["Plot", "2 BHK", "Villa"]
    assert rows[1]["message"] == "Bring the brochure, please"
    assert rows[2]["phone"] == "'+919850607080"
    assert rows[2]["answers"] == ""
    assert rows[2]["accepted (UTC)"].startswith("20")
    assert "with whole phone numbers" in several.audit()[0]


def test_no_cell_of_the_csv_file_is_a_formula(gateway: Running, asha: Browser) -> None:
    typed = ["=1+2", "+SUM(A1)", "-2", "@cmd", "\t=1", " =1", "＝1"]
    for text in typed:
        gateway.post_website("other", name=text, phone="", **{"=question": text})
    wait_for(gateway.leads, lambda ones: len(ones) == len(typed))
    settled(gateway)
    text = asha.get("leads.csv?source=website&form=other").content.decode("utf-8-sig")

    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len([cell for cell in cells if cell.startswith("'")]) > len(typed)
    assert not [cell for cell in cells if cell.strip()[:1] in tuple("=+-@＝＋－＠")]


def test_the_pieces_of_the_csv_file_make_the_whole(
    gateway: Running, asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PIECE", 3)
    gateway.write_mapping("other.yaml", mapping())
    for number in range(7):
        gateway.post_website("other", **somebody(number))
    wait_for(gateway.leads, lambda ones: len(ones) == 7)
    settled(gateway)
    asked = "source=website&form=other&state=accepted"
    whole = asha.get(f"leads.csv?{asked}").content
    answer = asha.get(f"leads.csv?{asked}&pieces=1")
    parts, counts = [answer.content], [answer.headers["X-Rows"]]
    while "X-Next" in answer.headers:
        gateway.post_website("other", **somebody(20 + len(parts)), **{f"new {len(parts)}": "question"})
        wait_for(lambda: len(gateway.leads()) - len(parts), lambda others: others == 7)
        answer = asha.session.get(gateway.url + answer.headers["X-Next"], timeout=20)
        parts.append(answer.content)
        counts.append(answer.headers["X-Rows"])

    assert (b"".join(parts), counts) == (whole, ["3", "3", "1"])
    assert len([line for line in asha.audit() if "downloaded" in line]) == 2


def test_many_leads_again_first_says_what_would_happen_and_then_it_does(gateway: Running, asha: Browser) -> None:
    for number in range(3):
        gateway.post_website("other", **somebody(number))
    wait_for(gateway.leads, lambda ones: len(ones) == 3)
    settled(gateway)
    assert "Replay all of these" in said(asha.page("leads?state=unmapped"))
    gateway.write_mapping("other.yaml", mapping())

    page = asha.page("leads/again?state=unmapped&form=other")

    assert "3 would leave at once" in said(page)
    assert {one.state for one in gateway.leads()} == {LeadState.UNMAPPED}
    ids = ",".join(str(one.lead.id) for one in gateway.leads())
    assert f'value="{ids}"' in page
    answer = asha.post("leads/again?state=unmapped&form=other", ids=ids, further="0")
    assert "3 leads were asked for again" in said(answer.text)
    assert asha.audit()[0] == "Asha replayed many leads (state: no mapping, form: other): 3 of them"
    again = asha.post("leads/again?state=unmapped&form=other", ids=ids, further="0")
    assert "Nothing was replayed" in said(again.text)
    wait_for(gateway.calls, lambda calls: len(calls) == 3)


def test_many_leads_again_takes_a_part_at_a_time_and_goes_on(
    gateway: Running, asha: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.console.leads.again.AT_ONCE", 2)
    assert AT_ONCE > 2
    for number in range(3):
        gateway.post_website("other", **somebody(number))
    wait_for(gateway.leads, lambda ones: len(ones) == 3)
    settled(gateway)
    newest, middle, oldest = (one.lead.id for one in gateway.leads())

    page = asha.page("leads/again?state=unmapped")

    assert "2 leads, the newest of more" in said(page)
    answer = asha.post("leads/again?state=unmapped", ids=f"{newest},{middle}", further=str(middle))
    assert f"before={middle}" in answer.text
    page = asha.page(f"leads/again?state=unmapped&before={middle}")
    assert f'value="{oldest}"' in page


def test_what_was_sent_is_never_asked_for_again_with_many(gateway: Running, several: Browser) -> None:
    for state in ("accepted", "needs", "uncertain"):
        assert several.get(f"leads/again?state={state}").status_code == 400
    ids = ",".join(str(one.lead.id) for one in gateway.leads())
    before = [one.id for one in gateway.deliveries()]
    answer = several.post("leads/again?state=failed", ids=ids)
    assert "1 lead was asked for again" in said(answer.text)
    settled(gateway)
    assert [one.id for one in gateway.deliveries()] == before
    assert len(gateway.calls()) == 2


def test_who_may_only_look_sees_the_list_and_asks_for_nothing_again(gateway: Running, several: Browser) -> None:
    ravi = sign_in(gateway, "Ravi", look=True)
    assert "Replay all" not in said(ravi.page("leads?state=unmapped"))
    assert ravi.get("leads/again?state=unmapped").status_code == 403
    ids = ",".join(str(one.lead.id) for one in gateway.leads())
    assert ravi.post("leads/again?state=unmapped", ids=ids).status_code == 403
    assert "replayed" not in "".join(several.audit())


def test_the_list_is_for_everybody_on_every_screen(gateway: Running, browser: Chromium) -> None:
    sign_in(gateway)
    gateway.post_website(**VILLA | {"name": "<b>Mira</b>" * 9})
    gateway.post_website(form="brochure", name="Mira Sample", phone="98765 43999")
    wait_for(gateway.leads, lambda ones: len(ones) == 2)
    for dark, size in product((False, True), (DESKTOP, PHONE)):
        with window(browser, size, dark=dark) as page:
            enter_again(page, gateway.url)
            for path in SCREENS:
                page.goto(f"{gateway.url}/console/{path}")
                assert violations(page) == []
                assert page.evaluate("document.scrollingElement.scrollWidth") <= size[0], path


def enter_again(page: Page, url: str) -> None:
    """Sign in as somebody who has a password."""
    page.goto(f"{url}/console/enter")
    page.get_by_label("Name").fill("Asha")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/console/today")


def test_with_a_browser_filters_make_a_clean_address_and_the_file_comes_in_pieces(
    gateway: Running, browser: Chromium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "PIECE", 2)
    for number in range(5):
        gateway.post_website("other", **somebody(number))
    wait_for(gateway.leads, lambda ones: len(ones) == 5)
    settled(gateway)
    with window(browser) as page:
        enter(page, gateway.url, gateway.command("console", "code").output.split()[0])
        page.goto(f"{gateway.url}/console/leads")
        page.get_by_text("More filters").click()
        page.get_by_label("Form", exact=True).select_option("other")
        page.wait_for_url("**/console/leads?form=other")
        with page.expect_download() as download:
            page.get_by_role("link", name="Download CSV").click()
        text = download.value.path().read_text(encoding="utf-8-sig")
        assert len(text.splitlines()) == 6
        page.get_by_text("5 leads downloaded.").wait_for()
        page.get_by_label("Search").fill("Mira 3")
        page.keyboard.press("Enter")
        page.wait_for_url("**/console/leads?q=Mira+3&form=other")
        assert page.locator("tbody tr").count() == 1
        page.get_by_role("link", name="Today", exact=True).last.click()
        page.wait_for_url("**zone=Asia**")
        assert page.locator("tbody tr").count() == 1


def test_a_download_can_be_cancelled(gateway: Running, browser: Chromium) -> None:
    gateway.post_website(**VILLA)
    wait_for(gateway.leads, bool)
    with window(browser) as page:
        enter(page, gateway.url, gateway.command("console", "code").output.split()[0])
        page.goto(f"{gateway.url}/console/leads")
        page.route("**/leads.csv**", lambda _route: None)  # an answer that never comes
        page.get_by_role("link", name="Download CSV").click()
        page.get_by_role("button", name="Cancel").click()
        page.get_by_text("The download was cancelled.").wait_for()
        assert not page.locator("#export").is_visible()
