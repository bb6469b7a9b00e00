"""Phone numbers that a website form asks for in pieces: never one of the pieces alone, never a guessed country."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.http import Http
from gateway.inbound.website import Website
from gateway.model import Event, Value
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
SOURCE = Website(Settings.load({}, env_file=None), Http())
WHOLE = "+977 9841234567"


def named(body: bytes | dict[str, Any]) -> dict[str, Value]:
    """Every answer by each of its names."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    (lead,) = SOURCE.leads(Event("website", "price-list", NOW, "", "", raw)).leads
    return {name: answer.value for answer in lead.answers for name in answer.names}


@pytest.mark.parametrize(
    ("pieces", "whole"),
    [
        ({"code": "+977", "number": "9841234567"}, WHOLE),
        ({"code": "977", "number": "9841234567"}, WHOLE),
        ({"country_code": 977, "phone": 9841234567}, WHOLE),
        ({"countryCode": "00977", "phone_number": "9841234567"}, WHOLE),
        ({"countryCode": "NP", "phone": "9841234567"}, WHOLE),
        ({"dial_code": "Nepal (+977)", "mobile": "9841234567"}, WHOLE),
        ({"country": "977", "area": "984", "phone": "1234567"}, "+977 984 1234567"),
        ({"area": "202", "phone": "555-0144"}, "202 555-0144"),
        ({"areaCode": "+44", "number": "7911 123456"}, "+44 7911 123456"),
        ({"code": "+1-684", "number": "733 1234"}, "+1-684 733 1234"),
        ({"code": "+91", "number": "+9779841234567"}, "+9779841234567"),
        ({"full": "(202) 555-0143"}, "(202) 555-0143"),
    ],
)
def test_an_object_of_code_and_number_is_one_answer_under_every_name(pieces: dict[str, Any], whole: str) -> None:
    found = named({"name": "Mira", "alt": pieces})

    assert found["alt"] == whole
    assert set(found.values()) == {"Mira", whole}


def test_brackets_in_a_form_are_such_an_object_too() -> None:
    found = named(urlencode({"phone[code]": "+977", "phone[number]": "9841234567"}).encode())

    assert found == dict.fromkeys(("phone", "phone.number", "phone[number]", "number"), WHOLE)


@pytest.mark.parametrize("names", [("country_code", "phone"), ("countryCode", "Mobile no."), ("Dial code", "whatsapp")])
@pytest.mark.parametrize("code", ["+977", "977", "Nepal (+977)"])
def test_a_number_beside_the_only_code_bears_it(names: tuple[str, str], code: str) -> None:
    given = {names[0]: code, names[1]: "9841234567", "name": "Mira", "age": "31"}

    for body in (given, urlencode(given).encode()):
        assert named(body) == given | {names[1]: WHOLE}
    assert named({"contact": given})[names[1]] == WHOLE
    rows = [{"label": label, "value": text} for label, text in given.items()]
    assert named({"fields": rows})[names[1]] == WHOLE


@pytest.mark.parametrize(
    "given",
    [
        {"country_code": "+977", "phone": "+12025550143"},
        {"country_code": "+977", "phone": "0012025550143"},
        {"country_code": "+977", "phone": " 12025550143"},
        {"country_code": "+977", "phone_code": "+91", "phone": "9841234567"},
        {"country_code": "NP", "phone": "9841234567"},
        {"country_code": "+977", "city": "12345678"},
        {"country_code": "+977", "phone": "same"},
    ],
)
def test_a_number_keeps_its_own_country_and_an_unclear_code_is_not_used(given: dict[str, str]) -> None:
    assert named(given) == given


@pytest.mark.parametrize(
    "pieces",
    [
        {"code": "SAVE", "number": "98412345"},
        {"area": "Baner", "number": "12345"},
        {"code": "91", "number": "17"},
        {"code": "91", "number": "9841234567", "city": "Goa"},
        {"phone": "9841234567", "mobile": "9841234568", "code": "977"},
        {"country": "India", "phone": "9841234567"},
        {"full": "Mira Sample"},
        {"code": ["1", "2"], "number": "9841234567"},
    ],
)
def test_other_objects_keep_their_answers(pieces: dict[str, Any]) -> None:
    found = named({"alt": pieces})

    assert "alt" not in found
    assert {f"alt.{name}" for name in pieces} <= found.keys()
