"""The bodies of website forms: every shape that a form builder or a hand-written form may post."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unreadable
from gateway.http import Http
from gateway.inbound.formdata import CONTENT_TYPES
from gateway.inbound.website import RESERVED, Website
from gateway.model import Event, Lead, Value
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent / "samples" / "website"
CASES = sorted(
    path for path in SAMPLES.iterdir() if path.suffix in CONTENT_TYPES and not path.name.endswith(".expected.json")
)
SOURCE = Website(Settings.load({}, env_file=None), Http())
FORM, JSON, TEXT = "application/x-www-form-urlencoded", "application/json", "text/plain"


def leads(body: bytes, content_type: str = "", query: str = "") -> tuple[Lead, ...]:
    return SOURCE.leads(Event("website", "price-list", NOW, content_type, query, body)).leads


def answers(body: bytes | str, content_type: str = "") -> dict[tuple[str, ...], Value]:
    (lead,) = leads(body.encode() if isinstance(body, str) else body, content_type)
    return {answer.names: answer.value for answer in lead.answers}


def named(body: Any, content_type: str = "") -> dict[str, Value]:
    """Every answer by each of its names."""
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return {name: value for names, value in answers(raw, content_type).items() for name in names}


def multipart(*parts: str, end: str = "--B1--\r\n") -> bytes:
    return ("".join(f"--B1\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + end).encode()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_sample_gives_its_answers_under_the_same_names(case: Path) -> None:
    (lead,) = leads(case.read_bytes(), CONTENT_TYPES[case.suffix])

    found = {name.lower() for answer in lead.answers for name in answer.names}
    assert found >= {"name", "phone", "interest"}
    assert found & {"city", "message"}
    assert not found & RESERVED


@pytest.mark.parametrize("content_type", [JSON, FORM, TEXT, "", "multipart/form-data; boundary=B1", "nonsense;;="])
@pytest.mark.parametrize("mark", ["", "\ufeff", " \r\n"])
def test_json_is_known_by_its_first_character_whatever_it_is_called(content_type: str, mark: str) -> None:
    assert named(mark + '{"name": "Mira", "phone": 12025550143}', content_type) == {
        "name": "Mira",
        "phone": "12025550143",
    }


@pytest.mark.parametrize(
    "content_type", [FORM, TEXT, "", JSON, "multipart/form-data", "multipart/form-data; boundary=B2"]
)
def test_a_urlencoded_form_is_known_by_its_equals_signs(content_type: str) -> None:
    assert named("name=Mira+Sample&phone=%2B12025550143", content_type) == {
        "name": "Mira Sample",
        "phone": "+12025550143",
    }


@pytest.mark.parametrize("content_type", ["multipart/form-data; boundary=B1", "multipart/form-data", "", TEXT])
def test_a_multipart_form_is_read_even_where_the_header_forgot_its_boundary(content_type: str) -> None:
    body = multipart(
        'name="name"\r\n\r\nZoé = Mira',
        'name="interest[]"\r\n\r\n2 BHK',
        'name="interest[]"\r\n\r\n3 BHK',
        'name="plan"; filename="plan.pdf"\r\nContent-Type: application/pdf\r\n\r\n%PDF',
        'name="photo"; filename=""\r\n\r\n',
        'filename="nameless"\r\n\r\nx',
    )

    assert named(body, content_type) == {"name": "Zoé = Mira", "interest": ("2 BHK", "3 BHK"), "plan": "plan.pdf"}


def test_a_lost_plus_leaves_its_space_behind() -> None:
    assert named("phone=+12025550143", FORM) == {"phone": " 12025550143"}


def test_repeated_keys_and_empty_brackets_are_several_choices_and_one_is_a_text() -> None:
    assert named("a=1&a=2&b[]=x&b[]=&b[]=y&c[]=z&d=&d=only", FORM) == {
        "a": ("1", "2"),
        "b": ("x", "y"),
        "c": "z",
        "d": "only",
    }


def test_brackets_are_names_inside_names() -> None:
    assert answers("c[d]=1&c[e][]=2&c[e][]=3&x[d]=4", FORM) == {
        ("c.d", "c[d]"): "1",
        ("c.e", "c[e]", "e"): ("2", "3"),
        ("x.d", "x[d]"): "4",
    }


def test_names_that_contradict_each_other_lose_no_answer() -> None:
    assert list(answers("a=1&a[b]=2&c[d]=3&c=4&e[]f=5&[g]=6&h[[=7", FORM).values()) == [
        "1",
        "2",
        "3",
        "4",
        "5",
        "6",
        "7",
    ]


def test_nested_json_has_dotted_names_and_short_ones_where_they_are_alone() -> None:
    assert answers(
        '{"contact": {"phone": "+12025550143", "name": "Mira"}, "agent": {"name": "Asha"}, "sizes": ["2", "3"]}'
    ) == {
        ("contact.phone", "phone"): "+12025550143",
        ("contact.name",): "Mira",
        ("agent.name",): "Asha",
        ("sizes",): ("2", "3"),
    }


def test_a_short_name_never_takes_the_name_of_another_answer() -> None:
    assert answers('{"name": "Mira", "form": {"name": "Price list"}}') == {
        ("name",): "Mira",
        ("form.name",): "Price list",
    }


@pytest.mark.parametrize(
    ("json_text", "value"),
    [
        ("true", "yes"),
        ("false", "no"),
        ("12025550143", "12025550143"),
        ("9.876543210e9", "9.876543210e9"),
        ("4.50", "4.50"),
        ('["only"]', "only"),
        ('[["a"], ["b"]]', None),
        ('{"value": "11/20/2026", "unix": 1795168800}', "11/20/2026"),
        ('{"filename": "plan.pdf", "content": "JVBERi0="}', "plan.pdf"),
        ('"a\\u0000b\\ud800"', "a\ufffdb\ufffd"),
    ],
)
def test_values_become_text_without_losing_a_digit(json_text: str, value: str | None) -> None:
    assert named('{"q": ' + json_text + "}").get("q") == value


def test_nulls_and_blanks_are_no_answers() -> None:
    assert named({"name": "Mira", "a": None, "b": "", "c": " ", "d": [], "e": {}, "": "nameless"}) == {"name": "Mira"}


@pytest.mark.parametrize(
    "row",
    [
        {"name": "Phone", "value": "+12025550143"},
        {"label": "Phone", "value": "+12025550143", "type": "INPUT_PHONE"},
        {"id": "f1", "name": "Phone", "value": "+12025550143", "type": "PHONE"},
        {"key": "question_b2", "title": "Phone", "value": ["+12025550143"]},
    ],
)
def test_rows_of_name_and_value_are_answers(row: dict[str, Any]) -> None:
    rows = [row, {"name": "City", "value": "Goa"}]

    for body in (rows, {"data": {"fields": rows}}, [row]):
        assert named(body)["Phone"] == "+12025550143"


def test_a_list_of_people_is_a_lead_each() -> None:
    found = leads(b'[{"name": "Mira", "entry_id": 1}, 5, {"name": "Asha", "entry_id": 2}, {"name": ""}]', JSON)

    assert [lead.submission for lead in found] == ["1", "2"]


def test_an_object_that_only_looks_like_a_row_keeps_all_its_answers() -> None:
    assert named([{"name": "Mira", "value": "5 lakh", "phone": "+12025550143"}]) == {
        "name": "Mira",
        "value": "5 lakh",
        "phone": "+12025550143",
    }


def test_the_advanced_mode_of_elementor_is_read_by_field() -> None:
    body = urlencode(
        {
            "form[name]": "Contact",
            "fields[name][id]": "name",
            "fields[name][type]": "text",
            "fields[name][title]": "Your name",
            "fields[name][value]": "Mira",
            "fields[name][raw_value]": "mira",
            "fields[name][required]": "1",
            "meta[page_url][title]": "Page URL",
            "meta[page_url][value]": "https://www.example.com/contact",
        }
    )

    assert answers(body, FORM) == {
        ("form.name", "form[name]"): "Contact",
        ("name", "Your name", "fields.name", "fields[name]"): "Mira",
    }
    assert leads(body.encode(), FORM)[0].about == {"page_url": "https://www.example.com/contact"}


@pytest.mark.parametrize("key", ["data.json", "data_json", "rawRequest"])
def test_a_submission_wrapped_in_one_of_its_fields_is_unwrapped(key: str) -> None:
    inner = json.dumps({"name": ["Mira"], "q4_phoneNumber": {"full": "(202) 555-0143"}})
    body = urlencode({key: inner, "data.xml": "<form/>", "pretty": "Name:Mira", "formID": "26"})

    found = named(body, FORM)

    assert (found["name"], found["full"], found["formID"]) == ("Mira", "(202) 555-0143", "26")
    assert not found.keys() & {key, "data.xml", "pretty"}


def test_a_field_that_is_no_json_after_all_stays_as_it_is() -> None:
    assert named("rawRequest=%7Bbroken&name=Mira") == {"rawRequest": "{broken", "name": "Mira"}


def test_broken_utf_8_is_marked_and_loses_no_answer() -> None:
    parts = multipart('name="name"\r\n\r\nJos~', 'name="city"; filename="~"\r\n\r\nx').replace(b"~", b"\xff")

    for body in (b"name=Jos%E9&city=\xff", b'{"name": "Jos\xe9", "city": "\xff"}', parts):
        assert named(body) == {"name": "Jos\ufffd", "city": "\ufffd"}


# Any form at all

field_names = st.text(st.characters(codec="utf-8", exclude_characters="\x00[]."), min_size=1, max_size=8).map(
    lambda name: f"q{name}"
)
#: "||" joins choices, and "&…;" may be an entity: some form builders write so, and both are read.
texts = (
    st.text(st.characters(codec="utf-8", exclude_characters="\x00&"), max_size=20)
    .filter(lambda text: "||" not in text)
    .map(lambda text: f"x{text}")
)


@given(st.dictionaries(field_names, texts, min_size=1, max_size=6))
def test_what_was_typed_arrives_as_json_and_as_a_form(fields: dict[str, str]) -> None:
    assert named(json.dumps(fields)) == fields
    assert named(urlencode(fields)) == fields


trees = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=6) | st.sampled_from(["name", "value", "_x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(trees)
def test_any_json_gives_named_answers_or_says_why_not(tree: Any) -> None:
    with contextlib.suppress(Unreadable):
        for lead in leads(json.dumps(tree).encode(), JSON):
            assert lead.answers
            assert all(answer.names and all(answer.names) and answer.value for answer in lead.answers)
