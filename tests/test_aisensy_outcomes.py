"""What AiSensy answers, and what it means for a delivery."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from gateway.http import Answered, Http
from gateway.model import Outcome, OutcomeKind
from gateway.outbound.aisensy import AiSensy
from gateway.outbound.answers import KEPT, classify
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings

KEY = "eyJhbGciOiJIUzI1NiJ9.eyJpZCI6ImV4YW1wbGUifQ.c2lnbmF0dXJl"
CALL = {
    "campaignName": "price_list",
    "destination": "+12025550143",
    "userName": "Mira Sample",
    "templateParams": ["Mira", "Pune"],
}


def answered(status: int, body: Any = b"", headers: Mapping[str, str] | None = None) -> Answered:
    return Answered(status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers or {})


def meaning(outcome: Outcome) -> str:
    return f"{outcome.kind} {outcome.tag}"


NO_PLAN = "No Plan active on assistant!"
NO_CREDIT = "Insufficient WhatsApp Conversation Credits (WCC)!"
HTML = b"<html><body><h1>502 Bad Gateway</h1></body></html>"

TABLE = [
    (400, {"message": "Template params does not match the campaign"}, "config param_mismatch"),
    (400, {"message": "Campaign does not exist."}, "config campaign_missing"),
    (400, {"message": "Campaign is Not Live"}, "config campaign_not_live"),
    (400, {"message": "Invalid Number"}, "recipient invalid_number"),
    (400, {"message": "Invalid phone number"}, "recipient invalid_number"),
    (400, {"message": NO_PLAN, "name": "ERR400", "errorCode": 400, "errorMessage": NO_PLAN}, "account no_plan"),
    (400, {"errorMessage": NO_PLAN, "aisTraceId": "ais_example_0001"}, "account no_plan"),
    (402, {"name": "ERR402", "errorCode": 402, "errorMessage": NO_CREDIT}, "account no_credit"),
    (402, b"", "account no_credit"),
    (401, {"message": "no"}, "account auth"),
    (403, HTML, "account auth"),
    (404, HTML, "config bad_url"),
    (429, b"slow down", "transient rate_limited"),
    (503, HTML, "transient unavailable"),
    (408, b"", "unknown http_5xx"),
    (500, {"message": "Internal"}, "unknown http_5xx"),
    (502, HTML, "unknown http_5xx"),
    (504, HTML, "unknown http_5xx"),
    (599, b"", "unknown http_5xx"),
    (400, {"message": "something else"}, "config unclassified"),
    (418, b"", "config unclassified"),
]

ODD = [
    pytest.param(301, b"", "config bad_url", id="moved"),
    pytest.param(302, {"success": "true"}, "config bad_url", id="elsewhere"),
    pytest.param(400, {"message": "CAMPAIGN IS NOT LIVE, sorry"}, "config campaign_not_live", id="any case, inside"),
    pytest.param(500, {"error": NO_CREDIT}, "account no_credit", id="known text beats the status"),
    pytest.param(404, {"message": "Campaign does not exist."}, "config campaign_missing", id="and a 404"),
    pytest.param(400, {"error": {"message": "Invalid Number"}}, "recipient invalid_number", id="nested"),
    pytest.param(400, {"message": ["x", "Invalid Number"]}, "recipient invalid_number", id="in a list"),
    pytest.param(400, b'"Invalid Number"', "config unclassified", id="no object"),
    pytest.param(200, {"success": "true"}, "accepted accepted", id="text true"),
    pytest.param(200, {"success": True}, "accepted accepted", id="true"),
    pytest.param(201, {"success": "TRUE", "errorCode": 200}, "accepted accepted", id="code below 400"),
    pytest.param(200, {"success": "true", "errorCode": "0"}, "accepted accepted", id="numeric text"),
    pytest.param(200, {"success": "true", "error": None, "errorMessage": ""}, "accepted accepted", id="empty errors"),
    pytest.param(200, {}, "accepted accepted", id="an object that says nothing"),
    pytest.param(200, {"success": False}, "config unclassified", id="false"),
    pytest.param(200, {"success": "False"}, "config unclassified", id="text false"),
    pytest.param(200, {"success": True, "error": "odd"}, "config unclassified", id="unknown error"),
    pytest.param(200, {"errorMessage": NO_CREDIT}, "account no_credit", id="known error"),
    pytest.param(200, {"message": "Campaign is Not Live"}, "config campaign_not_live", id="known message"),
    pytest.param(200, {"errorCode": 402}, "account no_credit", id="code"),
    pytest.param(200, {"errorCode": "503"}, "transient unavailable", id="code as text"),
    pytest.param(200, {"errorCode": "ERR"}, "config unclassified", id="code that is no number"),
    pytest.param(200, b"OK", "unknown not_json", id="text"),
    pytest.param(200, HTML, "unknown not_json", id="a page"),
    pytest.param(200, b'["success"]', "unknown not_json", id="a list"),
    pytest.param(204, b"", "unknown not_json", id="nothing"),
    pytest.param(200, b'{"success":"true"', "unknown not_json", id="half"),
]


@pytest.mark.parametrize(("status", "body", "expected"), [*TABLE, *ODD])
def test_an_answer_means(status: int, body: Any, expected: str) -> None:
    assert meaning(classify(answered(status, body))) == expected


@given(
    st.integers(0, 1_000),
    st.one_of(
        st.binary(),
        st.text().map(str.encode),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(
                        ["message", "error", "errorMessage", "errorCode", "success", "submitted_message_id"]
                    ),
                    inner,
                )
            ),
        ).map(lambda value: json.dumps(value).encode()),
    ),
    st.dictionaries(st.sampled_from(["retry-after", "date"]), st.text()),
)
def test_no_answer_is_too_strange(status: int, body: bytes, headers: dict[str, str]) -> None:
    outcome = classify(Answered(status, body, headers), KEY)
    assert outcome.status == status
    assert outcome.text
    if not 200 <= status < 300:
        assert outcome.kind is not OutcomeKind.ACCEPTED


def test_the_services_sentence_and_message_id_are_kept() -> None:
    said = classify(answered(400, {"message": "Invalid Number", "aisTraceId": "ais_example_0001"}))
    assert said.text == "Invalid Number"
    assert "ais_example_0001" in said.response
    taken = classify(answered(200, {"success": "true", "submitted_message_id": "7f0c2f5e"}))
    assert taken.message_id == "7f0c2f5e"
    assert classify(answered(200, {"success": "true"})).message_id == ""


def test_the_key_is_kept_nowhere() -> None:
    other = KEY.replace("c2lnbmF0dXJl", "b3RoZXI")
    outcome = classify(answered(401, {"message": f"key {KEY} or {other} or word/word is bad"}), "word/word")
    for text in (outcome.text, outcome.response):
        assert "eyJ" not in text
        assert "word/word" not in text
        assert text.count("[key]") == 3


def test_a_key_at_the_edge_of_what_is_kept_is_not_half_kept() -> None:
    outcome = classify(answered(500, b"x" * (KEPT - 10) + KEY.encode()), KEY)
    assert outcome.response == "x" * (KEPT - 10) + "[key]"
    assert len(classify(answered(500, b"x" * 9_999)).response) == KEPT


def test_what_no_database_keeps_is_replaced() -> None:
    assert "\0" not in classify(answered(400, b'\0\xff{"message": "a\\u0000b"}')).response
    assert "\0" not in classify(answered(400, b'{"message": "a\\u0000b"}')).text


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"retry-after": "9" * 400}, 86_400.0),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 05 Oct 2026 10:02:00 GMT", "date": "Mon, 05 Oct 2026 10:00:00 GMT"}, 120.0),
        ({"retry-after": "Mon, 05 Oct 2026 09:00:00 GMT", "date": "Mon, 05 Oct 2026 10:00:00 GMT"}, 0.0),
    ],
)
def test_the_wait_that_is_asked_for_is_read(headers: dict[str, str], seconds: float | None) -> None:
    assert classify(answered(429, b"", headers)).retry_after == seconds


def test_a_wait_until_a_moment_counts_from_now_when_the_answer_has_no_date() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(minutes=5), usegmt=True)
    wait = classify(answered(429, b"", {"retry-after": moment})).retry_after
    assert wait is not None
    assert 290 < wait <= 300


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


def aisensy(url: str, *, deadline: float = 10, **settings: str) -> AiSensy:
    given = {"AISENSY_API_KEY": KEY, "AISENSY_BASE_URL": f"{url}/campaign/t1/api", **settings}
    return AiSensy(Settings.load(given, env_file=None), Http(deadline=deadline, loopback_only=True))


def fault(box: Sandbox, **asked: Any) -> None:
    requests.post(box.url + "/faults", json=asked, timeout=5).raise_for_status()


def listed(box: Sandbox) -> list[Any]:
    return list(requests.get(box.url + "/calls", timeout=5).json()["calls"])


def seen(box: Sandbox) -> Any:
    return requests.get(box.url + "/seen", timeout=5).json()


@pytest.mark.parametrize(("version", "path"), [("v1", "/campaign/t1/api"), ("v2", "/campaign/t1/api/v2")])
def test_a_right_call_is_accepted(box: Sandbox, version: str, path: str) -> None:
    outcome = aisensy(box.url, AISENSY_VERSION=version).send(CALL)
    assert (meaning(outcome), outcome.status, len(outcome.message_id)) == ("accepted accepted", 200, 36)
    (taken,) = listed(box)
    assert taken["path"] == path
    assert taken["body"] == {**CALL, "apiKey": "redacted"}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"templateParams": []}, "config param_mismatch"),
        ({"campaignName": "no_such"}, "config campaign_missing"),
        ({"campaignName": "old_offer"}, "config campaign_not_live"),
        ({"destination": "+1"}, "recipient invalid_number"),
        ({"destination": "91+919876500000"}, "recipient invalid_number"),
    ],
)
def test_a_wrong_call_is_named(box: Sandbox, wrong: dict[str, Any], expected: str) -> None:
    assert meaning(aisensy(box.url).send({**CALL, **wrong})) == expected


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"credit": "none"}, "account no_credit"),
        ({"plan": "none"}, "account no_plan"),
        ({"status": 503}, "transient unavailable"),
        ({"status": 429, "retry_after": 7}, "transient rate_limited"),
        ({"status": 502, "html": True}, "unknown http_5xx"),
        ({"status": 404}, "config bad_url"),
        ({"status": 200, "html": True}, "unknown not_json"),
        ({"cut": "before"}, "unknown timeout"),
        ({"cut": "after"}, "unknown timeout"),
    ],
)
def test_a_fault_is_named(box: Sandbox, asked: dict[str, Any], expected: str) -> None:
    fault(box, **asked)
    assert meaning(aisensy(box.url).send(CALL)) == expected


def test_silence_leaves_doubt(box: Sandbox) -> None:
    fault(box, hang="after")
    assert meaning(aisensy(box.url, deadline=0.5).send(CALL)) == "unknown timeout"


def test_a_bad_key_is_the_accounts_trouble(box: Sandbox) -> None:
    assert meaning(aisensy(box.url, AISENSY_API_KEY="bad").send(CALL)) == "account auth"


def test_a_call_that_found_nobody_can_be_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}"
    outcome = aisensy(url).send(CALL)
    assert (meaning(outcome), outcome.status) == ("transient network", None)


def test_no_call_is_made_without_a_key(box: Sandbox) -> None:
    keyless = aisensy(box.url, AISENSY_API_KEY="")
    assert keyless.send(CALL) == Outcome(OutcomeKind.ACCOUNT, "no_key", "AISENSY_API_KEY is not set")
    assert keyless.key_id == ""
    assert seen(box)["send"] == 0


def test_the_key_comes_from_the_settings_alone(box: Sandbox) -> None:
    ours = aisensy(box.url)
    assert ours.send({**CALL, "apiKey": "bad"}).kind is OutcomeKind.ACCEPTED
    assert ours.redacted({**CALL, "apiKey": "other"}) == CALL
    assert ours.key_id == hashlib.sha256(KEY.encode()).hexdigest()[:12]


def test_a_trial_sends_nothing_and_says_whether_anybody_answers(box: Sandbox) -> None:
    ours = aisensy(box.url)
    assert ours.reachable()
    assert aisensy(box.url, AISENSY_API_KEY="bad").reachable()
    for asked in ({"status": 503}, {"status": 502, "html": True}, {"status": 429}, {"status": 408}, {"cut": "before"}):
        fault(box, **asked, on="details")
        assert not ours.reachable()
    assert ours.reachable()
    assert seen(box)["send"] == 0
    assert listed(box) == []
