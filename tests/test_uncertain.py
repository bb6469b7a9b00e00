"""Messages of which nobody knows whether they arrived: settled by their rule or by a person, never in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from harness import PERSON, Running, mapping, running, wait_for

from gateway.model import Delivery, OutcomeKind
from gateway.model import Outcome as Came
from gateway.pipeline.answer import Answer, Claimed
from gateway.pipeline.pace import Pace
from gateway.pipeline.settling import Settling
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

AGAIN = mapping() + "    if_uncertain: send again\n"


def _lost(gateway: Running, text: str = "") -> Delivery:
    """A message that AiSensy took, but whose answer never came."""
    gateway.write_mapping("other.yaml", text or mapping())
    gateway.fault(cut="after")
    gateway.post_website("other", **PERSON)
    found = wait_for(gateway.delivery, lambda one: one is not None and one.state in ("uncertain", "retrying"))
    assert found is not None
    return found


def test_by_its_rule_a_message_in_doubt_is_sent_again_after_time_for_a_receipt(gateway: Running) -> None:
    delivery = _lost(gateway, AGAIN)

    assert (delivery.state, delivery.tries, delivery.tag) == ("retrying", 0, "timeout")
    assert "sent again by its rule (if_uncertain), 1 of 3" in delivery.reason
    assert (delivery.due - delivery.changed).total_seconds() >= 119
    gateway.move_clock(121)
    gateway.wait_for_delivery("accepted")
    assert len(gateway.calls()) == 2
    assert gateway.books().balanced


def test_it_is_sent_again_three_times_at_most(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", AGAIN)
    gateway.fault(cut="after", times=0)
    gateway.post_website("other", **PERSON)

    def stayed_in_doubt() -> bool:
        one = gateway.delivery()
        gateway.move_clock(60)
        return one is not None and one.state == "uncertain"

    wait_for(stayed_in_doubt)

    delivery = gateway.wait_for_delivery("uncertain")
    assert delivery.reason.endswith("it was sent again 3 times, and is not any more")
    assert len(gateway.attempts(delivery.id)) == 4


def test_a_late_yes_settles_what_was_to_be_sent_again(gateway: Running) -> None:
    delivery = _lost(gateway, AGAIN)

    _answer_late(gateway, delivery)

    gateway.wait_for_delivery("accepted")
    gateway.move_clock(600)
    gateway.post_website("other", **(PERSON | {"phone": "+12025550144"}))
    gateway.wait_for_states(accepted=2)
    assert len(gateway.calls()) == 2, "nothing was sent again"


def _answer_late(gateway: Running, delivery: Delivery) -> None:
    """The answer under a delivery's last token comes after all."""
    settling = Settling(Pace(gateway.settings, "any"))
    came = Came(OutcomeKind.ACCEPTED, "accepted", "AiSensy took the call", 200, "m1")
    with gateway.ledger.write() as connection:
        claimed = Claimed(delivery, delivery.token, delivery.plan.call, delivery.created)
        settling.settle(connection, [Answer(claimed, came)])


def test_what_may_have_arrived_is_never_cancelled_by_a_new_mapping(gateway: Running) -> None:
    _lost(gateway, AGAIN)
    gateway.write_mapping("other.yaml", mapping(campaign="price_list", rule="Somebody else"))

    gateway.move_clock(121)

    delivery = gateway.wait_for_delivery("accepted")
    assert delivery.campaign == "goa_villas_welcome", "a plan is frozen once its request left"


