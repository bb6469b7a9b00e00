"""What needs a person, on Today: each thing with its cause and its button."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from pathlib import Path

import pytest
import requests
from consoling import Browser, said, sign_in
from harness import Running, mapping, running, somebody, wait_for

from gateway import clock
from gateway.model import Contract
from gateway.pipeline import silence
from gateway.sandbox.server import Sandbox
from gateway.store import contracts, pulse
from gateway.store.ledger import Ledger

#: Whether the other store says the same is tested where it is asked; `make both-stores` runs these on it, too.
pytestmark = pytest.mark.one_store

PRICE = {"name": "Mira Sample", "phone": "+919876543210", "interest": "2 BHK"}

WELL = "Nothing needs you now"

#: A little more than GATEWAY_CONTRACTS below.
TURN = 601.0


def need(browser: Browser, title: str) -> str:
    """The card of one need, once it is there."""

    def look() -> str:
        cards = re.findall(r'<li class="card need.*?</li>', browser.page("today"), re.DOTALL)
        return next((card for card in cards if title in said(card)), "")

    return wait_for(look)


def gone(browser: Browser) -> None:
    """Wait until nothing needs a person any more."""
    wait_for(lambda: said(browser.page("today")), lambda page: WELL in page)


def test_nothing_needs_a_person_where_all_is_well(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("accepted")
    gone(asha)


def test_a_stopped_account_is_told_with_its_cause_and_tried_by_a_button(gateway: Running) -> None:
    asha, looker = sign_in(gateway), sign_in(gateway, "Ravi", look=True)
    gateway.fault(credit="none")
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("held")
    card = need(asha, "Sending is stopped: no credit on the AiSensy account")
    assert "1 message waits; nothing is lost" in said(card)
    assert "state=held" in card
    assert "try now" in said(card)
    assert "try now" not in said(need(looker, "Sending is stopped"))
    gateway.fault(credit="back")
    [key] = re.findall(r'name="key" value="([^"]+)"', card)
    assert looker.post("today/try", key=key).status_code == requests.codes.forbidden
    assert "It is tried now" in said(asha.post("today/try", key=key).text)
    gateway.wait_for_delivery("accepted")
    gone(asha)
    assert f"Asha asked that it be tried at once ({key})" in asha.audit()


def test_only_what_is_stopped_is_tried(gateway: Running) -> None:
    asha = sign_in(gateway)
    for key in ("account none", "page 1", ""):
        assert asha.post("today/try", key=key).status_code == requests.codes.conflict
    assert not [line for line in asha.audit() if "tried" in line]


def test_a_stopped_campaign_leads_to_the_mapping_that_calls_it(gateway: Running) -> None:
    asha = sign_in(gateway)
    requests.delete(f"{gateway.box.url}/campaigns/price_list", timeout=10).raise_for_status()
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("held")
    card = need(asha, "Campaign price_list is stopped")
    assert "AiSensy says: “" in said(card)
    assert "/console/mappings/website.yaml" in card
    assert "state=held&amp;campaign=price_list" in card


def test_calls_that_are_not_what_their_campaign_wants_are_told(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, GATEWAY_CONTRACTS="600") as gateway:
        asha = sign_in(gateway)
        gateway.write_mapping("other.yaml", mapping())
        _wait_until_told(gateway, 1)
        _wants(gateway, 2)
        gateway.move_clock(TURN)
        _wait_until_told(gateway, 2)
        gateway.post_website("other", **somebody(1))
        gateway.wait_for_delivery("held")
        card = need(asha, "Messages of campaign goa_villas_welcome are not what the campaign wants")
        assert "wants 2 parameters, and 1 would be sent" in said(card)
        assert "/console/mappings/other.yaml" in card
    clock.follow(None)


def _wants(gateway: Running, params: int) -> None:
    url = f"{gateway.box.url}/campaigns/goa_villas_welcome"
    requests.put(url, json={"params": params}, timeout=10).raise_for_status()


def _wait_until_told(gateway: Running, params: int) -> None:
    def told() -> Contract | None:
        with gateway.ledger.read() as connection:
            found = contracts.of(connection, "goa_villas_welcome")
        return found.seen.contract if found else None

    wait_for(told, lambda contract: contract == Contract(params))


def test_aisensy_in_trouble_is_told_while_it_lasts(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.fault(status=503, times=0)
    for number in range(2):
        gateway.post_website("price-list", **PRICE | {"phone": f"+91987654321{number}"})
    card = need(asha, "AiSensy does not answer as it should")
    assert "one at a time is tried" in said(card)


def test_uncertain_messages_are_for_a_person_to_decide(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.fault(cut="after")
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("uncertain")
    card = need(asha, "1 message: nobody knows whether it arrived")
    assert "state=uncertain" in card


def test_what_was_refused_in_the_last_day_is_grouped_by_its_reason(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.fault(status=400, body={"message": "Invalid Number"}, times=0)
    for number in range(2):
        gateway.post_website("price-list", **PRICE | {"phone": f"+91987654321{number}"})
    gateway.wait_for_states(failed=2)
    card = need(asha, "2 messages were refused: Invalid Number")
    assert "state=failed&amp;campaign=price_list" in card
    gateway.mend()
    assert gateway.command("replay", "--state", "failed", "--yes").exit_code == 0
    gateway.wait_for_states(failed=2, accepted=2)
    gone(asha)


def test_leads_of_which_no_message_can_be_made_are_told_with_the_reason(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **PRICE | {"phone": "12"})
    card = need(asha, "1 lead of website: no usable phone number")
    assert "state=failed&amp;source=website" in card


def test_leads_that_no_rule_fits_lead_to_their_mapping(gateway: Running) -> None:
    asha = sign_in(gateway)
    text = mapping().replace("    call:", "    when:\n      city: Pune\n    call:")
    gateway.write_mapping("other.yaml", text)
    gateway.post_website("other", **somebody(1))
    card = need(asha, "1 lead of website other: no rule fits")
    assert "/console/mappings/other.yaml" in card


def test_what_looks_like_spam_is_told_calmly(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_sample("website/price-list--honeypot.form")
    card = need(asha, "1 lead looks like spam")
    assert "need calm" in card
    assert "state=suspected" in card


def test_what_cannot_be_read_is_told(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_signed("typeform", b"{no json")
    assert "state=unreadable" in need(asha, "1 request of typeform: no lead could be read")


def test_a_mapping_with_a_problem_is_told_with_its_line_until_it_is_mended(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("accepted")
    gone(asha)
    file = Path(gateway.settings.text("GATEWAY_MAPPINGS")) / "website.yaml"
    good = file.read_text(encoding="utf-8")
    line = good[: good.index("\nrules:")].count("\n") + 2
    file.write_text(good.replace("\nrules:", "\nrulez:"), encoding="utf-8")
    card = need(asha, "website.yaml has 1 problem, so it is not live")
    assert f"Line {line}: Unknown key 'rulez'; did you mean 'rules'? The last good text of it stays live." in said(card)
    assert f"/console/mappings/website.yaml?line={line}" in card
    file.write_text(good, encoding="utf-8")
    gone(asha)


def test_a_worker_that_stopped_is_told(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.stop_worker()
    with gateway.ledger.read() as connection:
        assert pulse.of(connection, pulse.WORKER)
    gateway.move_clock(60)
    card = need(asha, "No message leaves: the worker has stopped")
    assert "Leads are still taken and kept" in said(card)
    gateway.start_worker()
    gateway.post_website("price-list", **PRICE)
    gateway.wait_for_delivery("accepted")
    gone(asha)


def test_refused_requests_of_a_source_are_told_and_the_noise_of_the_internet_is_not(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.post("wordpress")
    gateway.post("website/price-list", b"name=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    card = need(asha, "website: requests are refused (no token)")
    assert "1 request so far" in said(card)
    assert "/console/connect/website" in card
    assert "wordpress" not in asha.page("today")


def test_a_source_that_falls_silent_is_told_with_how_it_was_before(gateway: Running) -> None:
    asha = sign_in(gateway)
    for number in range(silence.FEWEST):
        gateway.post_website("price-list", **PRICE | {"phone": f"+91987654321{number}"})
    gateway.wait_for_states(accepted=silence.FEWEST)
    gone(asha)
    gateway.move_clock(2 * 3600)
    card = need(asha, "website has been silent for long")
    assert f"Between its last {silence.FEWEST} leads there were never more than" in said(card)


def test_an_answer_that_is_gone_is_told(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.write_mapping("other.yaml", mapping())
    for number in range(20):
        gateway.post_website("other", **somebody(number))
    for number in range(20, 40):
        renamed = {name: text for name, text in somebody(number).items() if name != "city"} | {"town": "Goa"}
        gateway.post_website("other", **renamed)
    gateway.wait_for_states(accepted=40)
    gateway.move_clock(61)
    card = need(asha, "The answer “city” is gone from website other")
    assert "/console/mappings/other.yaml" in card


def test_a_disk_that_is_nearly_full_is_told(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(10**11, 10**11, 10**8))
    asha = sign_in(gateway)
    assert "Make room on the server" in said(need(asha, "The disk is nearly full"))


def test_a_page_whose_leads_cannot_be_fetched_is_told(gateway: Running) -> None:
    asha = sign_in(gateway)
    gateway.fault(on="graph", error={"message": "The token has expired", "code": 190}, times=0)
    gateway.post_sample("facebook/one-lead-pune.json")
    card = need(asha, "cannot be fetched")
    assert "state=waiting" in card
