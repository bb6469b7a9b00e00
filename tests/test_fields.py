"""Finding a field among a lead's answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from gateway.mapping.fields import Candidate, Field, Found, find
from gateway.mapping.filters import FilterUse
from gateway.mapping.names import choice, normal
from gateway.model import Answer, Lead, Value

TITLE = (FilterUse("title"),)


def lead(answers: Mapping[str | tuple[str, ...], Value] | list[Answer], **about: str) -> Lead:
    """A lead with these answers; a key may be one name or all names of an answer."""
    if not isinstance(answers, list):
        answers = [Answer((name,) if isinstance(name, str) else name, value) for name, value in answers.items()]
    return Lead("website", "price-list", datetime(2026, 11, 20, tzinfo=UTC), answers=tuple(answers), about=about)


def field(*names: str) -> Field:
    return Field("city", tuple(Candidate(name, line=at) for at, name in enumerate(names, 10)))


def phone(*names: str) -> Field:
    return Field("phone", tuple(Candidate(name) for name in names), is_phone=True)


def value_of(entry: Field, answers: Mapping[str | tuple[str, ...], Value]) -> Value:
    return find(entry, lead(answers), "IN").value


def test_the_first_candidate_that_is_not_empty_wins() -> None:
    found = find(field("town", "city", "place"), lead({"town": " \n", "city": "Pune", "place": "Goa"}), "")

    assert (found.value, found.answer, found.typed, found.line) == ("Pune", "city", "Pune", 11)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("what_is_your_budget?", "What is your budget"),
        ("Full  Name", "full_name"),
        ("CITY", "city"),
        ("city", "ｃｉｔｙ"),
        ("straße", "STRASSE"),
        ("दिन", " दिन? "),
        ("1.3", "1 3"),
        ("café", "cafe\u0301"),
        ("city", "City ❤️"),
        ("first name", "first\u200b name"),
    ],
)
def test_names_match_without_case_width_spaces_and_punctuation(written: str, name: str) -> None:
    assert value_of(field(written), {name: "Pune"}) == "Pune"


@pytest.mark.parametrize(("written", "name"), [("1.3", "13"), ("दिन", "दान"), ("city", "cities"), ("?", "!")])
def test_names_that_differ_in_a_letter_mark_or_digit_do_not_match(written: str, name: str) -> None:
    assert value_of(field(written), {name: "Pune"}) == ""


def test_an_exact_name_beats_one_that_is_only_alike() -> None:
    assert value_of(field("City"), {"city": "Pune", "City": "Goa"}) == "Goa"


def test_first_names_of_all_answers_are_tried_before_second_names() -> None:
    answers: dict[str | tuple[str, ...], Value] = {("q1", "city"): "Pune", ("city", "Where do you live?"): "Goa"}

    assert value_of(field("city"), answers) == "Goa"


def test_an_exact_second_name_beats_a_first_name_that_is_only_alike() -> None:
    assert value_of(field("city"), {"City!": "Pune", ("q2", "city"): "Goa"}) == "Goa"


def test_what_surrounds_the_lead_serves_where_no_answer_has_the_name() -> None:
    found = find(field("utm_source"), lead({"city": "Pune"}, utm_source="instagram"), "")

    assert (found.value, found.answer) == ("instagram", "about.utm_source")


def test_an_answer_left_empty_is_not_stood_in_for_by_what_surrounds_the_lead() -> None:
    assert find(field("city"), lead({"city": ""}, city="Goa"), "").value == ""


@pytest.mark.parametrize(("scope", "value"), [("answer", "Pune"), ("about", "Goa"), ("", "Pune")])
def test_a_scope_says_where_to_look(scope: str, value: str) -> None:
    entry = Field("city", (Candidate("city", scope),))

    assert find(entry, lead({"city": "Pune"}, city="Goa"), "").value == value


def test_two_answers_that_differ_under_one_name_are_never_guessed() -> None:
    found = find(field("city", "town"), lead({"City": "Pune", "city ": "Goa", "town": "Delhi"}), "")

    assert found.value == ""
    assert found.unclear == (
        "the answers 'City' and 'city' both fit the name 'city' (line 10) and differ; "
        "write the whole name of the one you mean"
    )


def test_one_answer_sent_twice_with_different_texts_is_unclear() -> None:
    found = find(field("city"), lead([Answer(("city",), "Pune"), Answer(("city",), "Goa")]), "")

    assert found.unclear == "the answer 'city' came more than once, with different texts"


def test_two_answers_that_agree_or_of_which_one_is_empty_are_clear() -> None:
    found = find(field("city"), lead({"City": "", "city ": "Pune", "CITY": " Pune"}), "")

    assert (found.value, found.unclear) == ("Pune", "")


def test_an_unclear_name_after_the_candidate_that_won_does_not_matter() -> None:
    assert find(field("town", "city"), lead({"town": "Goa", "City": "Pune", "city ": "Delhi"}), "").unclear == ""


def test_filters_run_per_candidate_and_then_for_the_field() -> None:
    entry = Field("name", (Candidate("full_name", filters=(FilterUse("first_word"),)),), filters=TITLE)
    found = find(entry, lead({"full_name": "mira sample"}), "")

    assert (found.value, found.typed, found.filters) == ("Mira", "mira sample", ("first_word", "title"))


def test_a_candidate_of_which_its_filters_leave_nothing_makes_room_for_the_next() -> None:
    entry = Field("size", (Candidate("a", filters=(FilterUse("digits"),)), Candidate("b")))
    found = find(entry, lead({"a": "many", "b": "3"}), "")

    assert found.value == "3"
    assert found.warnings == ("not used: the answer 'a' says 'many', of which 'digits' leaves nothing",)


def budget(*, keep_others: bool = False) -> Field:
    values = {"50_lakh_-_1_crore": "₹50 lakh to ₹1 crore", "3+": "three or more", "3": "three"}
    return Field("budget", (Candidate("budget"),), values, keep_others=keep_others)


@pytest.mark.parametrize("typed", ["50_lakh_-_1_crore", "50 Lakh – 1 Crore", " 50_lakh_1_crore "])
def test_the_table_of_values_says_a_choice_our_way(typed: str) -> None:
    found = find(budget(), lead({"budget": typed}), "")

    assert (found.value, found.filters) == ("₹50 lakh to ₹1 crore", ("values",))


def test_signs_tell_choices_apart() -> None:
    assert value_of(budget(), {"budget": " 3+ "}) == "three or more"
    assert value_of(budget(), {"budget": "3."}) == "three"
    assert value_of(budget(), {"budget": "<3"}) == ""


def test_a_choice_that_the_table_does_not_list_is_drift_and_counts_as_empty() -> None:
    found = find(budget(), lead({"budget": "up_to_25_lakh"}), "")

    assert found.value == ""
    assert found.failure == "drift: the answer 'budget' says 'up_to_25_lakh', which the values of 'budget' do not list"
    assert found.warnings == (found.failure,)


def test_others_may_be_kept() -> None:
    found = find(budget(keep_others=True), lead({"budget": "up_to_25_lakh"}), "")

    assert (found.value, found.warnings, found.filters) == ("up_to_25_lakh", (), ())


def test_each_choice_of_a_multi_select_is_looked_up_and_stays_a_choice() -> None:
    found = find(budget(), lead({"budget": ("3", "9", "3+")}), "")

    assert found.value == ("three", "three or more")
    assert found.typed == "3, 9, 3+"
    assert found.warnings == ("drift: the answer 'budget' says '9', which the values of 'budget' do not list",)


def test_choices_that_show_nothing_do_not_count() -> None:
    assert value_of(field("city"), {"city": ("", "\u200b", "Goa")}) == ("Goa",)


@pytest.mark.parametrize("typed", ["{{lead.city}}", " {{ city }} ", "<test lead: dummy data for city>"])
def test_an_unfilled_placeholder_counts_as_empty_with_a_warning(typed: str) -> None:
    found = find(field("city", "town"), lead({"city": typed, "town": "Goa"}), "")

    assert found.value == "Goa"
    assert found.warnings == (f"the answer 'city' is an unfilled placeholder, '{typed.strip()}'",)


def test_the_first_valid_phone_number_wins() -> None:
    found = find(phone("whatsapp", "phone"), lead({"whatsapp": "12345", "phone": "98765 43210"}), "IN")

    assert (found.value, found.answer, found.typed) == ("+919876543210", "phone", "98765 43210")
    assert found.warnings[-1].startswith("not used: 'whatsapp' ")


@pytest.mark.parametrize(
    "typed", ["same", "Same as above", "SAME AS PHONE NUMBER", "as above", "-", "na", "N/A", "none", "Nil", ".", "No"]
)
def test_same_as_above_is_passed_over_in_silence(typed: str) -> None:
    found = find(phone("whatsapp", "phone"), lead({"whatsapp": typed, "phone": "+919876543210"}), "")

    assert (found.value, found.warnings) == ("+919876543210", ())


def test_same_followed_by_a_number_is_a_number() -> None:
    assert value_of(phone("whatsapp"), {"whatsapp": "same 9876543210"}) == "+919876543210"


def test_a_number_without_a_country_is_never_used() -> None:
    found = find(phone("phone"), lead({"phone": "98765 43210"}), "")

    assert found.value == ""
    assert found.failure == "'phone' has no country code and no country is set"


def test_a_plus_that_a_form_lost_is_seen_by_its_space() -> None:
    assert find(phone("phone"), lead({"phone": " 919876543210"}), "").value == "+919876543210"


def test_repairs_and_second_numbers_are_warnings_that_show_no_whole_number() -> None:
    found = find(phone("phone"), lead({"phone": "9876543210 / 9812345678"}), "IN")

    assert found.value == "+919876543210"
    assert len(found.warnings) == 2
    assert not any("98123" in warning for warning in found.warnings)


def test_the_reason_for_a_missing_value_is_said_in_the_form_s_own_words() -> None:
    nothing = Found(Field("city", (Candidate("city"), Candidate("utm_city", "about"))))

    assert nothing.missing() == "no answer 'city' or 'about.utm_city'"


def test_what_no_store_takes_is_replaced() -> None:
    found = find(field("city"), lead({"ci\x00ty": "Goa", "city": "Pu\x00ne\ud800"}), "")

    assert (found.value, found.typed) == ("Pu\ufffdne\ufffd", "Pu\ufffdne\ufffd")


def test_a_huge_answer_is_not_carried_along_whole() -> None:
    assert len(find(field("city"), lead({"city": "x" * 1_000_000}), "").typed) == 1000


def test_long_names_compare_as_short_ones_do() -> None:
    assert normal("City?" * 100) == "_".join(["city"] * 100)
    assert choice("A+ " * 100) == "_".join(["a+"] * 100)
