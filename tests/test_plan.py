"""From a lead and a mapping to the plan, with the reasons for everything."""

from __future__ import annotations

import json
from collections.abc import Mapping as Table
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli.explain.words import plan_lines
from gateway.mapping.call import Call, Media, Tag, Text
from gateway.mapping.fields import Candidate, Field
from gateway.mapping.filters import FilterUse
from gateway.mapping.reader.check import read_mapping
from gateway.mapping.rules import Mapping, Rule, plan
from gateway.mapping.when import AllOf, AnyOf, Condition, Not
from gateway.mapping.when import Test as Line
from gateway.model import Answer, Lead, PassedOver, Plan, PlanKind, Value

NUMBER = "+919876543210"
MIRA: dict[str, Value] = {"phone": "98765 43210", "name": "mira", "city": "Pune", "budget": "above_1_crore"}

PHONE = Field("phone", (Candidate("whatsapp"), Candidate("phone", line=4)), is_phone=True, line=3)
NAME = Field("name", (Candidate("name"),), filters=(FilterUse("title"),), default="there", line=5)
CITY = Field("city", (Candidate("city", line=7),), line=6)
BUDGET = Field("budget", (Candidate("budget"),), {"above_1_crore": "above ₹1 crore"}, line=8)
FIELDS = (PHONE, NAME, CITY, BUDGET)


def lead(answers: Table[str, Value] = MIRA, **changed: Value) -> Lead:
    said = tuple(Answer((name,), value) for name, value in (dict(answers) | changed).items())
    return Lead("website", "price-list", datetime(2026, 11, 20, 15, 30, tzinfo=UTC), answers=said)


def text(template: str, line: int = 30) -> Text:
    return Text(template, line)


def call(*params: str, **keys: Any) -> Call:
    given_keys = {"campaign": text("welcome"), "destination": text("$phone"), "params": tuple(map(text, params))}
    return Call(**{**given_keys, **keys})


def skip(name: str, when: Condition | None = None, line: int = 20) -> Rule:
    return Rule(name, line, when, skip="not here")


def mapping(*rules: Rule, fields: tuple[Field, ...] = FIELDS, country: str = "IN") -> Mapping:
    return Mapping("website.yaml", "website", (), country, {field.name: field for field in fields}, rules)


EVERYONE = Rule("Everyone", 40, call=call("$name"))
CITY_IS_GOA = Line("city", "is", ("Goa",), 21)


def test_a_call_with_every_word_explained() -> None:
    made = plan(lead(), mapping(EVERYONE))

    assert (made.kind, made.mapping, made.rule, made.line, made.reason) == (
        PlanKind.CALL, "website.yaml", "Everyone", 40, ""
    )  # fmt: skip
    assert made.call == {
        "campaignName": "welcome", "destination": NUMBER, "userName": "there", "templateParams": ["Mira"]
    }  # fmt: skip
    [destination, param] = [word for word in made.words if word.place in {"destination", "templateParams[0]"}]
    assert (destination.parts[0].answer, destination.parts[0].typed, destination.parts[0].line) == (
        "phone", "98765 43210", 4
    )  # fmt: skip
    assert (param.parts[0].typed, param.parts[0].filters, param.line) == ("mira", ("title",), 30)


def test_the_first_rule_that_holds_wins_and_those_before_it_say_why_not() -> None:
    rules = (skip("Goa", CITY_IS_GOA), skip("Big", AllOf((Line("size", "given", ("yes",), 23),))), EVERYONE)
    made = plan(lead(), mapping(*rules, skip("Never reached")))

    assert made.rule == "Everyone"
    assert made.passed_over == (
        PassedOver("Goa", 21, "city is 'Pune', not 'Goa'"),
        PassedOver("Big", 23, "size is empty"),
    )


def test_a_rule_may_say_not_to_send() -> None:
    made = plan(lead(city="Goa"), mapping(skip("Goa", CITY_IS_GOA), EVERYONE))

    assert (made.kind, made.rule, made.reason, made.call, made.words) == (PlanKind.SKIP, "Goa", "not here", {}, ())


