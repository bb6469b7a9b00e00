"""What AiSensy's answer about a campaign tells, and what it does not prove."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.http import Answered
from gateway.model import Contract, Media, Seen
from gateway.outbound.contracts import read_seen

SAMPLE = {"templateParams": ["$FirstName"]}
NAMES = ["requestBody", "data", "campaign", "status", "media", "templateParams", "message", "success"]

#: JSON of any shape, of the names that are looked for.
ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(NAMES), inner),
)

PLACES = {
    "at the top": {"success": True, "requestBody": SAMPLE},
    "in data": {"success": "true", "data": {"requestBody": SAMPLE}},
    "in campaign": {"campaign": {"requestBody": SAMPLE}},
}


@pytest.mark.parametrize("body", PLACES.values(), ids=PLACES)
def test_a_contract_is_read_wherever_it_stands(body: Any) -> None:
    assert _read(200, body) == Seen(Contract(1))


@pytest.mark.parametrize(
    ("sample", "contract"),
    [
        ({}, Contract(0)),
        ({"templateParams": None}, Contract(0)),
        ({"templateParams": ["$A", "$B"], "media": {}}, Contract(2)),
        ({"media": {"url": "", "filename": " "}}, Contract(0)),
        ({"media": {"url": "https://cdn.example.com/a.pdf"}}, Contract(0, Media.YES)),
        ({"templateParams": 3}, None),
    ],
)
def test_a_contract_is_what_the_sample_of_a_call_shows(sample: Any, contract: Contract | None) -> None:
    assert _read(200, {"success": True, "requestBody": sample}).contract == contract


@pytest.mark.parametrize(
    ("status", "body", "says"),
    [
        (401, {"message": "no such key"}, "no such key"),
        (400, {"message": "Campaign is Not Live"}, "Campaign is Not Live"),
        (200, {"success": False, "requestBody": SAMPLE, "message": "odd"}, "odd"),
        (200, {"success": True, "requestBody": "{}"}, "AiSensy's answer shows no call of this campaign"),
        (500, b"<html>", "AiSensy answered 500 without a reason we can read"),
        (200, b"<html>", "AiSensy answered 200 without a reason we can read"),
    ],
)
def test_what_is_no_contract_is_a_sentence_and_no_proof(status: int, body: Any, says: str) -> None:
    assert _read(status, body) == Seen(says=says)


@pytest.mark.parametrize("status", [200, 400, 404])
def test_only_aisensys_own_words_prove_that_a_campaign_is_gone(status: int) -> None:
    answer = {"success": False, "message": "Campaign does not exist."}
    assert _read(status, answer) == Seen(missing=True, says="Campaign does not exist.")


def test_the_key_is_in_nothing_that_is_kept() -> None:
    answers = [{"success": True, "message": "key s3cret"}, {"campaign": {"status": "s3cret"}}, {"error": "s3cret"}]
    for answer in answers:
        assert "s3cret" not in str(_read(200, answer))


@given(st.integers(100, 599), ANSWERS)
def test_no_answer_is_too_strange(status: int, body: Any) -> None:
    seen = _read(status, body)
    assert seen.contract or seen.says


def _read(status: int, body: Any) -> Seen:
    return read_seen(Answered(status, body if isinstance(body, bytes) else json.dumps(body).encode()), "s3cret")
