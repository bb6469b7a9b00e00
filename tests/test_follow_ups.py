"""Follow-ups: planned with the lead, sent after the message before, ended by whatever should end them."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from harness import PERSON, Running, mapping, somebody, wait_for
from sequences import DAY, campaigns, enter, followed, know_campaigns, states, wait_for_all

from gateway import clock
from gateway.pipeline import following
from gateway.store import receipts
from gateway.store.receipts import Arrived, Settled

#: Whose clock counts for the number of PERSON.
THERE = ZoneInfo("America/New_York")

FIRST, REMINDER, LAST = "goa_villas_welcome", "first_reminder", "last_reminder"

#: The messages of a lead whose first one was accepted.
_SEQUENCE = ("accepted", "scheduled", "held")


@pytest.fixture(autouse=True)
def known(gateway: Running) -> None:
    know_campaigns(gateway)


@pytest.fixture
def sequence(gateway: Running) -> Running:
    """A gateway whose form `other` has two follow-ups."""
    gateway.write_mapping("other.yaml", followed())
    return gateway


def reply(gateway: Running, number: str = PERSON["phone"], ago: timedelta = timedelta()) -> None:
    with gateway.ledger.write("test") as connection:
        following.replied(connection, number, clock.now() - ago, clock.now())


def test_follow_ups_are_visible_from_the_start_and_wait_for_the_message_before(sequence: Running) -> None:
    enter(sequence)

    first, reminder, last = wait_for_all(sequence, "accepted", "scheduled", "held")

    assert first.accepted is not None
    assert reminder.due == first.accepted + timedelta(days=1)
    assert last.reason == "waits until the message before it is accepted"
    day = reminder.due.astimezone(THERE).date() + timedelta(days=2)
    assert last.due == datetime.combine(day, time(10), THERE)


def test_each_follow_up_leaves_when_its_time_has_come_and_not_before(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")

    sequence.move_clock(DAY - 60)
    assert campaigns(sequence) == [FIRST]
    sequence.move_clock(60)
    wait_for_all(sequence, "accepted", "accepted", "scheduled")
    sequence.move_clock(3 * DAY)
    wait_for_all(sequence, "accepted", "accepted", "accepted")

    assert campaigns(sequence) == [FIRST, REMINDER, LAST]
    assert sequence.books().balanced, sequence.books().mistakes


def test_a_reply_after_the_first_message_cancels_what_asks_for_it(gateway: Running) -> None:
    both = followed().replace(
        "        campaignName: last",
        "        unless: replied\n        without_receipts: send\n        campaignName: last",
    )
    gateway.write_mapping("other.yaml", both)
    enter(gateway)
    wait_for_all(gateway, "accepted", "scheduled", "held")

    reply(gateway)

    _first, *reminders = wait_for_all(gateway, "accepted", "cancelled", "cancelled")
    assert {one.reason for one in reminders} == {"the person replied"}
    gateway.move_clock(5 * DAY)
    assert campaigns(gateway) == [FIRST]


def test_a_follow_up_that_ends_does_not_end_the_next_one(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")
    sequence.move_clock(3600)

    reply(sequence)

    *_others, last = wait_for_all(sequence, "accepted", "cancelled", "scheduled")
    assert timedelta(days=1) < last.due - clock.now() < timedelta(days=3)


def test_a_reply_before_the_first_message_left_ends_nothing(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", followed())
    gateway.fault(credit="none")
    enter(gateway)
    wait_for_all(gateway, "held", "held", "held")

    reply(gateway)

    assert states(gateway) == ["held", "held", "held"]


def test_a_reply_from_before_the_lead_that_is_told_late_ends_nothing(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")

    reply(sequence, ago=timedelta(minutes=5))

    assert states(sequence) == ["accepted", "scheduled", "held"]


def test_an_uncertain_first_message_holds_its_follow_ups_until_a_person_says_what_became_of_it(
    sequence: Running,
) -> None:
    sequence.fault(cut="after")
    enter(sequence)
    wait_for_all(sequence, "uncertain", "held", "held")
    sequence.move_clock(2 * DAY)
    sequence.let_time_pass(4, 2)
    assert states(sequence) == ["uncertain", "held", "held"]

    assert sequence.command("resolve", "d1", "sent").exit_code == 0

    _first, reminder, _last = wait_for_all(sequence, "accepted", "scheduled", "held")
    assert reminder.due > clock.now() + timedelta(hours=23)


def test_a_first_message_that_fails_for_good_ends_all_its_follow_ups(sequence: Running) -> None:
    sequence.fault(status=400, body={"message": "Invalid Number"})
    enter(sequence)

    _first, reminder, last = wait_for_all(sequence, "failed", "cancelled", "cancelled")

    assert reminder.reason.startswith("the first message failed: ")
    assert reminder.reason == last.reason


def test_a_lead_that_enters_twice_does_not_start_the_sequence_twice(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")
    sequence.move_clock(3600)

    enter(sequence, city="Pune")

    *_first, reminder, last = wait_for_all(
        sequence, "accepted", "scheduled", "held", "accepted", "cancelled", "cancelled"
    )
    assert reminder.reason == "the same person is in this sequence already, as l1" == last.reason


def test_who_entered_twice_while_nothing_left_gets_one_sequence_whichever_message_leaves(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", followed() + "  once_per_person: 7 days\n")
    gateway.fault(credit="none")
    enter(gateway, **somebody(1))  # whose message tries whether there is credit again
    wait_for(lambda: states(gateway), lambda found: found == ["held"] * 3)
    enter(gateway)
    enter(gateway, city="Pune")
    wait_for(lambda: states(gateway), lambda found: found == ["held"] * 9)
    gateway.fault(credit="back")
    gateway.move_clock(31)

    wait_for(lambda: states(gateway), lambda found: found.count("cancelled") == 2)
    wait_for_all(gateway, *_SEQUENCE, "skipped", "cancelled", "cancelled", *_SEQUENCE)
    assert len(gateway.calls()) == 2


def test_submitting_again_ends_what_asks_for_it_and_starts_anew(gateway: Running) -> None:
    one = (
        "    follow_ups:\n      - after: 1 day\n        unless: submitted again\n        campaignName: first_reminder\n"
    )
    gateway.write_mapping("other.yaml", followed(follow_ups=one))
    enter(gateway)
    wait_for_all(gateway, "accepted", "scheduled")
    gateway.move_clock(3600)

    enter(gateway, city="Pune")

    _first, reminder, *_second = wait_for_all(gateway, "accepted", "cancelled", "accepted", "scheduled")
    assert reminder.reason == "the person submitted again, as l2"


def test_an_opt_out_ends_follow_ups_and_skips_what_has_not_left(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")
    sequence.move_clock(60)
    sequence.fault(credit="none")
    sequence.write_mapping("two.yaml", mapping("two"))
    enter(sequence, "two")
    wait_for_all(sequence, "accepted", "scheduled", "held", "held")

    with sequence.ledger.write("test") as connection:
        following.opted_out(connection, PERSON["phone"], clock.now(), "replied 'STOP'")

    *_others, skipped = wait_for_all(sequence, "accepted", "cancelled", "cancelled", "skipped")
    assert skipped.reason == "the number is suppressed: replied 'STOP'"


def test_without_receipts_a_follow_up_is_held_until_the_first_one_comes(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", followed().replace("        without_receipts: send\n", ""))
    enter(gateway)
    wait_for_all(gateway, "accepted", "scheduled", "held")
    gateway.move_clock(DAY)
    _first, reminder, _last = wait_for_all(gateway, "accepted", "held", "held")
    assert "no receipt has ever come" in reminder.reason

    with gateway.ledger.write("test") as connection:
        receipts.add(connection, [Arrived("n1", b"{}", clock.now())])
        [new] = receipts.new(connection, 1)
        receipts.settle(connection, new, Settled("read", kind="delivered"))
        following.receipts_came(connection, clock.now())

    wait_for_all(gateway, "accepted", "accepted", "scheduled")


def test_a_follow_up_follows_the_mapping_until_it_leaves(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")

    changed = followed().replace("first_reminder", "kinder_reminder").partition("      - after: 2 days")[0]
    sequence.write_mapping("other.yaml", changed + "limits:\n  too_old: never\n")
    sequence.move_clock(DAY)
    wait_for_all(sequence, "accepted", "accepted", "scheduled")
    sequence.move_clock(3 * DAY)

    *_others, last = wait_for_all(sequence, "accepted", "accepted", "cancelled")
    assert campaigns(sequence) == [FIRST, "kinder_reminder"]
    assert last.reason == "follow-up removed"


def test_a_follow_up_that_cannot_be_made_yet_waits_for_its_mapping_and_for_its_turn(gateway: Running) -> None:
    asks = followed().replace(
        "campaignName: first_reminder", "campaignName: first_reminder\n        templateParams:\n          - $city"
    )
    gateway.write_mapping("other.yaml", asks)
    enter(gateway, city="")
    _first, reminder, _last = wait_for_all(gateway, "accepted", "held", "held")
    assert (reminder.hold, reminder.due > clock.now() + timedelta(hours=23)) == ("mapping", True)

    gateway.write_mapping("other.yaml", followed())

    wait_for_all(gateway, "accepted", "scheduled", "held")
    assert campaigns(gateway) == [FIRST]
    gateway.move_clock(DAY)
    wait_for_all(gateway, "accepted", "accepted", "scheduled")


def test_another_round_has_follow_ups_of_its_own(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")
    sequence.move_clock(60)

    assert sequence.command("replay", "l1", "--again", "--yes").exit_code == 0

    found = wait_for_all(sequence, "accepted", "cancelled", "cancelled", "accepted", "scheduled", "held")
    assert [one.round for one in found] == [1, 1, 1, 2, 2, 2]


def test_a_person_takes_messages_back_and_lets_them_leave_after_all(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")

    left = sequence.command("cancel", "d1")
    taken = sequence.command("cancel", "l1", "--follow-ups", "--json")
    none = sequence.command("cancel", "l1")

    assert (left.exit_code, "cannot be taken back" in left.output) == (1, True)
    assert [(row["id"], row["done"]) for row in json.loads(taken.output)] == [("d2", "yes"), ("d3", "yes")]
    assert (none.exit_code, "nothing that has not left" in none.output) == (1, True)
    wait_for_all(sequence, "accepted", "cancelled", "cancelled")
    assert sequence.command("replay", "d2").exit_code == 0
    sequence.move_clock(60)
    wait_for(lambda: campaigns(sequence), lambda found: found == [FIRST, REMINDER])


def test_taking_back_a_first_message_takes_its_follow_ups_with_it(sequence: Running) -> None:
    sequence.fault(credit="none")
    enter(sequence)
    wait_for_all(sequence, "held", "held", "held")

    assert "with all its follow-ups" in sequence.command("cancel", "d1").output

    *_first, last = wait_for_all(sequence, "cancelled", "cancelled", "cancelled")
    assert last.reason == "the first message was cancelled: a person took it back"
    assert sequence.command("cancel", "d9").exit_code == 2
    assert sequence.command("cancel", "e1").exit_code == 2


def test_lists_and_stories_show_follow_ups(sequence: Running) -> None:
    enter(sequence)
    wait_for_all(sequence, "accepted", "scheduled", "held")

    lead = sequence.command("leads", "l1").output
    assert "d2 is follow-up 1: 1 day after the call before, unless replied" in lead
    assert "d3 is follow-up 2: 2 days at 10:00 after the call before" in lead
    listed = json.loads(sequence.command("deliveries", "--json").output)
    assert [one["step"] for one in listed] == ["follow-up 2", "follow-up 1", "first"]
    assert all(one["due"] for one in listed[:2])
    assert "message: follow-up 1: 1 day" in sequence.command("deliveries", "d2").output
    story = sequence.command("why", "l1").output
    assert "1 lead, 1 message accepted, 2 follow-ups to come" in story
    assert "follow-up 2: 2 days at 10:00" in story
    assert [one["state"] for one in json.loads(sequence.command("leads", "--state", "held", "--json").output)] == []
