"""Facebook: the check of the address, and events that hold only ids."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from gateway.errors import Refused, Unreadable
from gateway.http import Http
from gateway.inbound.facebook import Facebook
from gateway.model import Event, LeadState, Reading, Request
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
SETTINGS = Settings.load(
    {
        "FACEBOOK_APP_SECRET": "s3cret,older",
        "FACEBOOK_VERIFY_TOKEN": "example-verify-token",
        "FACEBOOK_PAGE_TOKEN": "EXAMPLE_TOKEN",
        "GRAPH_BASE_URL": "http://127.0.0.1:9000/graph/v25.0",
    },
    env_file=None,
)
SOURCE = Facebook(SETTINGS, Http())


def read(payload: Any) -> Reading:
    body = json.dumps(payload).encode()
    return SOURCE.leads(Event("facebook", "", NOW, "application/json", "", body))


def page(*changes: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"object": "page", "entry": [{"id": "100", "time": 1, "changes": list(changes), **more}]}


def leadgen(**value: Any) -> dict[str, Any]:
    return {"field": "leadgen", "value": value}


def handshake(query: str) -> str:
    return SOURCE.handshake(Request("facebook", "", "GET", b"", "", {}, query))


# The check of the address


def test_the_challenge_comes_back_digit_by_digit() -> None:
    assert handshake(
        "hub.mode=subscribe&hub.challenge=0041002003001234567890&hub.verify_token=example-verify-token"
    ) == ("0041002003001234567890")


@pytest.mark.parametrize(
    ("query", "cause"),
    [
        ("", "no token"),
        ("hub.challenge=1&hub.verify_token=other", "wrong token"),
        ("hub.verify_token=example-verify-token", "no challenge"),
        ("hub.challenge=%3Cscript%3E&hub.verify_token=example-verify-token", "no challenge"),
        (f"hub.challenge={quote('४१')}&hub.verify_token=example-verify-token", "no challenge"),
    ],
)
def test_no_other_visitor_gets_a_challenge_back(query: str, cause: str) -> None:
    with pytest.raises(Refused) as refused:
        handshake(query)

    assert (refused.value.status, refused.value.cause) == (401, cause)


# Events


def test_every_change_of_every_entry_is_a_lead_with_ids_as_text() -> None:
    changes = [leadgen(leadgen_id=900100200300402, form_id="700", page_id=100, ad_id=600, adgroup_id=0, created_time=5)]
    payload = page(*changes, leadgen(leadgen_id="900100200300403", form_id=700))
    payload["entry"] *= 2

    leads = read(payload).leads

    assert [lead.submission for lead in leads] == ["900100200300402", "900100200300403"] * 2
    assert {lead.form for lead in leads} == {"700"}
    assert leads[0].about == {"page_id": "100", "form_id": "700", "ad_id": "600", "created_time": "5"}
    assert leads[1].about == {"page_id": "100", "form_id": "700"}
    assert {(lead.state, lead.reason) for lead in leads} == {(LeadState.WAITING, "for its look-up at Facebook")}


@pytest.mark.parametrize(
    "payload",
    [
        {"object": "page", "entry": [{"id": "100", "time": 1, "changed_fields": ["leadgen"]}]},
        page(leadgen()),
        page({"field": "leadgen"}),
        page(leadgen(leadgen_id=None, form_id="700")),
    ],
)
def test_values_that_are_switched_off_are_called_by_name(payload: dict[str, Any]) -> None:
    reading = read(payload)

    assert not reading.leads
    assert "switch on 'Include Values'" in reading.note


@pytest.mark.parametrize(
    ("payload", "note"),
    [
        (page({"field": "feed", "value": {}}), "Facebook told of 'feed', which is no lead"),
        ({"object": "instagram", "entry": []}, "Facebook told of 'instagram', not of a page"),
    ],
)
def test_what_is_not_about_leads_is_ignored_and_named(payload: dict[str, Any], note: str) -> None:
    assert read(payload) == Reading((), note)


def test_a_lead_beside_something_else_is_read_and_the_rest_is_noted() -> None:
    reading = read(page({"field": "feed"}, leadgen(leadgen_id=1), changed_fields=["leadgen"]))

    assert [lead.submission for lead in reading.leads] == ["1"]
    assert "'feed'" in reading.note
    assert "'Include Values'" in reading.note


@pytest.mark.parametrize("payload", [[], {}, {"object": "page"}, {"object": "page", "entry": {}}, "text", None])
def test_what_is_no_event_of_facebook_is_unreadable(payload: Any) -> None:
    with pytest.raises(Unreadable, match="event of Facebook"):
        read(payload)


def test_an_imitation_has_fresh_ids_and_times_and_keeps_every_other_byte() -> None:
    body = (
        b'{"object":"page","entry":[{"id":"100","time":1791200010,"changes":[{"field":"leadgen","value":'
        b'{"leadgen_id":900100200300401,"form_id":"700","created_time":1791200005}}, '
        b'{"field":"leadgen","value":{"leadgen_id":"9001","form_id":"\\u0037"}}]}]}'
    )
    posting = SOURCE.imitate(Event("facebook", "", NOW, "", "", body), now=NOW, nonce="42")

    assert posting.renamed == {"900100200300401": "90010020030040142", "9001": "900142"}
    seconds = str(int(NOW.timestamp())).encode()
    assert posting.body == (
        body.replace(b"900100200300401", b"90010020030040142")
        .replace(b'"9001"', b'"900142"')
        .replace(b"1791200010", seconds)
        .replace(b"1791200005", seconds)
    )
