"""What WhatsApp says of our messages, joined to the delivery that it speaks of, and what follows from it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import requests
from harness import Running, mapping, running, wait_for
from hooks import CAMPAIGN, NUMBER, SECRET, milliseconds, reply, status, stored, tell

from gateway import clock
from gateway.model import Delivery
from gateway.pipeline.receiving import Receiving
from gateway.sandbox.server import Sandbox
from gateway.store import receipts
from gateway.store.ledger import Ledger
from gateway.store.receipts import Arrived


@pytest.fixture
def told(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway that AiSensy's webhook may post to, and a mapping of its own."""
    with running(ledger, box, tmp_path, AISENSY_WEBHOOK_SECRET=SECRET, GATEWAY_OPT_OUT="leave me alone") as found:
        found.write_mapping("other.yaml", mapping())
        yield found
    clock.follow(None)


def connect(gateway: Running, **hook: Any) -> None:
    """Let the sandbox post its receipts to this gateway."""
    there = {"url": f"{gateway.url}/hooks/aisensy", "secret": SECRET, **hook}
    requests.put(f"{gateway.box.url}/receipts", json=there, timeout=10).raise_for_status()


def ask(gateway: Running, **asked: Any) -> requests.Response:
    return requests.post(f"{gateway.box.url}/receipts", json=asked, timeout=10)


def all_read(gateway: Running) -> None:
    wait_for(lambda: [one for one in stored(gateway) if one.state == "new"], lambda new: not new)


def accepted(gateway: Running, *numbers: str) -> list[Delivery]:
    """Messages to these numbers, each accepted."""
    for number in numbers:
        gateway.post_website("other", name="Mira Sample", phone=number, city="Goa")
    return gateway.wait_for_states(accepted=len(numbers))


def uncertain(gateway: Running) -> Delivery:
    """A message that may have arrived: its line was cut."""
    gateway.fault(cut="after")
    gateway.post_website("other", name="Mira Sample", phone=NUMBER, city="Goa")
    return gateway.wait_for_delivery("uncertain")


def test_in_whichever_order_they_come_the_furthest_word_counts(told: Running) -> None:
    orders = [*permutations(("SENT", "delivered", "READ"))]
    numbers = [f"+120255501{at:02}" for at in range(len(orders) + 3)]
    made = {one.destination: one.id for one in accepted(told, *numbers)}
    rest = [("FAILED", "SENT"), ("FAILED", "DELIVERED"), ("READ", "FAILED")]
    for number, said in zip(numbers, [*orders, *rest], strict=True):
        for word in said:
            tell(told, status(word, number, messageId=f"wamid.{number}"))
    all_read(told)

    found = {one.destination: one for one in told.deliveries()}
    assert [found[number].receipt for number in numbers] == ["read"] * 6 + ["failed", "delivered", "read"]
    assert {one.provider_id for one in found.values()} == {f"wamid.{number}" for number in numbers}
    assert found[numbers[6]].receipt_reason == "131026: Example reason"
    assert found[numbers[7]].receipt_reason == ""
    assert {one.delivery_id for one in stored(told)} == set(made.values())
    assert {str(one.state) for one in found.values()} == {"accepted"}
    assert {one.settled_by for one in found.values()} == {""}


@pytest.mark.parametrize("said", ["SENT", "DELIVERED", "READ", "FAILED"])
def test_a_receipt_settles_a_message_that_was_uncertain(
    told: Running, caplog: pytest.LogCaptureFixture, said: str
) -> None:
    uncertain(told)
    with caplog.at_level(logging.WARNING):
        tell(told, status(said))
        one = told.wait_for_delivery("accepted")

    assert (one.settled_by, one.receipt, one.reason) == ("receipt", said.lower(), "")
    assert one.accepted is not None
    assert f"d{one.id} (campaign {CAMPAIGN}) is accepted: WhatsApp says '{said.lower()}'" in caplog.text
    assert len(told.calls()) == 1
    assert told.attempts(one.id)[0]["outcome"] == "unknown"


@pytest.mark.parametrize(
    "other",
    [
        {"campaign": {"name": "another"}},
        {"campaign": None},
        {"phone_number": "12025550199"},
        {"sent_at": 1791199991000},
    ],
    ids=["campaign", "no campaign", "number", "long before"],
)
def test_news_of_another_message_settles_nothing(told: Running, other: dict[str, Any]) -> None:
    uncertain(told)
    tell(told, status("READ", **other))
    all_read(told)

    assert told.wait_for_delivery("uncertain").receipt == ""
    [one] = stored(told)
    assert (one.state, one.kind, one.delivery_id) == ("read", "read", None)
    assert one.reason == "none of the messages that left here fits it"


