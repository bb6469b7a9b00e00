"""The main job, through the front door: a lead comes in, the right campaign call goes out, once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from harness import Running, wait_for


def test_a_website_lead_becomes_a_campaign_call(gateway: Running) -> None:
    event = gateway.post_website(name="mira sample", phone="+12025550143", interest="2 BHK", city="Goa")

    delivery = gateway.wait_for_delivery("accepted")

    [call] = gateway.calls()
    assert call["campaignName"] == "price_list"
    assert call["destination"] == "+12025550143"
    assert delivery.message_id
    assert gateway.event(event).state == "read"


def test_a_typeform_lead_becomes_a_campaign_call(gateway: Running) -> None:
    gateway.post_sample("typeform/hot-lead.json")

    gateway.wait_for_delivery("accepted")

    [call] = gateway.calls()
    assert call["campaignName"] == "site_visit_hot"


def test_a_facebook_lead_is_looked_up_and_becomes_a_campaign_call(gateway: Running) -> None:
    gateway.post_sample("facebook/one-lead-large-budget.json")

    gateway.wait_for_delivery("accepted")

    [call] = gateway.calls()
    assert call["campaignName"] == "goa_villas_priority"
    assert set(call["media"]) == {"url", "filename"}
    assert gateway.seen()["graph"] == 1


def test_the_same_typeform_response_posted_five_times_at_once_makes_one_lead_and_one_call(gateway: Running) -> None:
    posting = gateway.posting("typeform/hot-lead.json")

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: gateway.send("typeform", posting), range(5)))
    assert [answer.status_code for answer in answers] == [200] * 5

    wait_for(gateway.leads, lambda found: len(found) == 5)
    gateway.wait_for_states(accepted=1)
    assert sorted(str(lead.state) for lead in gateway.leads()) == ["duplicate"] * 4 + ["planned"]
    assert len(gateway.calls()) == 1


def test_a_form_without_an_id_counts_once_within_the_window_and_again_after_it(gateway: Running) -> None:
    answers = {"name": "Mira", "phone": "+12025550143", "interest": "2 BHK"}
    gateway.post_website(**answers)
    gateway.post_website(**answers)
    wait_for(gateway.leads, lambda found: len(found) == 2)
    gateway.wait_for_states(accepted=1)

    gateway.move_clock(601)
    gateway.post_website(**answers)

    gateway.wait_for_states(accepted=2)
    assert len(gateway.calls()) == 2


def test_facebook_with_three_entries_of_four_changes_makes_twelve_leads_look_ups_and_calls(gateway: Running) -> None:
    ids = [_facebook_lead(gateway, number) for number in range(12)]
    assert gateway.post_signed("facebook", _facebook_body(ids)).status_code == 200

    gateway.wait_for_states(accepted=12)

    assert gateway.seen()["graph"] == 12
    assert len({call["destination"] for call in gateway.calls()}) == 12


def test_one_look_up_that_fails_spoils_no_other_and_its_lead_waits(gateway: Running) -> None:
    ids = [_facebook_lead(gateway, number) for number in range(11)] + ["900100200399999"]
    assert gateway.post_signed("facebook", _facebook_body(ids)).status_code == 200

    gateway.wait_for_states(accepted=11)

    [waiting] = wait_for(
        lambda: [one for one in gateway.leads() if one.state == "waiting"], lambda found: bool(found and found[0].tries)
    )
    assert waiting.lead.submission == "900100200399999"
    assert "no such lead" in waiting.lead.reason

    _facebook_lead(gateway, 12, "900100200399999")
    gateway.move_clock(10)
    gateway.wait_for_states(accepted=12)


def test_a_facebook_test_lead_is_recognised_and_never_messaged(gateway: Running) -> None:
    gateway.post_sample("facebook/test-lead.json")

    wait_for(gateway.leads, lambda found: [lead.state for lead in found] == ["test"])
    assert gateway.deliveries() == []


def test_a_filled_honeypot_is_suspected_and_a_person_may_release_it(gateway: Running) -> None:
    gateway.post_website(name="Mira", phone="+12025550143", interest="2 BHK", _gotcha="x")

    [lead] = wait_for(gateway.leads)
    assert lead.state == "suspected"


def test_typeform_partials_are_ignored_quietly(gateway: Running) -> None:
    event = gateway.post_sample("typeform/partial.json")

    wait_for(lambda: gateway.event(event), lambda found: found.state == "ignored")
    assert gateway.leads() == []


def test_payment_details_are_never_stored(gateway: Running) -> None:
    event = gateway.post_sample("typeform/payment.json")

    answers = json.loads(gateway.event(event).body)["form_response"]["answers"]
    [payment] = [answer["payment"] for answer in answers if answer["type"] == "payment"]
    assert (payment["last4"], payment["name"]) == ("", "")
    assert payment["amount"]


def _facebook_lead(gateway: Running, number: int, lead_id: str = "") -> str:
    lead_id = lead_id or f"9001002003{number:05}"
    fields = {"full_name": f"Mira Sample{number}", "phone_number": f"+1202555{100 + number:04}", "city": "Goa"}
    field_data = [{"name": name, "values": [value]} for name, value in fields.items()]
    gateway.add_graph_lead({"id": lead_id, "form_id": "120213456789012345", "field_data": field_data})
    return lead_id


def _facebook_body(ids: list[str]) -> bytes:
    """Three entries, the changes shared out among them; numbers and texts as Facebook mixes them."""
    entries = []
    for entry in range(3):
        changes = [
            {
                "field": "leadgen",
                "value": {"leadgen_id": int(lead_id), "page_id": "1002", "form_id": 120213456789012345},
            }
            for lead_id in ids[entry::3]
        ]
        entries.append({"id": "1002", "time": 1791200010, "changes": changes})
    return json.dumps({"object": "page", "entry": entries}).encode()