def test_a_lead_that_no_rule_takes_is_unmatched() -> None:
    made = plan(lead(), mapping(skip("Goa", CITY_IS_GOA)))

    assert (made.kind, made.rule, made.reason) == (
        PlanKind.UNMATCHED, "", "no rule of the mapping fits this lead"
    )  # fmt: skip
    assert [passed.rule for passed in made.passed_over] == ["Goa"]


@pytest.mark.parametrize(
    ("field", "operator", "wanted"),
    [("form", "is", "PRICE-LIST"), ("source", "is", "website"), ("received", "at_least", "2026-11-20")],
)
def test_rules_also_see_form_source_and_time(field: str, operator: str, wanted: str) -> None:
    assert plan(lead(), mapping(skip("this", Line(field, operator, (wanted,), 21)))).kind == PlanKind.SKIP


def test_decisions_see_the_answer_and_not_the_default() -> None:
    rule = skip("no name", Line("name", "is", ("there",), 21))

    assert plan(lead(name=""), mapping(rule, EVERYONE)).call["templateParams"] == ["there"]


def test_a_required_field_without_an_answer_blocks_the_call() -> None:
    city = replace(CITY, required=True, default="Goa")
    made = plan(lead(city=""), mapping(EVERYONE, fields=(PHONE, NAME, city)))

    assert (made.kind, made.rule) == (PlanKind.BLOCKED, "Everyone")
    assert made.reason == "the field 'city' is required: no answer 'city'"


def test_a_rule_that_skips_needs_no_required_field() -> None:
    fields = (PHONE, replace(NAME, required=True))

    assert plan(lead({}), mapping(skip("all"), fields=fields)).kind == PlanKind.SKIP


def test_a_blocked_plan_names_all_that_is_wrong_and_keeps_the_words() -> None:
    made = plan(lead(phone="12", city=""), mapping(Rule("Everyone", 40, call=call("$name", "$city"))))

    assert made.kind == PlanKind.BLOCKED
    assert made.reason.startswith("no usable phone number: 'phone' ")
    assert made.reason.endswith("; parameter 2 ($city) is empty: no answer 'city' and no default")
    assert (made.call, made.words[3].text) == ({}, "Mira")


def test_without_a_phone_number_the_plan_says_where_it_looked() -> None:
    made = plan(lead(phone=""), mapping(EVERYONE))

    assert (made.kind, made.reason) == (PlanKind.BLOCKED, "no phone number in the answers 'whatsapp', 'phone'")


def test_the_country_of_the_file_comes_before_the_country_of_the_gateway() -> None:
    assert plan(lead(), mapping(EVERYONE), country="US").call["destination"] == NUMBER
    assert plan(lead(), mapping(EVERYONE, country=""), country="IN").call["destination"] == NUMBER
    assert plan(lead(), mapping(EVERYONE, country="")).kind == PlanKind.BLOCKED


def test_a_person_without_a_name_is_called_by_the_fallback() -> None:
    assert plan(lead(), mapping(EVERYONE), fallback_name="friend").call["userName"] == "friend"


TWO_CITIES = {"City": "Pune", "city ": "Goa"}
DOUBT = (
    "the answers 'City' and 'city' both fit the name 'city' (line 7) and differ; "
    "write the whole name of the one you mean"
)


def unclear_lead() -> Lead:
    return lead({"phone": NUMBER, "name": "Mira", **TWO_CITIES})


@pytest.mark.parametrize(
    "rule",
    [
        Rule("parameter", 40, call=call("$city")),
        Rule("tag", 40, call=call(tags=(Tag(text("$city")),))),
        Rule("when of a tag", 40, call=call(tags=(Tag(text("x"), CITY_IS_GOA),))),
        Rule("attribute", 40, call=call(attributes={"city": text("$city")})),
        Rule("name", 40, call=call(user_name=text("$city"))),
        Rule("source", 40, call=call(source=text("$city"))),
        Rule("button", 40, call=call(buttons=(text("$city"),))),
        Rule("file", 40, call=call(media=Media(text("https://a.example/b"), text("$city")))),
        Rule("when", 40, CITY_IS_GOA, call=call("x")),
        Rule("deep in when", 40, AnyOf((Not(CITY_IS_GOA, 2), Line("form", "is", ("x",), 3)), 1), call=call("x")),
    ],
)
def test_a_rule_that_needs_an_unclear_field_waits(rule: Rule) -> None:
    made = plan(unclear_lead(), mapping(rule, EVERYONE))

    assert (made.kind, made.rule, made.reason, made.warnings) == (PlanKind.UNCLEAR, rule.name, DOUBT, ())


