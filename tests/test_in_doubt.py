"""A message that is to be sent again since it may have arrived: it counts as one that did, and is never closed."""

from __future__ import annotations

import pytest
from harness import PERSON, Running, mapping, wait_for
from sequences import followed, know_campaigns, states, wait_for_all

from gateway import clock
from gateway.model import Delivery
from gateway.pipeline import following

AGAIN = mapping() + "    if_uncertain: send again\n"


def lost(gateway: Running, text: str = AGAIN) -> Delivery:
    """A message that AiSensy took without an answer, and that its rule wants sent again."""
    gateway.write_mapping("other.yaml", text)
    gateway.fault(cut="after")
    gateway.post_website("other", **PERSON)
    return wait_for(gateway.deliveries, lambda found: bool(found) and found[0].state == "retrying")[0]


def refused_for_now(gateway: Running, times: int) -> None:
    """The second try meets a definite no."""
    gateway.mend()
    gateway.fault(status=503, times=times)
    gateway.move_clock(121)
    wait_for(gateway.delivery, lambda one: one is not None and one.state == "retrying" and one.tag == "unavailable")


@pytest.mark.parametrize("limit", ["once_per_person: 7 days", "no_more_than: 1 per person per day"])
def test_it_counts_for_other_leads_of_the_person(gateway: Running, limit: str) -> None:
    lost(gateway, f"{AGAIN}limits:\n  {limit}\n")
    gateway.move_clock(30)

    gateway.post_website("other", **(PERSON | {"name": "Mira again"}))

    skipped = gateway.wait_for_states(retrying=1, skipped=1)[-1]
    assert skipped.state == "skipped"
    assert "for l1" in skipped.reason or "l1 (website) may have been sent" in skipped.reason
    gateway.move_clock(121)
    gateway.wait_for_states(accepted=1, skipped=1)
    assert len(gateway.calls()) == 2, "the policy sent it again, and nothing else was sent"


def test_a_definite_no_to_the_second_try_says_nothing_of_the_first(gateway: Running) -> None:
    lost(gateway)
    refused_for_now(gateway, times=1)
    gateway.write_mapping("other.yaml", mapping(campaign="price_list", rule="Somebody else"))

    gateway.move_clock(60)

    assert gateway.wait_for_delivery("accepted").campaign == "goa_villas_welcome", "its plan is frozen"


def test_who_gives_up_on_the_later_tries_still_does_not_know_of_the_first(gateway: Running) -> None:
    lost(gateway, AGAIN + "limits:\n  too_old: never\n")
    refused_for_now(gateway, times=0)

    def given_up() -> bool:
        gateway.move_clock(30_000)
        one = gateway.delivery()
        return one is not None and one.state == "uncertain"

    wait_for(given_up)
    assert "it may have arrived, and is not sent again: gave up after 11 tries" in gateway.deliveries()[0].reason
    assert gateway.books().balanced


def test_an_older_lead_gets_nothing_else_in_its_place(gateway: Running) -> None:
    lost(gateway, AGAIN + "limits:\n  too_old:\n    after: 1 hour\n    campaignName: price_list\n")
    gateway.stop_worker()
    gateway.move_clock(2 * 3600)
    gateway.start_worker()

    delivery = gateway.wait_for_delivery("uncertain")
    assert "too old: the lead came 2 hours ago" in delivery.reason
    assert [call["campaignName"] for call in gateway.calls()] == ["goa_villas_welcome"]


def test_an_opt_out_keeps_it_from_being_sent_again_but_nobody_says_that_it_was_not_sent(gateway: Running) -> None:
    lost(gateway)

    with gateway.ledger.write("test") as connection:
        following.opted_out(connection, PERSON["phone"], clock.now(), "replied 'STOP'")

    assert "the number is suppressed" in gateway.wait_for_delivery("uncertain").reason


@pytest.mark.parametrize("name", ["d1", "l1"])
def test_taking_it_back_takes_its_follow_ups_back_and_says_that_it_may_have_arrived(
    gateway: Running, name: str
) -> None:
    know_campaigns(gateway)
    again = followed().replace("    follow_ups:", "    if_uncertain: send again\n    follow_ups:")
    lost(gateway, again)
    wait_for_all(gateway, "retrying", "held", "held")

    said = gateway.command("cancel", name)

    assert said.exit_code == 0
    assert "is not sent again; it may have arrived, so it is uncertain" in " ".join(said.output.split())
    assert states(gateway) == ["uncertain", "cancelled", "cancelled"]


def test_a_reply_to_it_ends_its_follow_ups(gateway: Running) -> None:
    know_campaigns(gateway)
    lost(gateway, followed().replace("    follow_ups:", "    if_uncertain: send again\n    follow_ups:"))
    wait_for_all(gateway, "retrying", "held", "held")

    with gateway.ledger.write("test") as connection:
        following.replied(connection, PERSON["phone"], clock.now(), clock.now())

    assert states(gateway) == ["retrying", "cancelled", "held"]
