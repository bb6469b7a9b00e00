"""What stops sending: all is held at the first hit, nothing is spent, one alert tells of it, and all leaves after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import Running, mapping, running, wait_for

from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

PERSON = {"name": "Mira Sample", "phone": "+12025550143", "interest": "2 BHK"}


def people(count: int, start: int = 0) -> Iterator[dict[str, str]]:
    for number in range(start, start + count):
        yield PERSON | {"name": f"Mira Sample{number}", "phone": f"+1202555{100 + number:04}"}


def alerts(gateway: Running) -> list[dict[str, Any]]:
    """What `gateway alerts` lists."""
    found: list[dict[str, Any]] = json.loads(gateway.command("alerts", "--json").output)
    return found


def test_no_credit_for_ten_minutes_under_load_costs_nothing_and_all_leave_the_newest_first(
    gateway: Running, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.fault(credit="none")
    for person in people(10):
        gateway.post_website(**person)
    gateway.wait_for_states(held=10)
    first_hits = gateway.seen()["send"]
    for minute in range(10):
        for person in people(3, start=10 + 3 * minute):
            gateway.post_website(**person)
        gateway.let_time_pass(60, step=30)

    held = gateway.wait_for_states(held=40)
    assert {one.tries for one in held} == {0}
    assert gateway.calls() == []
    assert 10 <= gateway.seen()["send"] - first_hits <= 21, "one trial in 30 seconds"
    [alert] = alerts(gateway)
    assert (alert["messages"], alert["ended"]) == (40, None)
    assert "Insufficient" in alert["cause"]

    gateway.fault(credit="back")
    gateway.move_clock(31)

    found = gateway.wait_for_states(accepted=40)
    order = [one.lead_id for one in sorted(found, key=lambda one: str(one.left))]
    newest_first = sorted(order[1:], reverse=True)
    together = gateway.settings.number("GATEWAY_THREADS")
    places = [newest_first.index(lead_id) - place for place, lead_id in enumerate(order[1:])]
    assert max(map(abs, places)) < together, "after the trial the newest leads first, a batch at a time"
    [alert] = alerts(gateway)
    assert (alert["messages"], alert["ended"] is None) == (40, False)
    assert _lines(caplog, "is stopped, its messages are held") == 1
    assert _lines(caplog, "is over after 10 min: 39 messages leave") == 1
    assert gateway.books().balanced


def _lines(caplog: pytest.LogCaptureFixture, part: str) -> int:
    return len([line for line in caplog.messages if part in line])


def test_under_a_bad_key_a_question_is_asked_and_no_delivery_is_risked(gateway: Running) -> None:
    gateway.fault(status=401, times=0, on="all", body={"message": "Invalid API key"})
    for person in people(3):
        gateway.post_website(**person)
    gateway.wait_for_states(held=3)
    tried = gateway.seen()["send"]

    for asked in (1, 2, 3):
        gateway.move_clock(31)
        wait_for(lambda: gateway.seen()["details"], lambda count, wanted=asked: count == wanted)  # type: ignore[misc]
        gateway.wait_until_nothing_is_out()

    assert gateway.seen()["send"] == tried

    gateway.mend()
    gateway.move_clock(31)
    gateway.wait_for_states(accepted=3)
    assert [(alert["messages"], alert["ended"] is None) for alert in alerts(gateway)] == [(3, False)]


def test_a_plan_that_ran_out_is_tried_by_one_delivery_because_no_question_tells(gateway: Running) -> None:
    gateway.fault(plan="none")
    for person in people(3):
        gateway.post_website(**person)
    gateway.wait_for_states(held=3)
    tried = gateway.seen()["send"]

    gateway.move_clock(31)
    wait_for(lambda: gateway.seen()["send"], lambda count: count == tried + 1)
    found = gateway.wait_for_states(held=3)
    assert {one.tries for one in found} == {0}

    gateway.fault(plan="back")
    gateway.move_clock(31)
    gateway.wait_for_states(accepted=3)
    assert len(gateway.calls()) == 3


def test_a_trial_that_meets_a_not_now_is_held_again_and_counted_once(gateway: Running) -> None:
    gateway.fault(credit="none")
    gateway.post_website(**PERSON)
    gateway.wait_for_states(held=1)

    gateway.fault(status=503)
    gateway.move_clock(31)
    wait_for(gateway.delivery, lambda one: one is not None and one.tag == "unavailable")

    [delivery] = gateway.wait_for_states(held=1)
    assert delivery.tries == 0
    assert [alert["messages"] for alert in alerts(gateway)] == [1]


def test_a_stopped_campaign_is_one_alert_of_its_own_and_others_go_on(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping(campaign="old_offer"))
    for person in people(2):
        gateway.post_website("other", **person)
    gateway.post_website("price-list", **PERSON)

    gateway.wait_for_states(held=2, accepted=1)

    [alert] = alerts(gateway)
    assert (alert["about"], alert["messages"], alert["ended"]) == ("campaign old_offer", 2, None)
    gateway.write_mapping("other.yaml", mapping())
    gateway.wait_for_states(accepted=3)
    assert alerts(gateway)[0]["ended"] is not None


def test_aisensy_in_trouble_is_an_alert_until_it_answers(gateway: Running) -> None:
    gateway.fault(status=503, times=0)
    for person in people(2):
        gateway.post_website(**person)
    gateway.wait_for_states(retrying=2)

    [alert] = wait_for(lambda: alerts(gateway))
    assert (alert["about"], alert["ended"]) == ("AiSensy", None)
    assert "Service Unavailable" in alert["cause"]

    gateway.wait_until_nothing_is_out()
    gateway.mend()
    for _ in range(3):
        gateway.let_time_pass(60, step=30)
    gateway.wait_for_states(accepted=2)
    [alert] = alerts(gateway)
    assert alert["ended"] is not None


def test_one_bad_lead_alone_slows_nothing(gateway: Running) -> None:
    gateway.fault(status=502, html=True, to=PERSON["phone"])
    gateway.post_website(**PERSON)
    for person in people(5):
        gateway.post_website(**person)

    gateway.wait_for_states(uncertain=1, accepted=5)

    assert alerts(gateway) == []


def test_a_paused_page_is_an_alert_until_its_leads_can_be_looked_up(gateway: Running) -> None:
    dead = {"error": {"message": "dead", "code": 190, "error_subcode": 463}}
    gateway.fault(status=400, on="graph", times=0, body=dead)
    gateway.post_sample("facebook/three-entries-many-changes.json")
    found = wait_for(lambda: alerts(gateway), lambda listed: len(listed) == 3)
    assert all(alert["about"].startswith("page ") and alert["ended"] is None for alert in found)

    gateway.wait_until_nothing_is_out()
    gateway.mend()
    gateway.move_clock(301)

    gateway.wait_for_states(accepted=12)
    assert all(alert["ended"] for alert in alerts(gateway))


def test_a_worker_that_starts_anew_tries_what_was_stopped(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    if not ledger.on_sqlite:
        pytest.skip("on PostgreSQL another worker may be at work")
    with running(ledger, box, tmp_path) as gateway:
        gateway.fault(credit="none")
        gateway.post_website(**PERSON)
        gateway.wait_for_states(held=1)
        gateway.stop_worker()
        gateway.fault(credit="back")
        gateway.start_worker()
        gateway.wait_for_states(accepted=1)
        assert [alert["ended"] is None for alert in alerts(gateway)] == [False]


def test_alerts_are_a_table_for_people(gateway: Running) -> None:
    assert gateway.command("alerts").output == "Nothing has been wrong so far.\n"
    gateway.fault(credit="none")
    gateway.post_website(**PERSON)
    gateway.wait_for_states(held=1)
    gateway.move_clock(timedelta(minutes=5).total_seconds())

    found = gateway.command("alerts")

    assert found.exit_code == 0
    assert "account " in found.output
    assert ", goes on" in found.output
    assert "test-key" not in found.output


def test_trouble_under_a_key_that_is_not_used_any_more_is_over(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path) as gateway:
        gateway.fault(status=503, times=0)
        for person in people(3):
            gateway.post_website(**person)
        wait_for(lambda: alerts(gateway), lambda found: bool(found) and found[0]["about"] == "AiSensy")
        gateway.mend()

    with running(ledger, box, tmp_path, AISENSY_API_KEY="another-key") as gateway:
        gateway.move_clock(4000)
        gateway.wait_for_states(accepted=3)
        assert [one["ended"] is None for one in alerts(gateway)] == [False]


def test_where_no_limit_of_a_day_is_set_any_more_none_is_used_up(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, GATEWAY_RATE_DAY="1") as gateway:
        for person in people(2):
            gateway.post_website(**person)
        gateway.wait_for_states(accepted=1, scheduled=1)
        wait_for(lambda: alerts(gateway), lambda found: bool(found) and found[0]["about"] == "the day's calls")

    with running(ledger, box, tmp_path) as gateway:
        gateway.wait_for_states(accepted=2)
        assert [one["ended"] is None for one in alerts(gateway)] == [False]