def test_a_required_field_that_is_unclear_waits() -> None:
    fields = (PHONE, NAME, replace(CITY, required=True))

    assert plan(unclear_lead(), mapping(EVERYONE, fields=fields)).kind == PlanKind.UNCLEAR


def test_two_numbers_under_one_name_wait_without_showing_them() -> None:
    made = plan(lead({"Phone": "9876543210", "phone ": "9812345678"}), mapping(EVERYONE))

    assert made.kind == PlanKind.UNCLEAR
    assert "9" not in made.reason


def test_an_unclear_field_that_nobody_needs_is_a_warning() -> None:
    made = plan(unclear_lead(), mapping(EVERYONE))

    assert (made.kind, made.warnings) == (PlanKind.CALL, (DOUBT,))


def test_a_rule_can_be_asked_for_by_name() -> None:
    rules = (skip("Goa", CITY_IS_GOA), Rule("Pune", 40, CITY_IS_GOA, call("$name")), EVERYONE)

    assert plan(lead(), mapping(*rules), rule="Pune").kind == PlanKind.CALL
    assert plan(lead(), mapping(*rules), rule="Pune").passed_over == ()
    assert plan(lead(), mapping(*rules), rule="Goa").reason == "not here"


def test_a_rule_that_is_gone_is_unmatched() -> None:
    made = plan(lead(), mapping(EVERYONE), rule="Gone")

    assert (made.kind, made.reason) == (PlanKind.UNMATCHED, "rule removed")


def test_drift_repairs_and_unread_amounts_are_warnings_each_once() -> None:
    large = Line("name", "at_least", ("3",), 21)
    made = plan(lead(budget="new_choice"), mapping(skip("a", large), skip("b", large), EVERYONE))

    assert made.warnings[0].startswith("the number in 'phone': ")
    assert made.warnings[1:] == (
        "drift: the answer 'budget' says 'new_choice', which the values of 'budget' do not list",
        "name is 'Mira', which cannot be read as an amount (line 21)",
    )


WRITTEN = """
source: website
country: IN
fields:
  phone:
    - whatsapp
    - phone
  name:
    from: name | first_word
    filters: title
    default: there
  city: city | title
  areas: areas
defaults:
  destination: $phone
  userName: $name
  tags:
    - website
    - $city
rules:
  - name: Far away
    when:
      city:
        is_not:
          - Mumbai
          - Goa
      not:
        areas: Assagao
    skip: we do not sell there yet
  - name: Villas
    when:
      areas:
        only: Assagao
    call:
      campaignName: villas
      templateParams:
        - $name in $areas
      tags:
        - tag: metro
          when:
            city: Mumbai
  - name: Everyone else
    call:
      campaignName: welcome
"""


def written(**answers: Value) -> Plan:
    read, problems = read_mapping("website.yaml", WRITTEN)
    assert read is not None, problems
    return plan(lead({"phone": "98765 43210", "name": "mira sample"} | answers), read)


def test_a_mapping_as_written_makes_the_call_that_it_spells() -> None:
    made = written(city="mumbai", areas=("Assagao",), whatsapp="same as above")

    assert made.call == {
        "campaignName": "villas",
        "destination": NUMBER,
        "userName": "Mira",
        "templateParams": ["Mira in Assagao"],
        "tags": ["website", "Mumbai", "metro"],
    }
    assert made.passed_over == (PassedOver("Far away", 24, "city is 'Mumbai'"),)


def test_a_mapping_as_written_says_at_which_line_a_rule_was_left() -> None:
    made = written(city="Pune", areas=("Assagao", "Siolim"))

    assert (made.rule, made.call["tags"]) == ("Everyone else", ["website", "Pune"])
    assert made.passed_over == (
        PassedOver("Far away", 27, "areas is 'Assagao' and 'Siolim'"),
        PassedOver("Villas", 33, "areas is 'Assagao' and 'Siolim', not only 'Assagao'"),
    )


def test_a_mapping_as_written_skips_with_its_reason() -> None:
    assert written(city="Pune").reason == "we do not sell there yet"


