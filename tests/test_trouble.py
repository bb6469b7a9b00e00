"""When AiSensy is in trouble: what is tried again, held or uncertain, and that nobody is messaged twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Running, running, wait_for

from gateway.sandbox.server import Sandbox
from gateway.store import holds
from gateway.store.ledger import Ledger

PERSON = {"name": "Mira Sample", "phone": "+12025550143", "interest": "2 BHK"}


def people(count: int) -> Iterator[dict[str, str]]:
    """That many different people."""
    for number in range(count):
        yield PERSON | {"name": f"Mira Sample{number}", "phone": f"+1202555{200 + number:04}"}


def test_two_times_503_and_then_200_make_one_call_and_three_attempts(gateway: Running) -> None:
    gateway.fault(status=503, times=2)
    gateway.post_website(**PERSON)

    first = gateway.wait_for_delivery("retrying")
    assert first.tries == 1
    gateway.move_clock(6)
    wait_for(gateway.delivery, lambda one: one is not None and one.tries == 2)
    gateway.move_clock(40)
    delivery = gateway.wait_for_delivery("accepted")

    assert len(gateway.calls()) == 1
    attempts = gateway.attempts(delivery.id)
    assert [(row["outcome"], row["status"]) for row in attempts] == [
        ("transient", 503),
        ("transient", 503),
        ("accepted", 200),
    ]
    assert all("test-key" not in row["request"] + row["response"] for row in attempts)


def test_retry_after_is_respected(gateway: Running) -> None:
    gateway.fault(status=429, retry_after=300)
    gateway.post_website(**PERSON)

    delivery = gateway.wait_for_delivery("retrying")

    assert (delivery.due - delivery.changed).total_seconds() >= 300
    gateway.move_clock(301)
    gateway.wait_for_delivery("accepted")


def test_an_answer_that_never_comes_after_the_call_was_taken_is_uncertain_and_never_sent_again(
    gateway: Running,
) -> None:
    gateway.fault(hang="after", seconds=10)
    gateway.post_website(**PERSON)

    gateway.wait_for_delivery("uncertain")
    gateway.move_clock(86_400)
    gateway.post_website(**(PERSON | {"name": "Somebody Else", "phone": "+12025550144"}))

    gateway.wait_for_states(uncertain=1, accepted=1)
    assert sorted(call["userName"] for call in gateway.calls()) == ["Mira Sample", "Somebody Else"]


def test_a_connection_that_is_refused_is_tried_again(ledger: Ledger, tmp_path: Path) -> None:
    with Sandbox() as box:
        port = box.port
        with running(ledger, box, tmp_path) as gateway:
            box.close()
            gateway.post_website(**PERSON)
            delivery = gateway.wait_for_delivery("retrying")
            assert delivery.tag == "network"
            with Sandbox(f"127.0.0.1:{port}"):
                gateway.move_clock(600)
                gateway.wait_for_delivery("accepted")
                assert len(gateway.calls()) == 1


def test_a_delivery_that_no_try_helps_fails_and_says_how_often_it_was_tried(gateway: Running) -> None:
    _mapping(gateway, "goa_villas_welcome", "limits:\n  too_old: never\n")
    gateway.fault(status=503, times=0)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_delivery("retrying")

    for tries in range(2, 12):
        gateway.move_clock(40_000)
        wait_for(gateway.delivery, lambda one, wanted=tries: one is not None and one.tries == wanted)  # type: ignore[misc]

    delivery = gateway.wait_for_delivery("failed")
    assert delivery.reason.startswith("gave up after 11 tries")


def test_no_credit_holds_everything_and_one_trial_at_a_time_finds_out_when_it_is_back(gateway: Running) -> None:
    gateway.fault(credit="none")
    for person in people(20):
        gateway.post_website(**person)

    held = gateway.wait_for_states(held=20)
    assert all("Insufficient" in one.reason for one in held)
    assert all(one.tries == 0 for one in held)
    spent = gateway.seen()["send"]
    assert spent <= gateway.settings.number("GATEWAY_THREADS")

    gateway.move_clock(31)
    wait_for(lambda: gateway.seen()["send"], lambda count: count == spent + 1)
    gateway.wait_for_states(held=20)

    gateway.fault(credit="back")
    gateway.move_clock(31)
    gateway.wait_for_states(accepted=20)
    assert len(gateway.calls()) == 20
    assert gateway.books().balanced


def test_a_campaign_that_is_not_live_is_held_alone(gateway: Running) -> None:
    _mapping(gateway, "old_offer")
    gateway.post_website("other", **PERSON)
    gateway.post_website("price-list", **(PERSON | {"phone": "+12025550144"}))

    found = gateway.wait_for_states(held=1, accepted=1)

    [held] = [one for one in found if one.state == "held"]
    assert held.hold == "campaign old_offer"
    assert "not live" in held.reason.lower()
    with gateway.ledger.read() as connection:
        assert list(holds.all_of(connection)) == ["campaign old_offer"]


def test_what_a_wrong_mapping_held_leaves_once_the_mapping_is_right(gateway: Running) -> None:
    _mapping(gateway, "no_such_campaign")
    for person in people(5):
        gateway.post_website("other", **person)
    gateway.wait_for_states(held=5)

    _mapping(gateway, "goa_villas_welcome")

    found = gateway.wait_for_states(accepted=5)
    assert {one.campaign for one in found} == {"goa_villas_welcome"}


def test_a_number_that_aisensy_refuses_fails_alone(gateway: Running) -> None:
    gateway.fault(status=400, body={"message": "Invalid Number"})
    gateway.post_website(**PERSON)
    gateway.wait_for_delivery("failed")

    gateway.post_website(**(PERSON | {"name": "Somebody Else", "phone": "+12025550144"}))

    gateway.wait_for_states(failed=1, accepted=1)


@pytest.mark.parametrize("everything_is_down", [True, False], ids=["all of it", "only sends"])
def test_ten_minutes_of_html_502_leave_a_handful_uncertain_and_all_others_are_sent(
    gateway: Running, *, everything_is_down: bool
) -> None:
    gateway.fault(status=502, html=True, times=0, on="all" if everything_is_down else "send")
    for person in people(500):
        gateway.post_website(**person)
    wait_for(gateway.deliveries, lambda found: len(found) == 500)

    gateway.let_time_pass(600, step=60)

    uncertain = [one for one in gateway.deliveries() if one.state == "uncertain"]
    assert 2 <= len(uncertain) <= gateway.settings.number("GATEWAY_THREADS") + 2

    gateway.mend()
    _let_time_pass_until_settled(gateway)
    states = [str(one.state) for one in gateway.deliveries()]
    assert states.count("uncertain") <= gateway.settings.number("GATEWAY_THREADS") + 2
    assert states.count("accepted") == 500 - states.count("uncertain")
    names = [call["userName"] for call in gateway.calls()]
    assert len(names) == len(set(names)) == states.count("accepted")
    assert gateway.books().balanced


def test_a_dead_token_pauses_the_page_once_spends_no_attempts_and_says_so(gateway: Running) -> None:
    gateway.fault(
        status=400, on="graph", times=0, body={"error": {"message": "dead", "code": 190, "error_subcode": 463}}
    )
    gateway.post_sample("facebook/three-entries-many-changes.json")

    waiting = wait_for(
        gateway.leads, lambda found: bool(found) and all("FACEBOOK_PAGE_TOKEN" in x.lead.reason for x in found)
    )
    assert len(waiting) == 12
    assert {str(one.state) for one in waiting} == {"waiting"}
    assert all(one.tries == 0 for one in waiting)
    assert gateway.seen()["graph"] <= 12

    gateway.wait_until_nothing_is_out()
    gateway.mend()
    gateway.move_clock(301)
    gateway.wait_for_states(accepted=12)


def test_one_lead_that_alone_is_refused_without_a_known_cause_does_not_stop_the_others_for_ever(
    gateway: Running,
) -> None:
    gateway.fault(status=403, html=True, times=3, to=PERSON["phone"])
    gateway.post_website(**PERSON)
    gateway.wait_for_states(held=1)
    for person in people(3):
        gateway.post_website(**person)

    for refused in (2, 3):
        gateway.move_clock(31)
        wait_for(lambda: _refusals(gateway, 1), lambda found, wanted=refused: found == wanted)  # type: ignore[misc]

    found = gateway.wait_for_states(failed=1, accepted=3)
    assert found[0].reason.startswith("AiSensy refuses this one alone")


def _refusals(gateway: Running, delivery_id: int) -> int:
    return len([row for row in gateway.attempts(delivery_id) if row["status"] == 403])


def test_without_a_key_leads_are_taken_and_held(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, AISENSY_API_KEY="") as gateway:
        gateway.post_website(**PERSON)

        delivery = gateway.wait_for_delivery("held")

        assert "AISENSY_API_KEY" in delivery.reason
        assert gateway.seen()["send"] == 0


def test_when_calls_are_cut_off_before_they_are_read_they_are_uncertain(gateway: Running) -> None:
    gateway.fault(cut="before")
    gateway.post_website(**PERSON)

    gateway.wait_for_delivery("uncertain")

    assert gateway.calls() == []


def test_a_kept_alive_connection_that_closes_quietly_costs_nothing(gateway: Running) -> None:
    gateway.fault(close=True)
    gateway.post_website(**PERSON)
    gateway.wait_for_states(accepted=1)

    gateway.post_website(**(PERSON | {"name": "Somebody Else", "phone": "+12025550144"}))

    gateway.wait_for_states(accepted=2)


def _mapping(gateway: Running, campaign: str, limits: str = "") -> None:
    """A mapping of its own for the form 'other', beside the bundled ones."""
    text = f"""
source: website
form: other
fields:
  phone: phone
  name: name
rules:
  - name: Everyone
    call:
      campaignName: {campaign}
      destination: $phone
      userName: $name
      templateParams:
        - $name
"""
    gateway.write_mapping("other.yaml", text + limits)


def _let_time_pass_until_settled(gateway: Running) -> None:
    """Move the clock in steps until nothing is open any more."""

    def settled() -> bool:
        gateway.let_time_pass(600, step=600)
        return all(one.state not in ("scheduled", "retrying", "sending", "held") for one in gateway.deliveries())

    wait_for(settled, patience=60)
