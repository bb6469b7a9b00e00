"""Many events read at once: what becomes of each is the same as if they had come one after the other."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from harness import PERSON, Running, mapping, somebody, wait_for
from sequences import enter, followed, know_campaigns, states
from sqlalchemy import event as hooks

from gateway import clock
from gateway.model import Event
from gateway.pipeline import reading
from gateway.pipeline.planning import fate
from gateway.pipeline.publishing import load_live
from gateway.store import events

AGAIN = """    follow_ups:
      - after: 1 day
        unless:
          - submitted again
        campaignName: first_reminder
      - after: 2 days at 10:00
        campaignName: last_reminder
"""


@pytest.fixture
def asleep(gateway: Running) -> Running:
    """A gateway whose worker stands still, so that what is posted comes together."""
    gateway.write_mapping("other.yaml", mapping())
    gateway.stop_worker()
    return gateway


def of_leads(gateway: Running) -> list[tuple[str, str]]:
    """State and reason of each lead, the oldest first."""
    return [(str(one.state), one.lead.reason) for one in reversed(gateway.leads())]


def decided(gateway: Running) -> list[reading.Read]:
    """All new events, read and planned."""
    with gateway.ledger.read() as connection:
        found = events.load(connection, events.new(connection, 1_000))
    live = load_live(gateway.ledger, gateway.settings)
    return [reading.decide(event, gateway.sources, live) for event in found]


def test_of_two_equal_leads_the_second_is_a_duplicate_of_the_first(asleep: Running) -> None:
    for number in (1, 2, 1, 2):
        asleep.post_website("other", **somebody(number))
    asleep.start_worker()
    asleep.wait_for_states(accepted=2)

    copy = "the same submission is here already, as l"
    assert of_leads(asleep) == [
        ("planned", ""),
        ("planned", ""),
        ("duplicate", f"{copy}1"),
        ("duplicate", f"{copy}2"),
    ]
    assert len(asleep.calls()) == 2
    assert asleep.books().balanced


def test_equal_answers_far_apart_are_two_leads_and_later_ones_are_measured_from_the_last(asleep: Running) -> None:
    for minutes in (0, 9, 11, 20, 22):
        post_at(asleep, minutes)
    asleep.start_worker()
    asleep.wait_for_states(accepted=3)

    copy = "the same submission is here already, as l"
    found = of_leads(asleep)
    assert [state for state, _reason in found] == ["planned", "duplicate", "planned", "duplicate", "planned"]
    assert [reason for state, reason in found if state == "duplicate"] == [f"{copy}1", f"{copy}3"]


def post_at(gateway: Running, minutes: int) -> None:
    """Store the same answers as if they had come so many minutes after an hour ago."""
    received = clock.now() - timedelta(hours=1) + timedelta(minutes=minutes)
    with gateway.ledger.write() as connection:
        body = b"name=Mira&phone=%2B12025550143"
        events.add(connection, [Event("website", "other", received, "application/x-www-form-urlencoded", "", body)])


def test_the_same_events_in_two_workers_make_each_lead_once(asleep: Running) -> None:
    for number in range(5):
        asleep.post_website("other", **somebody(number))
    first, second = decided(asleep), decided(asleep)

    with asleep.ledger.write() as connection:
        assert len(reading.enter(connection, first[:3])) == 3
    with asleep.ledger.write() as connection:
        assert len(reading.enter(connection, [*second, *second])) == 2

    assert len(asleep.leads()) == len(asleep.deliveries()) == 5


def test_one_text_that_the_database_refuses_stops_none_of_those_beside_it(asleep: Running) -> None:
    for number in range(9):
        asleep.post_website("other", **somebody(number))
    found = decided(asleep)
    odd = found[4]
    found[4] = reading.Read(odd.event, odd.state, "\ud800", odd.entries)

    with asleep.ledger.write() as connection:
        assert len(reading.enter(connection, found)) == 8

    refused = asleep.event(odd.event.id)
    assert (refused.state, refused.reason) == ("unreadable", reading.REFUSED)
    assert len(asleep.leads()) == 8
    assert asleep.books().balanced


def test_who_enters_again_at_once_ends_what_the_entry_before_began(gateway: Running) -> None:
    know_campaigns(gateway)
    gateway.write_mapping("other.yaml", followed(follow_ups=AGAIN))
    gateway.stop_worker()
    gateway.post_website("other", **PERSON)
    gateway.post_website("other", **somebody(7))
    gateway.post_website("other", **PERSON | {"city": "Pune"})
    gateway.start_worker()
    wait_for(lambda: states(gateway), lambda found: found.count("accepted") == 3)

    ended = [one for one in gateway.deliveries() if one.state == "cancelled"]
    assert [(one.lead_id, one.step, one.reason) for one in ended if one.tag == "unless"] == [
        (1, 1, "the person submitted again, as l3")
    ]
    made = {(one.lead_id, one.step) for one in gateway.deliveries()}
    assert made == {(lead, step) for lead in (1, 2, 3) for step in (0, 1, 2)}


def test_leads_that_waited_for_a_mapping_are_planned_together(gateway: Running) -> None:
    gateway.stop_worker()
    for number in range(12):
        gateway.post_website("villas", **somebody(number))
    gateway.start_worker()
    wait_for(gateway.leads, lambda found: [str(one.state) for one in found] == ["unmapped"] * 12)
    gateway.write_mapping("villas.yaml", mapping("villas"))

    assert gateway.command("replay", "--state", "unmapped", "--yes").exit_code == 0
    gateway.wait_for_states(accepted=12)


def test_what_a_new_round_was_opened_for_meanwhile_is_left_to_the_next_look(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    enter(gateway)
    gateway.wait_for_states(accepted=1)
    gateway.stop_worker()
    assert gateway.command("replay", "l1", "--again", "--yes").exit_code == 0
    [stored] = gateway.leads()
    older = replace(stored, round=1)
    live = load_live(gateway.ledger, gateway.settings)

    with gateway.ledger.write() as connection:
        assert reading.settle(connection, [(older, fate(older.lead, live))]) == []
    with gateway.ledger.write() as connection:
        assert len(reading.settle(connection, [(stored, fate(stored.lead, live))])) == 1


def test_a_lead_alone_costs_few_statements_and_a_crowd_no_more(asleep: Running) -> None:
    assert statements(asleep, 1) == statements(asleep, 100) <= 6


def statements(gateway: Running, crowd: int) -> int:
    """How many statements it takes to enter so many leads."""
    for number in range(crowd):
        gateway.post_website("other", **somebody(crowd + number))
    found, sent = decided(gateway), []
    with gateway.ledger.write() as connection:
        hooks.listen(connection, "before_cursor_execute", lambda *call: sent.append(call[2]))
        assert len(reading.enter(connection, found)) == crowd
    counted = [one for one in sent if not one.startswith(("SAVEPOINT", "RELEASE"))]
    one_by_one = [one for one in counted if one.startswith("INSERT INTO leads")]  # on SQLite
    return len(counted) - len(one_by_one) + 1
