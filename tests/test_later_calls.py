"""What a mapping says of sending, in a plan: later calls, what older leads get, consent, a call made once more."""

from __future__ import annotations

import json
from collections.abc import Mapping as Table
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import planjson
from gateway.cli.explain.words import plan_lines
from gateway.mapping.limits import Limits, Window, lasting, words
from gateway.mapping.reader.check import read_mapping
from gateway.mapping.reader.limits import read_limits
from gateway.mapping.reader.times import LONGEST, after, clock, duration, window
from gateway.mapping.rules import Mapping, plan
from gateway.model import After, Answer, Lead, Plan, PlanKind

MIRA = {"phone": "+919876543210", "name": "Mira", "city": "Goa", "opt_in": "Yes"}

FILE = """\
source: website
form: villas
fields:
  phone: phone
  name:
    from: name
    default: there
  city: city
  opt_in: opt_in
defaults:
  destination: $phone
  tags:
    - website
  attributes:
    city: $city
    stage: new
rules:
  - name: Everyone
    if_uncertain: send again
    call:
      campaignName: welcome
      templateParams:
        - $name
      tags:
        - hot
    follow_ups:
      - after: 2 hours
        unless: Replied
        campaignName: reminder
        tags:
          - reminded
        attributes:
          stage: reminded
          city:
      - after: 1 day at 10:00
        unless:
          - submitted again
          - everyone
        without_receipts: send
        templateParams:
          - $name
          - $city
        tags_only:
          - last
limits:
  send_between: 9 – 20
  once_per_person: 7 days
  no_more_than:
    - 2 per person per day
    - 100 per rule per hour
  too_old:
    after: 36 hours
    campaignName: sorry
  consent: opt_in
"""


def read(text: str = FILE) -> Mapping:
    mapping, problems = read_mapping("website.yaml", text)

    assert [str(problem) for problem in problems] == []
    assert mapping is not None
    return mapping


def planned(text: str = FILE, consent: str = "", **answers: str) -> Plan:
    said = tuple(Answer((name,), value) for name, value in (MIRA | answers).items())
    lead = Lead("website", "villas", datetime(2026, 11, 20, 15, 30, tzinfo=UTC), answers=said)
    return plan(lead, read(text), consent=consent)


def test_limits_are_read_as_they_are_meant() -> None:
    assert read().limits == Limits(
        windows=(Window(time(9), time(20)),),
        once_per_person=timedelta(days=7),
        per_person_a_day=2,
        per_rule_an_hour=100,
        too_old=timedelta(hours=36),
        consent="opt_in",
    )


def test_each_follow_up_repeats_the_call_changed_as_written() -> None:
    first, reminder, last = planned(), *planned().follow_ups

    assert first.call["tags"] == ["website", "hot"]
    assert reminder.call == {
        **first.call,
        "campaignName": "reminder",
        "tags": ["website", "hot", "reminded"],
        "attributes": {"stage": "reminded"},
    }
    assert last.call == {**first.call, "templateParams": ["Mira", "Goa"], "tags": ["last"]}
    assert (reminder.after, last.after) == (After(7200, "", "2 hours"), After(86_400, "10:00", "1 day at 10:00"))
    assert (reminder.unless, last.unless) == (("replied",), ("submitted again", "Everyone"))
    assert (reminder.without_receipts, last.without_receipts) == (False, True)
    assert (reminder.line, last.line) == (27, 35)


def test_older_leads_get_the_call_changed_as_the_limit_says() -> None:
    first = planned()

    assert first.too_late is not None
    assert first.too_late.call == {**first.call, "campaignName": "sorry"}


def test_a_rule_that_sends_again_says_so_of_all_its_calls() -> None:
    first = planned()

    assert first.too_late is not None
    assert all(one.send_again for one in (first, first.too_late, *first.follow_ups))
    assert not planned(FILE.replace("send again", "hold")).send_again


def test_a_follow_up_that_cannot_be_right_is_blocked_alone() -> None:
    first = planned(city="")

    assert first.kind is PlanKind.CALL
    assert [one.kind for one in first.follow_ups] == [PlanKind.CALL, PlanKind.BLOCKED]
    assert "parameter 2 ($city) is empty" in first.follow_ups[1].reason
    assert first.follow_ups[1].call == {}


def test_two_answers_for_a_field_of_a_follow_up_alone_block_the_follow_up_alone() -> None:
    said = (*(Answer((name,), value) for name, value in MIRA.items()), Answer(("city",), "Pune"))
    lead = Lead("website", "villas", datetime.now(UTC), answers=said)
    in_its_call = FILE.replace("    city: $city\n", "")

    made = plan(lead, read(in_its_call))

    assert (made.kind, made.follow_ups[1].kind) == (PlanKind.CALL, PlanKind.BLOCKED)