RICH_FIELDS = (
    PHONE,
    NAME,
    replace(CITY, filters=(FilterUse("truncate", "60"),)),
    BUDGET,
    replace(BUDGET, name="kept", keep_others=True, filters=(FilterUse("words"),)),
    Field("day", (Candidate("day", filters=(FilterUse("date", "dd mmm yyyy"),)), Candidate("city", "about"))),
    Field("first", (Candidate("name", filters=(FilterUse("first_name"),)),), default="friend"),
)
RICH = mapping(
    skip("time", AllOf((Line("received", "at_most", ("2020-01-01",), 1), Line("city", "given", ("yes",), 2)))),
    skip("text", AnyOf((Line("city", "matches", ("^q.*z$",), 3), Line("name", "starts_with", ("zz",), 4)), 5)),
    skip("size", AllOf((Line("kept", "at_least", ("50 lakh",), 6), Line("day", "at_most", ("2026-01-01",), 7)))),
    skip("none", AllOf((Line("city", "only", ("Goa", "Pune"), 8), Not(Line("name", "contains", ("a",), 9), 9)))),
    Rule(
        "Everyone",
        40,
        call=call(
            "Hi $name,\n$city",
            "$kept $$city",
            user_name=text("$name $city"),
            source=text("from $city"),
            media=Media(text("https://cdn.example.com/a.pdf"), text("$first.pdf")),
            tags=(Tag(text("$city")), Tag(text("hot"), Line("city", "is_not", ("Goa",), 9))),
            attributes={"city": text("$city"), "day": text("on $day")},
            buttons=(text("go/$city?x=$name"),),
        ),
    ),
    fields=RICH_FIELDS,
)

nasty = st.sampled_from(
    [
        "\x00",
        "\ud800",
        "x" * 50_000,
        "{{name}}",
        "$name",
        "50_lakh",
        "2026-11-20",
        "مرحبا \u202e",
        "👩‍👩‍👧",
        " \u200b",
        "+" + "9" * 300,
        "1e999999",
        "2026-02-31",
        NUMBER,
    ]
)
typed = st.one_of(st.text(), nasty, st.lists(st.one_of(st.text(), nasty), max_size=4).map(tuple))
names = st.lists(
    st.one_of(st.sampled_from(["phone", "Phone", "name", "city", "City ", "budget", "day"]), st.text()), max_size=3
)
leads = st.builds(
    Lead,
    source=st.text(),
    form=st.text(),
    received=st.datetimes(timezones=st.just(UTC)),
    answers=st.lists(st.builds(Answer, names.map(tuple), typed), max_size=8).map(tuple),
    about=st.dictionaries(st.one_of(st.just("city"), st.text()), st.text(), max_size=3),
)


@settings(deadline=None)
@given(leads, st.booleans())
def test_any_lead_gives_the_same_storable_plan_every_time(one: Lead, forced: bool) -> None:  # noqa: FBT001 - drawn
    made = plan(one, RICH, rule="Everyone" if forced else "")

    assert plan(one, RICH, rule="Everyone" if forced else "") == made
    json.dumps(asdict(made), ensure_ascii=False).encode()
    for word in made.words:
        assert "".join(part.text for part in word.parts) == word.text


@settings(deadline=None)
@given(leads)
def test_a_call_is_only_planned_if_it_can_be_right(one: Lead) -> None:
    phone = Answer(("whatsapp",), NUMBER)
    made = plan(replace(one, answers=(phone, *one.answers)), RICH, rule="Everyone")

    if made.kind == PlanKind.CALL:
        assert made.call["destination"] == NUMBER
        assert len(made.call["templateParams"]) == 2
        assert all(said.strip() and "{{" not in said and "\n" not in said for said in texts_of(made))
    else:
        assert made.reason
        assert made.call == {}


def texts_of(made: Plan) -> list[str]:
    body = made.call
    return [body["userName"], *body["templateParams"], *body.get("tags", []), *body.get("attributes", {}).values()]


def not_called(name: str, there: str) -> str:
    return f"no answer is called '{name}' (left empty, or named otherwise); there are {there}"