def test_a_crash_while_a_call_is_out_follows_the_rule_too(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", AGAIN)
        gateway.fault(hang="after", seconds=2)
        gateway.post_website("other", **PERSON)
        out = gateway.wait_for_delivery("sending")
        [(worker, _thread)] = gateway.workers
        worker.threads.out.clear()  # as if its process had died: nobody renews the lease

        gateway.move_clock(60)

        delivery = gateway.wait_for_delivery("retrying", "accepted")
        assert delivery.token == out.token or delivery.state == "accepted"


@pytest.mark.parametrize(
    ("word", "state", "calls"), [("sent", "accepted", 1), ("not-sent", "failed", 1), ("send-again", "accepted", 2)]
)
def test_a_person_says_what_became_of_it(gateway: Running, word: str, state: str, calls: int) -> None:
    delivery = _lost(gateway)

    said = gateway.command("resolve", f"d{delivery.id}", word, "--yes")

    assert said.exit_code == 0, said.output
    settled = gateway.wait_for_delivery(state)
    assert settled.settled_by == ("" if word == "send-again" else "person")
    assert len(gateway.calls()) == calls
    assert gateway.books().balanced


def test_sending_again_asks_before(gateway: Running) -> None:
    delivery = _lost(gateway)

    said = gateway.command("resolve", f"d{delivery.id}", "send-again")

    assert said.exit_code == 2
    assert "Whoever did get it gets it twice. Add --yes to say so." in said.output
    assert gateway.wait_for_delivery("uncertain").settled_by == ""


def test_where_a_limit_stops_the_second_message_why_says_how_it_leaves(gateway: Running) -> None:
    delivery = _lost(gateway)
    gateway.move_clock(90_000)
    gateway.command("resolve", f"d{delivery.id}", "send-again", "--yes")
    stopped = wait_for(gateway.delivery, lambda one: one is not None and "too old" in one.reason)

    assert stopped is not None
    assert stopped.state == "uncertain"
    cure = f"gateway replay d{delivery.id} --again --despite too_old"
    assert cure in gateway.command("why", PERSON["phone"]).output
    assert gateway.command(*cure.split()[1:], "--yes").exit_code == 0
    wait_for(gateway.calls, lambda calls: len(calls) == 2)


def test_a_late_answer_changes_nothing_that_a_person_said(gateway: Running) -> None:
    delivery = _lost(gateway)
    gateway.command("resolve", f"d{delivery.id}", "not-sent")

    _answer_late(gateway, delivery)

    found = gateway.wait_for_delivery("failed")
    assert (found.settled_by, found.reason) == ("person", "a person says that it was not sent")
    assert [row["outcome"] for row in gateway.attempts(delivery.id)] == ["accepted"], "but it is written down"


def test_a_late_yes_saves_a_second_message_that_a_person_asked_for(gateway: Running) -> None:
    delivery = _lost(gateway)
    gateway.stop_worker()
    gateway.command("resolve", f"d{delivery.id}", "send-again", "--yes")

    _answer_late(gateway, delivery)

    gateway.start_worker()
    gateway.wait_for_delivery("accepted")
    assert len(gateway.calls()) == 1


def test_all_that_is_uncertain_is_resolved_together(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(cut="after", times=3)
    for number in range(3):
        gateway.post_website("other", **(PERSON | {"phone": f"+120255501{number:02}"}))
        gateway.move_clock(5000)
        gateway.wait_for_states(uncertain=number + 1)

    gateway.move_clock(5000)
    assert json.loads(gateway.command("resolve", "--all-uncertain", "--since", "1m", "sent", "--json").output) == []
    refused = gateway.command("resolve", "--all-uncertain", "sent")
    assert "3 messages will count as sent. Add --yes to say so." in refused.output
    said = gateway.command("resolve", "--all-uncertain", "sent", "--yes")

    assert said.exit_code == 0, said.output
    gateway.wait_for_states(accepted=3)


def test_only_what_is_uncertain_is_resolved(gateway: Running) -> None:
    gateway.post_website(**(PERSON | {"interest": "2 BHK"}))
    delivery = gateway.wait_for_delivery("accepted")

    said = gateway.command("resolve", f"d{delivery.id}", "not-sent")

    assert said.exit_code == 1
    assert "is accepted, so there is nothing to resolve" in said.output
    assert gateway.command("resolve", "d99", "sent").exit_code == 2
    assert gateway.command("resolve", "sent").exit_code == 2
    assert gateway.command("resolve", "d1", "sent", "--since", "2d").exit_code == 2


def test_what_a_late_yes_contradicts_is_not_replayed_by_accident(gateway: Running) -> None:
    delivery = _lost(gateway)
    gateway.command("resolve", f"d{delivery.id}", "not-sent")
    _answer_late(gateway, delivery)

    for name in ("l1", "d1"):
        said = gateway.command("replay", name)
        assert said.exit_code == 1
        assert "reached the person after all, as AiSensy or WhatsApp said later; add --again" in said.output
    assert len(gateway.calls()) == 1


def test_what_a_person_said_was_not_sent_is_replayed_without_more_words(gateway: Running) -> None:
    delivery = _lost(gateway)
    gateway.command("resolve", f"d{delivery.id}", "not-sent")

    assert gateway.command("replay", "l1").exit_code == 0
    gateway.wait_for_states(failed=1, accepted=1)


def test_a_late_yes_to_an_earlier_try_ends_the_repeats(gateway: Running) -> None:
    delivery = _lost(gateway, AGAIN)
    gateway.fault(status=429, body={"message": "slow down"}, retry_after=100)
    gateway.move_clock(121)
    wait_for(lambda: gateway.attempts(delivery.id), lambda made: len(made) == 2 and bool(made[1]["ended_at"]))

    _answer_late(gateway, delivery)

    assert gateway.wait_for_delivery("accepted").settled_by == ""
    assert gateway.books().balanced


def test_a_late_yes_to_an_earlier_try_counts_though_the_next_is_refused(gateway: Running) -> None:
    delivery = _lost(gateway, AGAIN)
    gateway.fault(status=429, body={"message": "slow down"}, delay=1)
    gateway.move_clock(121)
    gateway.wait_for_delivery("sending")

    _answer_late(gateway, delivery)

    assert gateway.wait_for_delivery("accepted").reason == "an earlier try was taken, as its late answer said"
    assert len(gateway.calls()) == 1
    assert gateway.books().balanced


def test_nothing_is_sent_again_to_a_person_who_was_erased(gateway: Running) -> None:
    delivery = _lost(gateway)
    assert gateway.command("erase", PERSON["phone"], "--yes").exit_code == 0

    said = gateway.command("resolve", f"d{delivery.id}", "send-again", "--yes")

    assert said.exit_code == 1
    assert "is of a person who was erased: nothing is left of it to send" in said.output
    assert gateway.command("resolve", f"d{delivery.id}", "sent").exit_code == 0
    gateway.wait_for_delivery("accepted")
    assert gateway.books().balanced, gateway.books().mistakes
