"""Deciding by the recipient: the country of their number, and the day and hour that it was for them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from gateway.mapping.reader.check import read_mapping
from gateway.mapping.recipient import NAMES, known
from gateway.mapping.rules import Mapping, plan
from gateway.model import Answer, Lead, Plan, PlanKind
from gateway.phone.places import zone_names, zones_in

#: A Sunday evening in London, a Monday morning in Delhi.
RECEIVED = datetime(2026, 10, 4, 19, 30, tzinfo=UTC)
INDIA, SPAIN, WASHINGTON, KAZAKHSTAN = "+919876543210", "+34612345678", "+12025550143", "+77011234567"

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is said.
UNKNOWN = "the weekday and hour of this lead are not known:"


def mapping(when: str, head: str = "") -> Mapping:
    """A file with one rule for whom `when` holds, and one for all others."""
    text = f"""{head}
source: website
fields:
  phone: phone
  best_time: time
rules:
  - name: Held
    when:
      {when}
    call:
      campaignName: price_list
      destination: $phone
      tags:
        - $best_time
  - name: Others
    skip: not now
"""
    read, problems = read_mapping("x.yaml", text)
    assert [str(problem) for problem in problems] == []
    assert read is not None
    return read


def planned(when: str, number: str, head: str = "", received: datetime = RECEIVED) -> Plan:
    answers = (Answer(("phone",), number), Answer(("time",), "evening"))
    return plan(Lead("website", "x", received, answers=answers), mapping(when, head))


def because(made: Plan) -> str:
    [passed] = made.passed_over
    return passed.because


@pytest.mark.parametrize(
    ("when", "number"),
    [
        ("phone_country: IN", INDIA),
        ("phone_country: [us, ca]", WASHINGTON),
        ("phone_country: {is_not: IN}", WASHINGTON),
        ("phone_country: {given: no}", "none"),
        ("weekday: Monday", INDIA),
        ("weekday: mon", INDIA),
        ("weekday: [Sat, SUN]", WASHINGTON),
        ("weekday: {is_not: [Saturday, Sunday]}", INDIA),
        ("hour: 1", INDIA),
        ("hour: 01", INDIA),
        ("hour: 15", WASHINGTON),
        ("hour: {at_least: 9, at_most: 20}", WASHINGTON),
        ("not: {hour: {at_least: 9, at_most: 20}}", INDIA),
    ],
)
def test_what_is_true_of_the_recipient_holds(when: str, number: str) -> None:
    made = planned(when, number)

    assert made.passed_over == ()
    assert (made.kind is PlanKind.CALL) == (number != "none")
    assert not [warning for warning in made.warnings if "weekday" in warning]


@pytest.mark.parametrize(
    ("when", "number", "clause"),
    [
        ("hour: {at_least: 9}", INDIA, "hour 1 is below 9"),
        ("hour: {at_most: 14}", WASHINGTON, "hour 15 is above 14"),
        ("hour: 9", INDIA, "hour is '1', not '9'"),
        ("weekday: [sat, sun]", INDIA, "weekday is 'Monday', not 'Saturday' or 'Sunday'"),
        ("phone_country: AE", INDIA, "phone_country is 'IN', not 'AE'"),
        ("phone_country: IN", "none", "phone_country is empty, not 'IN'"),
    ],
)
def test_the_rule_that_is_passed_over_says_both_values(when: str, number: str, clause: str) -> None:
    assert because(planned(when, number)) == clause


def test_the_day_and_hour_follow_summer_time() -> None:
    assert not planned("hour: 20", "+447400123456").passed_over
    assert not planned("hour: 19", "+447400123456", received=RECEIVED.replace(month=12)).passed_over


def test_a_country_with_several_times_needs_the_mappings_word() -> None:
    unsure = planned("hour: 21", SPAIN)

    assert because(unsure) == "hour is empty, not '21'"
    cure = "write the one you mean at the top of the mapping, like 'timezone: Europe/Madrid'"
    assert unsure.warnings == (f"{UNKNOWN} numbers of ES are in several time zones; {cure}",)
    assert not planned("hour: 21", SPAIN, "timezone: Europe/Madrid").passed_over
    assert not planned("hour: 20", SPAIN, "timezone: Atlantic/Canary").passed_over


def test_the_mappings_time_zone_never_overrules_the_number() -> None:
    assert not planned("hour: 15", WASHINGTON, "timezone: Asia/Kolkata").passed_over
    elsewhere = planned("hour: 1", SPAIN, "timezone: Asia/Kolkata")

    assert because(elsewhere) == "hour is empty, not '1'"
    reason = (
        "numbers of ES are in several time zones, and none has the time of 'Asia/Kolkata', the mapping's 'timezone'"
    )
    assert elsewhere.warnings == (f"{UNKNOWN} {reason}",)


def test_zones_with_one_time_are_no_doubt_and_a_shared_country_code_is_none_either() -> None:
    assert not planned("hour: 0", KAZAKHSTAN).passed_over
    assert planned("hour: 0", "+79161234567").warnings


def test_without_a_number_the_mapping_tells_the_zone_or_its_country_does() -> None:
    assert not planned("hour: 1", "none", "country: IN").passed_over
    assert not planned("hour: 23", "none", "country: IN\ntimezone: Asia/Dubai").passed_over
    unsure = planned("hour: 1", "none")

    assert because(unsure) == "hour is empty, not '1'"
    reason = "it has no usable phone number; write whose clock counts, like 'timezone: Asia/Kolkata'"
    assert unsure.warnings == (f"{UNKNOWN} {reason}",)


def test_nothing_is_said_of_the_zone_unless_a_condition_asks_for_it() -> None:
    assert planned("phone_country: ES", SPAIN).warnings == ()
    assert planned("best_time: evening", SPAIN).warnings == ()


def test_a_doubt_about_the_number_is_a_doubt_about_the_rule() -> None:
    answers = (Answer(("phone",), INDIA), Answer(("phone",), WASHINGTON))
    made = plan(Lead("website", "x", RECEIVED, answers=answers), mapping("phone_country: IN"))

    assert made.kind is PlanKind.UNCLEAR


def test_a_tag_may_ask_too_and_a_number_that_is_written_out_is_the_recipient() -> None:
    text = f"""
source: website
fields:
  name: name
rules:
  - name: Everyone
    call:
      campaignName: price_list
      destination: "{INDIA}"
      templateParams:
        - $name
      tags:
        - tag: at night
          when:
            hour:
              at_most: 6
        - tag: abroad
          when:
            phone_country:
              is_not: IN
"""
    read, problems = read_mapping("x.yaml", text)
    assert read is not None, problems
    made = plan(Lead("website", "x", RECEIVED, answers=(Answer(("name",), "Mira"),)), read)

    assert made.call["tags"] == ["at night"]


def test_every_zone_that_a_number_can_have_is_one_that_can_be_opened() -> None:
    assert {zone for zones in TIMEZONE_DATA.values() for zone in zones} <= zone_names()
    assert zones_in("IN") == ("Asia/Kolkata",)


@given(st.sampled_from([*TIMEZONE_DATA]), st.text("0123456789", max_size=10), MOMENTS)
def test_no_number_and_no_moment_makes_it_fail(code: str, rest: str, moment: datetime) -> None:
    values, warnings = known(NAMES, f"+{code}{rest}", moment, country="", timezone="")

    assert (values["hour"] == "") == bool(warnings)