def test_a_name_that_no_answer_bears_is_told_with_the_nearest_names_first() -> None:
    made = plan(lead({"phone": NUMBER, "Your name": "Mira", "Which city": "Pune"}), mapping(skip("Goa", CITY_IS_GOA)))

    assert made.warnings == (not_called("city", "'Which city', 'Your name', 'phone'"),)


def test_at_most_six_names_are_told_and_each_by_its_title() -> None:
    said = tuple(Answer((f"q{at}", f"Question {at}"), "x") for at in range(8))
    made = plan(replace(lead(), answers=said), mapping(skip("Goa", CITY_IS_GOA)))
    names = ", ".join(f"'Question {at}'" for at in range(6))

    assert made.warnings == (not_called("city", f"{names}, …"),)


def test_a_field_with_a_default_may_be_missing_unless_a_when_compares_it() -> None:
    only_phone = lead({"phone": NUMBER})
    given_name = skip("named", Line("name", "given", ("yes",), 21))
    is_asha = skip("Asha", Line("name", "is", ("Asha",), 21))

    assert plan(only_phone, mapping(EVERYONE)).warnings == ()
    assert plan(only_phone, mapping(given_name, EVERYONE)).warnings == ()
    assert plan(only_phone, mapping(is_asha, EVERYONE)).warnings == (not_called("name", "'phone'"),)


@pytest.mark.parametrize(
    "candidates", [(Candidate("town"), Candidate("name")), (Candidate("utm_source", "about"),), (Candidate("empty"),)]
)
def test_one_fitting_name_is_enough_and_facts_around_a_lead_may_be_missing(candidates: tuple[Candidate, ...]) -> None:
    fields = (PHONE, Field("name", candidates))
    rule = Rule("a", 40, call=call("x", tags=(Tag(text("$name")),)))

    assert plan(lead(phone=NUMBER, empty=""), mapping(rule, fields=fields)).warnings == ()


def test_a_field_that_the_chosen_rule_does_not_use_may_be_missing() -> None:
    assert plan(lead({"phone": NUMBER, "name": "Mira"}), mapping(EVERYONE)).warnings == ()


@pytest.mark.parametrize(("consent", "rule"), [("no", "No consent"), ("maybe", "No consent"), ("yes", "Everyone else")])
def test_the_shipped_typeform_mapping_messages_only_those_who_said_yes(consent: str, rule: str) -> None:
    file = Path(__file__).parent.parent / "mappings" / "typeform.yaml"
    shipped, _ = read_mapping(file.name, file.read_bytes())
    assert shipped

    assert plan(lead(consent=consent), shipped).rule == rule


def explained(one: Lead, *fields: Field, **keys: Any) -> str:
    return "\n".join(plan_lines(plan(one, mapping(Rule("a", 40, call=call("$name", **keys)), fields=(PHONE, *fields)))))


def test_the_word_for_people_without_a_name_is_explained() -> None:
    says = "'there' is the word for people without a name (GATEWAY_USERNAME_FALLBACK), because"

    assert f"{says} $city is empty" in explained(lead(city=""), NAME, CITY, user_name=text("$city"))
    assert f"{says} no 'userName' is written" in explained(lead(), NAME)


@pytest.mark.parametrize(
    ("typed", "changed", "cause"),
    [
        ("28/11/2026", {"filters": (FilterUse("date", "d mmmm"),)}, ": 'date' could not read '28/11/2026'"),
        ("blue", {"values": {"red": "Red"}}, ": 'values' does not list 'blue'"),
        ("{{name}}", {}, ": the answer 'name' says only '{{name}}'"),
        (" ", {}, ": the answer 'name' is empty"),
    ],
)
def test_a_default_says_why_the_answer_did_not_serve(typed: str, changed: dict[str, Any], cause: str) -> None:
    plain = Field("name", (Candidate("name"),), default="friend", line=5)
    inner = replace(plain, candidates=(Candidate("name", filters=changed.get("filters", ())),))

    assert f"'friend' is $name: its default{cause} (line 5)" in explained(lead(name=typed), replace(plain, **changed))
    if "filters" in changed:
        assert f"its default{cause} (line 5)" in explained(lead(name=typed), inner)


def test_a_default_without_an_answer_says_just_that() -> None:
    assert "'there' is $name: its default (line 5)" in explained(lead({"phone": NUMBER}), NAME)