def test_nothing_comes_after_a_call_that_is_not_made() -> None:
    made = planned(phone="none")

    assert made.kind is PlanKind.BLOCKED
    assert (made.follow_ups, made.too_late) == ((), None)


@pytest.mark.parametrize("said", ["yes", "Y", "TRUE", "1", "on", "I agree.", "✓", "हाँ"])
def test_whoever_says_yes_has_agreed(said: str) -> None:
    assert planned(opt_in=said).no_consent == ""


@pytest.mark.parametrize(
    ("said", "why"), [("No", "says 'No'"), ("", "is empty"), ("maybe", "says 'maybe'"), ("0", "says '0'")]
)
def test_whoever_does_not_has_not_and_it_is_said_why(said: str, why: str) -> None:
    made = planned(opt_in=said)

    assert {made.no_consent, *(one.no_consent for one in made.follow_ups)} == {f"the field 'opt_in' {why}"}


def test_the_field_that_all_files_ask_for_counts_beside_the_files_own() -> None:
    assert planned(consent="city").no_consent == "the field 'city' says 'Goa'"
    assert planned(consent="agreed", opt_in="no").no_consent == (
        "the field 'opt_in' says 'no'; the mapping has no field 'agreed'"
    )


def test_two_answers_to_the_question_of_consent_hold_the_lead() -> None:
    said = (*(Answer((name,), value) for name, value in MIRA.items()), Answer(("opt_in",), "no"))

    made = plan(Lead("website", "villas", datetime.now(UTC), answers=said), read())

    assert made.kind is PlanKind.UNCLEAR


def test_a_plan_stays_the_same_in_the_ledger() -> None:
    made = planned()

    assert planjson.loads(planjson.dumps(made)) == made
    assert "follow_ups" not in json.loads(planjson.dumps(made.follow_ups[0]))


def test_a_plan_says_when_each_follow_up_comes_and_what_is_other_in_it() -> None:
    said = "\n".join(plan_lines(planned(opt_in="no", city="")))

    assert "nothing is sent, as 'consent' asks for a yes: the field 'opt_in' says 'no'" in said
    assert "instead, if the lead is too old (line 53):\n    campaignName         sorry   (line 53)" in said
    assert "follow-up 1, 2 hours after the message before it is accepted, unless they replied (line 27):" in said
    assert "    tags[2]              reminded" in said
    assert "follow-up 2, 1 day after the message before it is accepted, at 10:00, unless they submitted again" in said
    assert "    nothing: parameter 2 ($city) is empty" in said


UNITS: Table[str, timedelta] = {
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}


@given(st.integers(1, 500), st.sampled_from(sorted(UNITS)), st.sampled_from(["", " ", "  "]), st.booleans())
def test_any_duration_is_read_as_it_is_written(count: int, unit: str, space: str, plural: bool) -> None:  # noqa: FBT001 - hypothesis passes it by name
    assert duration(f"{count}{space}{unit}{'s' * plural}") == count * UNITS[unit]


@given(st.timedeltas(timedelta(seconds=1), LONGEST).map(lambda time: timedelta(seconds=time // timedelta(seconds=1))))
def test_what_a_duration_is_called_is_that_duration(length: timedelta) -> None:
    assert duration(lasting(length)) == length


@given(st.times(), st.times())
def test_any_two_hours_are_a_window_unless_they_are_the_same(start: time, end: time) -> None:
    start, end = (moment.replace(second=0, microsecond=0) for moment in (start, end))
    written = f"{start:%H:%M}-{end:%H:%M}"
    if start == end:
        with pytest.raises(ValueError, match="the same time"):
            window(written)
    else:
        assert window(written) == Window(start, end)
        assert words(Limits(windows=(Window(start, end),))) == {"send_between": written}


@given(st.text(st.sampled_from("0123456789 :.-–apmdhourstweky per/²½٣")) | st.text())
def test_whatever_is_typed_is_a_time_or_a_sentence(text: str) -> None:
    for read_time in (duration, after, clock, window):
        try:
            read_time(text)
        except ValueError as error:
            assert str(error)[0] in "'a"  # noqa: PT017 - either outcome is right


@given(st.binary() | st.text("tooldsenbwc_mrpy: 0123-\n\"'[]#").map(str.encode))
def test_any_bytes_give_limits_or_a_problem(data: bytes) -> None:
    limits, problems = read_limits("limits.yaml", data)

    assert limits == Limits() or words(limits) or problems
