"""Facebook's look-ups: what a lead becomes by one, and all the ways they fail."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import LookupFatal, LookupPaused, LookupRetry
from gateway.http import Answered, CallFailed
from gateway.inbound.facebook import Facebook
from gateway.inbound.graph import ALL_FIELDS, FEW_FIELDS
from gateway.model import Answer, Lead, LeadState
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
PROOF = "72025a77c201a7171360471735b74292348053b59ac83301635f55529d57d1ac"
SETTINGS = Settings.load(
    {
        "FACEBOOK_APP_SECRET": "s3cret,older",
        "FACEBOOK_VERIFY_TOKEN": "example-verify-token",
        "FACEBOOK_PAGE_TOKEN": "EXAMPLE_TOKEN",
        "GRAPH_BASE_URL": "http://127.0.0.1:9000/graph/v25.0",
    },
    env_file=None,
)
LEAD = Lead(
    "facebook", "700", NOW, "900100200300401", about={"page_id": "100200300400500", "created_time": "1791200005"}
)
TOLD: dict[str, Any] = {
    "id": "900100200300401",
    "created_time": "2026-10-05T11:33:25+0000",
    "form_id": "700",
    "field_data": [{"name": "full_name", "values": ["Mira Sample"]}],
}


class Graph:
    """Answers look-ups in turn, and remembers what was asked."""

    def __init__(self, *answers: Answered | CallFailed) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = []

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        self.asked.append((url, params, headers))
        answer = self.answers.pop(0)
        if isinstance(answer, CallFailed):
            raise answer
        return answer


def told(lead: Mapping[str, Any]) -> Answered:
    return Answered(200, json.dumps(lead).encode())


def error(code: int, status: int = 400, headers: Mapping[str, str] | None = None, **more: Any) -> Answered:
    return Answered(
        status, json.dumps({"error": {"message": "Example text", "code": code, **more}}).encode(), headers or {}
    )


def fetch(*answers: Answered | CallFailed, lead: Lead = LEAD) -> Lead:
    return Facebook(SETTINGS, Graph(*answers)).fetch(lead)


def test_a_look_up_shows_the_token_in_a_header_and_the_proof_as_a_parameter() -> None:
    graph = Graph(told(TOLD))

    Facebook(SETTINGS, graph).fetch(LEAD)

    params = {"fields": ALL_FIELDS, "appsecret_proof": PROOF}
    url = "http://127.0.0.1:9000/graph/v25.0/900100200300401"
    assert graph.asked == [(url, params, {"Authorization": "Bearer EXAMPLE_TOKEN"})]


def test_answers_consents_and_facts_come_from_the_look_up() -> None:
    lead = fetch(
        told(
            {
                **TOLD,
                "ad_id": 600,
                "campaign_name": "Autumn launch",
                "campaign_id": "400",
                "ad_name": "Video A",
                "is_organic": False,
                "platform": "ig",
                "field_data": [
                    {"name": "full_name", "values": ["Mira Sample"]},
                    {"name": "which_flat_size_?", "values": ["2_bhk", "3_bhk"]},
                    {"name": "best_time", "values": []},
                    {"name": "city", "values": [" "]},
                    {"name": "", "values": ["nameless"]},
                    {"values": "odd"},
                    "odd",
                ],
                "custom_disclaimer_responses": [
                    {"checkbox_key": "whatsapp_ok", "is_checked": "1"},
                    {"checkbox_key": "calls_ok", "is_checked": True},
                    {"checkbox_key": "newsletter", "is_checked": ""},
                    {"checkbox_key": "partners", "is_checked": False},
                ],
            }
        )
    )

    assert lead.answers == (
        Answer(("full_name",), "Mira Sample"),
        Answer(("which_flat_size_?",), ("2_bhk", "3_bhk")),
        Answer(("whatsapp_ok",), "yes"),
        Answer(("calls_ok",), "yes"),
        Answer(("newsletter",), "no"),
        Answer(("partners",), "no"),
    )
    assert lead.about == {
        "page_id": "100200300400500",
        "created_time": "2026-10-05T11:33:25+0000",
        "ad_id": "600",
        "ad_name": "Video A",
        "campaign_id": "400",
        "ad_campaign": "Autumn launch",
        "platform": "ig",
        "is_organic": "no",
    }
    assert (lead.state, lead.reason, lead.form) == (None, "", "700")


@pytest.mark.parametrize("dummy", ["<test lead: dummy data for full_name>", "<Test lead: dummy data for PHONE>"])
def test_a_lead_of_the_testing_tool_is_a_test(dummy: str) -> None:
    lead = fetch(told({**TOLD, "field_data": [*TOLD["field_data"], {"name": "q", "values": [dummy]}]}))

    assert (lead.state, lead.reason) == (LeadState.TEST, "it comes from Facebook's testing tool")


@pytest.mark.parametrize("code", [10, 200, 299, 100])
def test_a_refused_look_up_is_tried_once_more_with_fewer_fields(code: int) -> None:
    graph = Graph(error(code), told(TOLD))

    lead = Facebook(SETTINGS, graph).fetch(LEAD)

    assert lead.answers == (Answer(("full_name",), "Mira Sample"),)
    assert [params["fields"] for _, params, _ in graph.asked] == [ALL_FIELDS, FEW_FIELDS]


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (error(190, error_subcode=458), "the app was removed"),
        (error(190, error_subcode=459), "log in first"),
        (error(190, error_subcode=460), "the password was changed"),
        (error(190, error_subcode=463, status=401), "it has expired"),
        (error(190, error_subcode=467), "no longer valid"),
        (error(190), "code 190: Example text"),
        (error(190, status=200), "code 190: Example text"),
        (error(102), "code 102: Example text"),
        (error(3), "may not read leads at all"),
    ],
)
def test_a_dead_token_pauses_its_page_and_says_why(answer: Answered, cause: str) -> None:
    with pytest.raises(LookupPaused, match=cause) as paused:
        fetch(answer)

    assert (paused.value.key, paused.value.until) == ("page 100200300400500", None)


@pytest.mark.parametrize("code", [10, 200, 275, 299])
def test_a_missing_permission_pauses_its_page_after_the_second_try(code: int) -> None:
    with pytest.raises(LookupPaused, match="may not read the leads of page 100200300400500") as paused:
        fetch(error(code), error(code))

    assert paused.value.key == "page 100200300400500"


USAGE = {
    "7": [{"type": "leadgen", "estimated_time_to_regain_access": 12}, {"estimated_time_to_regain_access": 3}],
    "8": 1,
}


@pytest.mark.parametrize("code", [4, 17, 32, 341, 613, 80000, 80001, 80005, 80014])
@pytest.mark.parametrize(
    ("usage", "seconds"), [(json.dumps(USAGE), 720), ("not json", 300), ('{"7":[{}]}', 300), ("[]", 300), (None, 300)]
)
def test_a_throttled_look_up_pauses_its_page_as_long_as_facebook_says(
    code: int, usage: str | None, seconds: float
) -> None:
    headers = {} if usage is None else {"x-business-use-case-usage": usage}

    with pytest.raises(LookupPaused, match="limits look-ups for a time") as paused:
        fetch(error(code, headers=headers))

    assert (paused.value.key, paused.value.until) == ("page 100200300400500", seconds)


@pytest.mark.parametrize(
    "answer",
    [
        error(1),
        error(2, status=500),
        error(12345),
        error(190, is_transient=True),
        error(200, is_transient=True),
        error(100, status=503),
        Answered(200, b'{"error":"odd"}'),
        Answered(200, b"Service Unavailable"),
        Answered(200, b"[]"),
        Answered(200, b'{"id":"900100200300401"}'),
        Answered(404, b"{}"),
        Answered(502, b"<html>"),
        Answered(302, b""),
        CallFailed("no answer within 20 s", left=True),
    ],
)
def test_what_may_pass_is_asked_again(answer: Answered | CallFailed) -> None:
    with pytest.raises(LookupRetry) as retry:
        fetch(answer)

    assert retry.value.after is None


def test_too_many_requests_and_a_blocked_app_pause_the_page_for_a_time() -> None:
    with pytest.raises(LookupPaused) as throttled:
        fetch(Answered(429, b'{"error":{}}'))
    with pytest.raises(LookupPaused, match="blocks the app") as blocked:
        fetch(error(368))

    assert (throttled.value.until, blocked.value.until) == (300, 3600)


def test_a_lead_that_cannot_be_seen_is_asked_again_and_both_causes_are_named() -> None:
    with pytest.raises(LookupRetry, match=r"no such lead .* or the token may not see it"):
        fetch(error(100, error_subcode=33))


def test_a_bad_parameter_is_final_only_after_the_second_try() -> None:
    with pytest.raises(LookupFatal, match="code 100: Example text"):
        fetch(error(100), error(100))
    with pytest.raises(LookupFatal, match="code 803"):
        fetch(error(803))


@pytest.mark.parametrize("lead_id", ["", "{{lead_id}}", "1/../me", "9" * 101, "9001002\n", "४१"])
def test_a_malformed_id_is_never_asked_for(lead_id: str) -> None:
    with pytest.raises(LookupFatal, match="no id of a Facebook lead"):
        fetch(lead=replace(LEAD, submission=lead_id))


@pytest.mark.parametrize(
    "answer",
    [
        error(190, message=f"Malformed access token EXAMPLE_TOKEN and {PROOF}"),
        error(1, message=f"EXAMPLE_TOKEN {PROOF}"),
        CallFailed(f"GET ?appsecret_proof={PROOF} EXAMPLE_TOKEN", left=False),
    ],
)
def test_no_error_repeats_the_token_or_the_proof(answer: Answered | CallFailed) -> None:
    with pytest.raises((LookupRetry, LookupPaused)) as failed:
        fetch(answer)

    assert "EXAMPLE_TOKEN" not in str(failed.value)
    assert PROOF not in str(failed.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)


@given(
    found=st.fixed_dictionaries(
        {}, optional=dict.fromkeys(("error", "field_data", "custom_disclaimer_responses", "form_id"), json_values)
    ),
    status=st.integers(100, 599),
)
def test_no_answer_of_graph_is_more_than_a_lead_or_a_known_error(found: dict[str, Any], status: int) -> None:
    answer = Answered(status, json.dumps(found).encode())
    known = (LookupRetry, LookupPaused, LookupFatal)
    with contextlib.suppress(*known):
        assert isinstance(fetch(answer, answer), Lead)