def test_news_that_may_speak_of_an_earlier_call_settles_nothing(told: Running) -> None:
    accepted(told, NUMBER)
    told.move_clock(3600)
    told.fault(cut="after")
    told.post_website("other", name="Mira Sample", phone=NUMBER, city="Pune")
    first, second = told.wait_for_states(accepted=1, uncertain=1)
    tell(told, status("READ", sent_at=None))
    all_read(told)
    assert told.wait_for_states(accepted=1, uncertain=1)[1].receipt == ""
    assert f"it may speak of d{second.id} or of another call" in stored(told)[0].reason

    assert first.left is not None
    tell(told, status("READ", messageId="wamid.FIRST", sent_at=milliseconds(first.left) + 1000))
    all_read(told)
    assert [one.receipt for one in told.wait_for_states(accepted=1, uncertain=1)] == ["read", ""]

    tell(told, status("DELIVERED", messageId="wamid.SECOND"))
    assert [one.settled_by for one in told.wait_for_states(accepted=2)] == ["", "receipt"]


def test_later_news_is_joined_by_the_messages_id_alone(told: Running) -> None:
    accepted(told, NUMBER)
    tell(told, status("SENT", messageId="wamid.1"))
    tell(told, {"event": "message.read", "data": {"messageId": "wamid.1"}})
    all_read(told)

    assert told.deliveries()[0].receipt == "read"


def test_receipts_that_come_before_the_answer_are_kept_for_it(told: Running) -> None:
    connect(told, automatic=True)
    told.fault(cut="after")
    told.post_website("other", name="Mira Sample", phone=NUMBER, city="Goa")
    told.wait_for_delivery("accepted")
    one = wait_for(lambda: told.deliveries()[0], lambda found: found.receipt == "read")

    assert one.settled_by == "receipt"
    assert len(told.calls()) == 1

    told.fault(hang="after", seconds=0.5)
    told.post_website("other", name="Mira Sample", phone="+12025550144", city="Goa")
    told.wait_for_states(accepted=2)
    wait_for(lambda: told.deliveries()[1].receipt, lambda found: found == "read")


def test_an_answer_that_comes_after_the_receipt_settles_nothing_twice(told: Running) -> None:
    connect(told, automatic=True)
    told.fault(delay=0.5)
    told.post_website("other", name="Mira Sample", phone=NUMBER, city="Goa")
    told.wait_for_delivery("accepted")
    one = wait_for(lambda: told.deliveries()[0], lambda found: found.receipt == "read")

    assert (one.settled_by, len(told.calls())) == ("", 1)
    assert one.message_id


@pytest.mark.parametrize("tries", [1, 2], ids=["while it waits", "of the first of two calls"])
def test_a_receipt_settles_a_call_that_its_rule_would_make_again(told: Running, tries: int) -> None:
    told.write_mapping("other.yaml", mapping() + "    if_uncertain: send again\n")
    told.fault(cut="after", times=tries)
    told.post_website("other", name="Mira Sample", phone=NUMBER, city="Goa")
    [one] = told.wait_for_states(retrying=1)
    assert one.left is not None
    first = milliseconds(one.left) + 1000
    for _again in range(tries - 1):
        told.let_time_pass(180, 60)
        wait_for(lambda: told.seen()["send"], lambda seen: seen == tries)
        told.wait_for_states(retrying=1)
    tell(told, status("DELIVERED", sent_at=first))
    one = told.wait_for_delivery("accepted")
    told.let_time_pass(600, 120)

    assert (one.settled_by, told.seen()["send"]) == ("receipt", tries)


def test_two_workers_read_each_receipt_once(told: Running, caplog: pytest.LogCaptureFixture) -> None:
    uncertain(told)
    told.stop_worker()
    for body in (status("SENT"), status("READ"), status("DELIVERED"), reply("STOP")):
        tell(told, body)
    ids = [one.id for one in stored(told)]
    workers = [Receiving(told.ledger, told.settings) for _ in range(2)]
    threads = [threading.Thread(target=one.read, args=(ids,)) for one in workers]
    with caplog.at_level(logging.WARNING):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)

    assert [one.state for one in stored(told)] == ["read"] * 4
    assert [caplog.text.count(words) for words in ("is accepted: WhatsApp", "opted out by replying")] == [1, 1]
    assert told.wait_for_delivery("accepted").receipt == "read"


