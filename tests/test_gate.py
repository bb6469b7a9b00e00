"""The gate: what no call passes against a limit, what is said of it, and how a person lifts it."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from harness import PERSON, Running, mapping, running, somebody, wait_for
from sqlalchemy import event

from gateway import clock
from gateway.engine import OneMachine
from gateway.model import Delivery
from gateway.pipeline.gate import Gate
from gateway.sandbox.server import Sandbox
from gateway.store import deliveries, promises, suppressions
from gateway.store.deliveries import Rank
from gateway.store.ledger import Ledger
from gateway.store.promises import Promise

INDIA, EMIRATES = "+919876543210", "+971501234567"


def limited(*limits: str, form: str = "other", campaign: str = "goa_villas_welcome", rule: str = "Everyone") -> str:
    """A mapping with limits."""
    return mapping(form, campaign, rule) + "limits:\n" + "".join(f"  {limit}\n" for limit in limits)


def set_clock(gateway: Running, moment: datetime) -> None:
    """Put the clock of everything to a moment."""
    gateway.move_clock((moment - clock.now()).total_seconds())


def wait_for_kept_back(gateway: Running, tag: str, count: int) -> list[Delivery]:
    """Wait until a limit keeps so many back."""

    def kept_back() -> list[Delivery]:
        return [one for one in gateway.deliveries() if one.state == "scheduled" and one.tag == tag]

    return wait_for(kept_back, lambda found: len(found) == count)


def by_state(found: list[Delivery]) -> dict[str, Delivery]:
    return {str(one.state): one for one in found}


def test_one_person_through_two_sources_within_a_day_gets_one_message_and_why_says_so(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("once_per_person: 1 day"))
    facebook = limited("once_per_person: 7 days").replace("source: website\nform: other", "source: facebook\nform: '7'")
    gateway.write_mapping("facebook.yaml", facebook)
    answers = [{"name": name, "values": [value]} for name, value in PERSON.items()]
    gateway.add_graph_lead({"id": "77", "form_id": "7", "field_data": answers})
    change = {"field": "leadgen", "value": {"leadgen_id": "77", "page_id": "5", "form_id": "7"}}
    gateway.post_signed(
        "facebook", json.dumps({"object": "page", "entry": [{"id": "5", "changes": [change]}]}).encode()
    )
    gateway.wait_for_states(accepted=1)

    gateway.move_clock(3 * 3600 + 60)
    gateway.post_website("other", **PERSON)

    skipped = by_state(gateway.wait_for_states(accepted=1, skipped=1))["skipped"]
    said = "once per person: l1 (facebook) was sent 'goa_villas_welcome' 3 hours ago; the limit is 24 hours"
    assert (skipped.reason, skipped.tag) == (said, "once_per_person")
    assert said in " ".join(gateway.command("why", PERSON["phone"]).output.split())
    assert len(gateway.calls()) == 1
    assert gateway.books().balanced

    gateway.move_clock(86_400)
    gateway.post_website("other", **(PERSON | {"name": "Mira again"}))
    gateway.wait_for_states(accepted=2, skipped=1)


def test_another_campaign_is_no_second_time_and_a_message_that_failed_is_no_first(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("once_per_person: 7 days"))
    gateway.write_mapping("another.yaml", limited("once_per_person: 7 days", form="another", campaign="promo_image"))
    gateway.fault(status=400, body={"message": "Invalid Number"})
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(failed=1)

    gateway.post_website("other", **(PERSON | {"name": "Mira once more"}))
    gateway.wait_for_states(failed=1, accepted=1)
    gateway.move_clock(11)
    gateway.post_website("another", **PERSON)

    found = gateway.wait_for_states(failed=1, accepted=1, held=1)
    assert by_state(found)["held"].campaign == "promo_image"  # it wants media: it passed the gate


def test_a_message_that_may_have_arrived_counts(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("once_per_person: 7 days"))
    gateway.fault(cut="after")
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(uncertain=1)

    gateway.post_website("other", **(PERSON | {"name": "Mira again"}))

    skipped = by_state(gateway.wait_for_states(uncertain=1, skipped=1))["skipped"]
    assert "l1 (website) may have been sent" in skipped.reason


def test_nobody_gets_more_than_so_many_a_day_of_whatever_campaign(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("no_more_than: 2 per person per day"))
    gateway.write_mapping("another.yaml", mapping("another"))
    for number, form in enumerate(("other", "another")):
        gateway.post_website(form, **PERSON)
        gateway.wait_for_states(accepted=number + 1)
        gateway.move_clock(3600)

    gateway.post_website("other", **(PERSON | {"name": "a third time"}))
    skipped = by_state(gateway.wait_for_states(accepted=2, skipped=1))["skipped"]
    assert skipped.reason.startswith("no more than 2 per person per day: the last was")

    gateway.post_website("other", **somebody(1))
    gateway.wait_for_states(accepted=3, skipped=1)
    gateway.move_clock(86_400)
    gateway.post_website("other", **(PERSON | {"name": "the next day"}))
    gateway.wait_for_states(accepted=4, skipped=1)


def test_a_rule_makes_so_many_calls_an_hour_and_the_others_leave_when_there_is_room(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("no_more_than: 3 per rule per hour"))
    for number in range(8):
        gateway.post_website("other", **somebody(number))
    waiting = sorted(one.due for one in wait_for_kept_back(gateway, "no_more_than", 5))

    assert timedelta(minutes=59) < waiting[2] - clock.now() <= timedelta(hours=1)
    assert waiting[3] - waiting[0] >= timedelta(hours=1), "they wait for hours of their own"
    for accepted in (6, 8):
        gateway.move_clock(3605)
        wait_for(lambda: len(gateway.calls()), lambda count, wanted=accepted: count == wanted)  # type: ignore[misc]
    gateway.wait_for_states(accepted=8)


def test_a_lead_of_half_past_eleven_at_night_leaves_at_nine_by_its_own_clock(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("send_between: 09:00-20:00"))
    set_clock(gateway, datetime(2027, 1, 11, 17, 40, tzinfo=UTC))  # 23:10 in Mumbai
    gateway.post_website("other", name="Asha", phone=INDIA)
    wait_for_kept_back(gateway, "send_between", 1)
    gateway.move_clock(90 * 60)  # 23:10 in Dubai
    gateway.post_website("other", name="Omar", phone=EMIRATES)
    waiting = {one.destination: one for one in wait_for_kept_back(gateway, "send_between", 2)}

    assert waiting[INDIA].due == datetime(2027, 1, 12, 3, 30, tzinfo=UTC)
    assert waiting[EMIRATES].due == datetime(2027, 1, 12, 5, 0, tzinfo=UTC)
    assert waiting[INDIA].reason == (
        "send_between 09:00-20:00: it leaves on Tuesday, 12 January at 09:00, Asia/Kolkata time"
    )
    set_clock(gateway, datetime(2027, 1, 12, 3, 29, 50, tzinfo=UTC))
    gateway.let_time_pass(2, step=2)
    assert gateway.calls() == []
    gateway.move_clock(12)
    gateway.wait_for_states(accepted=1, scheduled=1)
    set_clock(gateway, datetime(2027, 1, 12, 5, 0, 1, tzinfo=UTC))
    gateway.wait_for_states(accepted=2)
    assert [call["userName"] for call in gateway.calls()] == ["Asha", "Omar"]


def test_where_the_zones_of_a_number_never_agree_the_main_one_decides(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("send_between: 09:00-12:00"))
    set_clock(gateway, datetime(2027, 1, 11, 14, 0, tzinfo=UTC))
    gateway.post_website("other", name="Olga", phone="+79161234567")

    [waiting] = wait_for_kept_back(gateway, "send_between", 1)
    assert waiting.due == datetime(2027, 1, 12, 6, 0, tzinfo=UTC)
    assert "09:00, Europe/Moscow time" in waiting.reason


def test_a_lead_that_is_too_old_is_not_greeted_as_new(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", limited("too_old: 2 hours"))
    gateway.stop_worker()
    gateway.post_website("other", **PERSON)
    fresh = (clock.now() + timedelta(hours=2)).isoformat()
    old = (clock.now() - timedelta(hours=1)).isoformat()
    gateway.move_clock(3 * 3600)
    gateway.post_website("other", **somebody(1, submitted_at=old))
    gateway.post_website("other", **somebody(2, submitted_at=fresh))
    gateway.start_worker()

    found = gateway.wait_for_states(skipped=2, accepted=1)
    assert [one.reason for one in found[:2]] == [
        "too old: the lead came 3 hours ago; the limit is 2 hours",
        "too old: the form was sent 4 hours ago; the limit is 2 hours",
    ]


def test_24_hours_are_too_old_where_nothing_is_said_and_never_means_never(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.write_mapping("any-age.yaml", limited("too_old: never", form="any-age"))
    gateway.stop_worker()
    gateway.post_website("other", **PERSON)
    gateway.post_website("any-age", **somebody(1))
    gateway.move_clock(25 * 3600)
    gateway.start_worker()

    found = gateway.wait_for_states(skipped=1, accepted=1)
    assert "the limit is 24 hours" in found[0].reason


def test_an_older_lead_gets_another_campaign_and_gets_it_though_it_is_tried_twice(gateway: Running) -> None:
    late = (
        "too_old:\n    after: 2 hours\n    campaignName: price_list\n    templateParams:\n      - $name\n      - $city"
    )
    gateway.write_mapping("other.yaml", limited(late))
    gateway.stop_worker()
    gateway.post_website("other", **PERSON)
    gateway.move_clock(3 * 3600)
    gateway.fault(status=503, times=1)
    gateway.start_worker()
    gateway.wait_for_states(retrying=1)
    gateway.move_clock(60)

    [sent] = gateway.wait_for_states(accepted=1)
    assert sent.campaign == "price_list"
    assert [call["campaignName"] for call in gateway.calls()] == ["price_list"]


def test_who_has_not_said_yes_gets_nothing(gateway: Running) -> None:
    text = limited("consent: agreed").replace("  city: city\n", "  city: city\n  agreed: may_we_write\n")
    gateway.write_mapping("other.yaml", text)
    gateway.post_website("other", **PERSON, may_we_write="No")
    gateway.post_website("other", **somebody(1), may_we_write="yes")
    gateway.post_website("other", **somebody(2))

    found = gateway.wait_for_states(accepted=1, skipped=2)
    assert all(one.reason.startswith("no consent: ") for one in found if one.state == "skipped")


def test_a_suppressed_number_gets_nothing_though_every_limit_is_lifted(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    with gateway.ledger.write() as connection:
        suppressions.add(connection, PERSON["phone"], "asked for it by phone", clock.now())
    gateway.post_website("other", **PERSON)
    gateway.post_website("other", **somebody(1))

    found = by_state(gateway.wait_for_states(skipped=1, accepted=1))["skipped"]
    assert (found.reason, found.tag) == ("the number is suppressed: asked for it by phone", "suppressed")
    again(gateway, found, "all")
    gateway.wait_for_states(skipped=2, accepted=1)


def again(gateway: Running, delivery: Delivery, *waived: str) -> None:
    """What a person does who lifts limits for one message."""
    with gateway.ledger.write() as connection:
        promise = Promise(
            delivery.lead_id, delivery.round + 1, delivery.plan, delivery.mapping_version, 0, Rank.REPLAY, waived
        )
        promises.add(connection, [promise], clock.now())


@pytest.mark.parametrize(
    ("name", "limit"),
    [("once_per_person", "once_per_person: 7 days"), ("no_more_than", "no_more_than: 1 per person per day")],
)
def test_a_person_may_lift_a_limit_for_one_message(gateway: Running, name: str, limit: str) -> None:
    gateway.write_mapping("other.yaml", limited(limit))
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(accepted=1)
    gateway.move_clock(60)
    gateway.post_website("other", **(PERSON | {"name": "Mira again"}))
    skipped = by_state(gateway.wait_for_states(accepted=1, skipped=1))["skipped"]

    again(gateway, skipped, "consent")
    gateway.wait_for_states(accepted=1, skipped=2)
    again(gateway, gateway.deliveries()[-1], name)

    gateway.wait_for_states(accepted=2, skipped=2)


def test_two_calls_to_one_number_are_ten_seconds_apart(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    for number in range(3):
        gateway.post_website("other", **(PERSON | {"name": f"Mira {number}"}))
    wait_for_kept_back(gateway, "spacing", 2)

    for accepted in (2, 3):
        gateway.move_clock(10.5)
        wait_for(lambda: len(gateway.calls()), lambda count, wanted=accepted: count == wanted)  # type: ignore[misc]

    left = sorted(one.left for one in gateway.wait_for_states(accepted=3) if one.left)
    assert all(later - before >= timedelta(seconds=10) for before, later in pairwise(left))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # elsewhere jobs bring what is due
def test_behind_what_the_gate_stops_the_worker_looks_again_at_once(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **PERSON)
    [first] = gateway.wait_for_states(accepted=1)
    gateway.write_mapping("other.yaml", limited("once_per_person: 7 days"))
    gateway.stop_worker()
    gateway.move_clock(60)
    with gateway.ledger.write() as connection:
        many = [Promise(first.lead_id, 2 + number, first.plan, None) for number in range(100)]
        promises.add(connection, many, clock.now())
    still_due: list[int] = []

    def wait(engine: OneMachine, seconds: float) -> None:
        with engine.ledger.read() as connection:
            still_due.append(len(deliveries.due(connection, clock.now(), 1)))
        rest(engine, seconds)

    rest = OneMachine.wait
    monkeypatch.setattr(OneMachine, "wait", wait)
    gateway.start_worker()

    gateway.wait_for_states(accepted=1, skipped=100)
    wait_for(lambda: still_due)
    assert not any(still_due)


def with_follow_up(*unless: str, **more: str) -> str:
    """A mapping with a rule that skips, and one with a follow-up after an hour."""
    lines = [f"          - {word}" for word in unless] + [f"        {key}: {value}" for key, value in more.items()]
    follow_up = ["    follow_ups:", "      - after: 1 hour", "        campaignName: price_list"]
    follow_up += ["        templateParams:", "          - $name", "          - $city", "        unless:", *lines]
    skipping = "rules:\n  - name: Not here\n    when:\n      city: Delhi\n    skip: nothing there\n"
    return mapping().replace("rules:\n", skipping) + "\n".join(follow_up) + "\n"


@pytest.mark.parametrize(
    ("unless", "reason"),
    [
        ("submitted again", "the person submitted again, as l3"),
        ("Not here", "the rule 'Not here' took l3 of the same person"),
    ],
)
def test_who_came_again_though_a_rule_skips_them_gets_no_follow_up(gateway: Running, unless: str, reason: str) -> None:
    gateway.write_mapping("other.yaml", with_follow_up(unless))
    gateway.post_website("other", **PERSON)
    gateway.post_website("other", **somebody(1))
    gateway.wait_for_states(accepted=2, scheduled=2)
    gateway.post_website("other", **(PERSON | {"phone": "202 555 0143", "city": "Delhi"}))
    wait_for(gateway.leads, lambda found: len(found) == 3)

    gateway.move_clock(3700)

    found = gateway.wait_for_states(accepted=3, cancelled=1)
    assert by_state(found)["cancelled"].reason == reason


def test_where_nobody_can_know_who_replied_a_follow_up_is_held_unless_it_says_otherwise(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", with_follow_up("replied"))
    again = with_follow_up("replied", without_receipts="send").replace("form: other", "form: another")
    gateway.write_mapping("another.yaml", again)
    gateway.post_website("other", **PERSON)
    gateway.post_website("another", **somebody(1))
    gateway.wait_for_states(accepted=2, scheduled=2)

    gateway.move_clock(3700)

    held = by_state(gateway.wait_for_states(accepted=3, held=1))["held"]
    assert (held.hold, held.lead_id) == ("receipts", 1)
    assert held.reason.startswith("no receipt has ever come from AiSensy")


def test_a_follow_up_that_is_long_overdue_is_too_old(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", with_follow_up("submitted again"))
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(accepted=1, scheduled=1)
    gateway.stop_worker()
    gateway.move_clock(27 * 3600)
    gateway.start_worker()

    found = gateway.wait_for_states(accepted=1, skipped=1)
    assert by_state(found)["skipped"].reason == "too old: it was due 26 hours ago; the limit is 24 hours"


def test_a_hold_is_tried_by_the_first_message_that_passes_the_gate(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(credit="none")
    for number in range(4):
        gateway.post_website("other", **somebody(number))
        gateway.wait_for_states(held=number + 1)
    with gateway.ledger.write() as connection:
        for number in range(3):
            suppressions.add(connection, somebody(number)["phone"], "asked for it", clock.now())
    gateway.fault(credit="back")

    gateway.move_clock(31)

    found = gateway.wait_for_states(skipped=3, accepted=1)
    assert found[-1].state == "accepted"


def test_two_workers_send_one_message_to_a_person_who_came_twenty_times(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    if ledger.on_sqlite:
        pytest.skip("SQLite takes one worker")
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", limited("once_per_person: 7 days", "no_more_than: 5 per rule per hour"))
        gateway.start_worker()
        wait_for(lambda: all("other.yaml" in str(worker.live.mappings) for worker, _ in gateway.workers))
        senders = [
            threading.Thread(target=gateway.post_website, args=("other",), kwargs=PERSON | {"name": f"Mira {number}"})
            for number in range(20)
        ]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()

        gateway.wait_for_states(accepted=1, skipped=19)
        assert len(gateway.calls()) == 1
        assert gateway.books().balanced
    clock.follow(None)


def test_the_gate_asks_the_ledger_as_often_for_many_as_for_one(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    for number in range(5):
        gateway.post_website("other", **somebody(number))
    found = gateway.wait_for_states(accepted=5)
    [(worker, _thread)] = gateway.workers
    gateway.stop_worker()
    asked: list[str] = []
    event.listen(gateway.ledger.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))

    with gateway.ledger.read() as connection:
        gate = Gate(connection, found, worker.live, clock.now() + timedelta(minutes=1))
        assert [gate.judge(one) for one in found] == [None] * 5

    queries = [one for one in asked if one.startswith("SELECT")]
    assert len(queries) == 3, "what was sent, where the leads are from, and who is suppressed"
