"""What the fields of a website form say, once their builders' ways of writing are undone."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from gateway.http import Http
from gateway.inbound.website import Website
from gateway.model import Event, Value
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
SOURCE = Website(Settings.load({}, env_file=None), Http())


def answers(body: str) -> dict[tuple[str, ...], Value]:
    (lead,) = SOURCE.leads(Event("website", "price-list", NOW, "", "", body.encode())).leads
    return {answer.names: answer.value for answer in lead.answers}


def named(body: Any) -> dict[str, Value]:
    """Every answer by each of its names."""
    found = answers(body if isinstance(body, str) else json.dumps(body))
    return {name: value for names, value in found.items() for name in names}


def test_the_choices_of_tally_are_told_by_their_text() -> None:
    options = [{"id": "opt1", "text": "2 BHK"}, {"id": "opt2", "text": "3 BHK"}, {"id": "", "text": "?"}, "odd"]

    def chosen(value: Any) -> Value | None:
        row = {"key": "q", "label": "Size", "type": "MULTIPLE_CHOICE", "value": value, "options": options}
        return named({"data": {"fields": [row], "formName": "Visit"}}).get("Size")

    assert chosen(["opt2"]) == "3 BHK"
    assert chosen("opt1") == "2 BHK"
    assert chosen(["opt1", "Penthouse"]) == ("2 BHK", "Penthouse")
    assert chosen([""]) is None


def test_entities_are_decoded_once_and_pieces_of_an_address_are_left_alone() -> None:
    assert named({"name": "O&#039;Sample", "note": "2 &quot;BHK&quot; &amp;lt;", "tags": ["R&amp;D", "&nbsp;"]}) == {
        "name": "O'Sample",
        "note": '2 "BHK" &lt;',
        "tags": "R&D",
    }
    assert named({"page": "https://example.com/?a=1&copy=2&lt=3"})["page"] == "https://example.com/?a=1&copy=2&lt=3"


def test_choices_that_wpforms_joined_are_several_again() -> None:
    assert named("name=Mira&interest=2+BHK%7C%7C3+BHK&none=%7C%7C") == {
        "name": "Mira",
        "interest": ("2 BHK", "3 BHK"),
    }


def test_the_same_choice_twice_is_one() -> None:
    assert named("phone=%2B12025550143&phone=%2B12025550143&a=1&a=2&a=1") == {
        "phone": "+12025550143",
        "a": ("1", "2"),
    }


def test_a_long_name_is_not_copied_into_every_answer_below_it() -> None:
    found = answers(json.dumps({"k" * 100_000: {f"a{number}": 1 for number in range(1_000)}}))

    assert sum(len(name) for names in found for name in names) < 300_000
    assert ("k" * 200 + ".a7", "a7") in found


def test_a_long_question_keeps_its_name_up_to_a_thousand_characters() -> None:
    assert answers(json.dumps({"q" * 2_000: "yes"})) == {("q" * 1_000,): "yes"}