# Replies


def test_a_reply_belongs_to_the_latest_message(told: Running) -> None:
    accepted(told, NUMBER)
    connect(told)
    assert ask(told, to=NUMBER, kind="reply", text="Please call me").json()["status"] == 200
    all_read(told)

    [one] = stored(told)
    assert (one.kind, one.delivery_id, one.number) == ("reply", told.deliveries()[0].id, NUMBER)
    with told.ledger.read() as connection:
        since = clock.now() - timedelta(minutes=1)
        assert receipts.replied_since(connection, NUMBER, since) == one.happened
        assert receipts.replied_since(connection, NUMBER, clock.now() + timedelta(minutes=1)) is None
        assert receipts.ever(connection)
        assert [found.id for found in receipts.of_delivery(connection, one.delivery_id or 0)] == [one.id]
    assert json.loads(told.command("suppress", "list", "--json").output) == []


@pytest.mark.parametrize("word", ["STOP", "Leave me alone!"])
def test_after_a_stop_no_source_messages_the_number_any_more(
    told: Running, caplog: pytest.LogCaptureFixture, word: str
) -> None:
    with caplog.at_level(logging.WARNING):
        tell(told, reply(word))
        all_read(told)
    assert f"+1 20••• ••143 opted out by replying '{word}': nothing more is sent to it" in caplog.text
    assert NUMBER not in caplog.text
    [row] = json.loads(told.command("suppress", "list", "--phones", "--json").output)
    assert NUMBER in row.values()

    told.post_website("other", name="Mira Sample", phone=NUMBER, city="Goa")
    told.post_website("price-list", name="Mira Sample", phone=NUMBER, interest="2 BHK")
    found = told.wait_for_states(skipped=2)
    assert all(word in one.reason for one in found)
    assert told.calls() == []


def test_a_stop_counts_whatever_date_it_bears(told: Running) -> None:
    tell(told, reply("STOP", sent_at="0001-01-01T00:00:00Z"))
    all_read(told)

    assert [one.state for one in stored(told)] == ["read"]
    assert "STOP" in told.command("suppress", "list").output


def test_what_a_person_said_was_not_sent_is_not_replayed_once_whatsapp_says_it_arrived(told: Running) -> None:
    delivery = uncertain(told)
    told.command("resolve", f"d{delivery.id}", "not-sent")
    tell(told, status("DELIVERED"))
    all_read(told)

    said = told.command("replay", "l1")

    assert (said.exit_code, told.delivery()) == (1, told.wait_for_delivery("failed"))
    assert "reached the person after all" in said.output
    assert told.command("replay", "l1", "--again", "--yes").exit_code == 0
    told.wait_for_states(failed=1, accepted=1)


@pytest.mark.parametrize("sample", ["facebook/one-lead-large-budget.json", "typeform/hot-lead.json"])
def test_a_stop_counts_at_the_other_sources_too(told: Running, sample: str) -> None:
    told.post_sample(sample)
    [one] = told.wait_for_states(accepted=1)
    tell(told, reply("Stop.", one.destination))
    all_read(told)
    told.post_sample(sample)

    assert told.wait_for_states(accepted=1, skipped=1)[1].tag == "suppressed"


def test_a_crowd_of_receipts_is_read(told: Running) -> None:
    accepted(told, NUMBER)
    told.stop_worker()
    with told.ledger.write() as connection:
        for at in range(300):
            body = status("READ", f"+1202{at:07}") if at else status("READ")
            receipts.add(connection, [Arrived(f"crowd {at}", json.dumps(body).encode(), clock.now())])
    told.start_worker()
    all_read(told)

    assert told.deliveries()[0].receipt == "read"


# The sandbox


def test_the_sandbox_posts_only_to_this_machine_and_says_what_it_wants(told: Running) -> None:
    where = f"{told.box.url}/receipts"
    assert "Say first where" in ask(told, to=NUMBER, kind="read").json()["message"]
    wrong: list[Any] = [{"url": "https://gateway.example.com"}, {"url": 7}, {"to": "x"}, [], {}]
    for hook in wrong:
        assert requests.put(where, json=hook, timeout=10).status_code == 400
    connect(told)
    shown = requests.get(where, timeout=10).json()
    assert shown == {"url": f"{told.url}/hooks/aisensy", "signed": True, "automatic": False}
    assert ask(told, to=NUMBER, kind="lost").status_code == 400
    assert requests.delete(where, timeout=10).json() == {"url": None}
