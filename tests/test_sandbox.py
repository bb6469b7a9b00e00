"""The sandbox over real HTTP: what AiSensy and Graph would say, and every way to break it."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
import socket
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from gateway.errors import GatewayError
from gateway.http import CallFailed, Http
from gateway.sandbox.campaigns import Campaign, load_campaigns
from gateway.sandbox.server import Sandbox, greeting, serve

V1 = "/campaign/t1/api"
V2 = "/campaign/t1/api/v2"
DETAILS = "/campaign/t1/api/campaign-details"
CALL = {
    "apiKey": "some-key",
    "campaignName": "price_list",
    "destination": "+12025550143",
    "userName": "Mira Sample",
    "templateParams": ["Mira", "Pune"],
}
MEDIA = {"url": "https://cdn.example.com/a.pdf", "filename": "a.pdf"}
PRIORITY = {**CALL, "campaignName": "goa_villas_priority", "templateParams": ["a", "b", "c"], "media": MEDIA}


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with Sandbox(graph_secret="s3cret") as running:
        yield running


@pytest.fixture
def http() -> Http:
    return Http(deadline=10, loopback_only=True)


def send(box: Sandbox, http: Http, body: Any, path: str = V1) -> tuple[int, Any]:
    answered = http.post(box.url + path, json=json.dumps(body).encode())
    return answered.status, json.loads(answered.body)


def ask(box: Sandbox, http: Http, path: str) -> Any:
    return json.loads(http.get(box.url + path, params={}, headers={}).body)


def delete(box: Sandbox, path: str) -> None:
    requests.delete(box.url + path, timeout=5).raise_for_status()


def put(box: Sandbox, campaign: str, asked: Any) -> tuple[int, Any]:
    answer = requests.put(f"{box.url}/campaigns/{campaign}", json=asked, timeout=5)
    return answer.status_code, answer.json()


def calls(box: Sandbox, http: Http) -> list[Any]:
    return list(ask(box, http, "/calls")["calls"])


def fault(box: Sandbox, http: Http, **asked: Any) -> tuple[int, Any]:
    return send(box, http, asked, "/faults")


def cut(box: Sandbox, http: Http, path: str = V1) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        send(box, http, CALL, path)
    assert caught.value.left
    return caught.value


@pytest.mark.parametrize("path", [V1, V2])
def test_a_right_call_is_taken_and_listed_without_its_key(box: Sandbox, http: Http, path: str) -> None:
    status, answer = send(box, http, {**CALL, "attributes": {"city": "Pune"}, "tags": ["x"], "buttons": []}, path)
    assert status == 200
    assert answer["success"] == "true"
    assert len(answer["submitted_message_id"]) == 36
    (taken,) = calls(box, http)
    assert datetime.fromisoformat(taken["at"]).utcoffset() == timedelta(0)
    assert taken["path"] == path
    assert taken["body"]["apiKey"] == "redacted"
    assert taken["body"]["templateParams"] == ["Mira", "Pune"]


@pytest.mark.parametrize(
    ("wrong", "status", "text"),
    [
        ({"apiKey": "bad-key"}, 401, "key"),
        ({"apiKey": ""}, 401, "key"),
        ({"campaignName": "no_such"}, 400, "Campaign does not exist."),
        ({"campaignName": "old_offer", "templateParams": ["a"]}, 400, "Campaign is Not Live"),
        ({"destination": "12345"}, 400, "Invalid Number"),
        ({"destination": "+0123456789"}, 400, "Invalid Number"),
        ({"destination": "someone"}, 400, "Invalid Number"),
        ({"destination": "91+919876500000"}, 400, "Invalid phone number"),
        ({"templateParams": ["Mira"]}, 400, "Template params does not match the campaign"),
        ({"templateParams": ["Mira", "Pune", "x"]}, 400, "Template params does not match the campaign"),
        ({"campaignName": "goa_villas_priority", "templateParams": ["a", "b", "c"]}, 400, "media"),
        ({"media": {"url": "https://cdn.example.com/a.pdf"}}, 400, "media"),
        ({"userName": ""}, 400, "userName"),
        ({"attributes": {"budget": 80}}, 400, "attributes"),
        ({"tags": "hot"}, 400, "tags"),
        ({"templateParams": [1, 2]}, 400, "templateParams"),
    ],
)
def test_a_wrong_call_is_refused_and_not_taken(
    box: Sandbox, http: Http, wrong: dict[str, Any], status: int, text: str
) -> None:
    answered, body = send(box, http, {**CALL, **wrong})
    assert answered == status
    assert text in body["message"]
    assert calls(box, http) == []
    assert ask(box, http, "/seen")["send"] == 1


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_call_is_refused(box: Sandbox, http: Http, body: bytes) -> None:
    assert http.post(box.url + V1, json=body).status == 401


@pytest.mark.parametrize(
    ("destination", "number"),
    [
        ("+12025550143", "+12025550143"),
        ("12025550143", "+12025550143"),
        ("2025550143", "+912025550143"),
        ("02025550143", "+912025550143"),
    ],
)
def test_a_number_without_a_country_is_taken_for_indian(
    box: Sandbox, http: Http, destination: str, number: str
) -> None:
    assert send(box, http, {**CALL, "destination": destination})[0] == 200
    assert calls(box, http)[0]["number"] == number


def test_a_campaign_with_media_takes_media(box: Sandbox, http: Http) -> None:
    assert send(box, http, PRIORITY)[0] == 200


def test_the_list_of_calls_can_be_cleared(box: Sandbox, http: Http) -> None:
    send(box, http, CALL)
    delete(box, "/calls")
    assert calls(box, http) == []
    assert ask(box, http, "/seen") == {"send": 0, "details": 0, "graph": 0, "destinations": []}


def test_every_request_is_counted_accepted_or_not(box: Sandbox, http: Http) -> None:
    fault(box, http, status=503)
    send(box, http, CALL)
    send(box, http, {**CALL, "destination": "12345"})
    send(box, http, CALL)
    send(box, http, CALL, DETAILS)
    http.get(f"{box.url}/graph/v25.0/1", params={}, headers={})
    assert ask(box, http, "/seen") == {
        "send": 3,
        "details": 1,
        "graph": 1,
        "destinations": ["+12025550143", "12345", "+12025550143"],
    }


def test_details_tell_a_campaigns_contract(box: Sandbox, http: Http) -> None:
    status, answer = send(box, http, {"apiKey": "k", "campaignName": "goa_villas_priority"}, DETAILS)
    assert (status, answer["success"]) == (200, True)
    assert len(answer["requestBody"]["templateParams"]) == 3
    assert set(answer["requestBody"]["media"]) == {"url", "filename"}
    _, plain = send(box, http, {"apiKey": "k", "campaignName": "price_list"}, DETAILS)
    assert "media" not in plain["requestBody"]


def test_details_of_an_unknown_campaign_are_a_no_and_a_bad_key_is_refused(box: Sandbox, http: Http) -> None:
    status, answer = send(box, http, {"apiKey": "k", "campaignName": "test"}, DETAILS)
    assert (status, answer["success"]) == (200, False)
    assert send(box, http, {"apiKey": "bad", "campaignName": "test"}, DETAILS)[0] == 401


def test_a_status_comes_as_often_as_asked_and_takes_nothing(box: Sandbox, http: Http) -> None:
    fault(box, http, status=503, times=2)
    assert [send(box, http, CALL)[0] for _ in range(3)] == [503, 503, 200]
    assert len(calls(box, http)) == 1


def test_a_fault_without_end_lasts_until_it_is_cleared(box: Sandbox, http: Http) -> None:
    fault(box, http, status=503, times=0)
    assert {send(box, http, CALL)[0] for _ in range(5)} == {503}
    assert ask(box, http, "/faults")["faults"] == [{"on": "send", "times": 0, "status": 503}]
    delete(box, "/faults")
    assert send(box, http, CALL)[0] == 200


def test_an_html_page_comes_in_place_of_an_answer(box: Sandbox, http: Http) -> None:
    fault(box, http, status=502, html=True)
    answered = http.post(box.url + V1, json=json.dumps(CALL).encode())
    assert answered.status == 502
    assert answered.headers["content-type"].startswith("text/html")
    assert answered.body.startswith(b"<html>")


def test_a_throttle_says_when_to_come_again(box: Sandbox, http: Http) -> None:
    fault(box, http, status=429, retry_after=7)
    answered = http.post(box.url + V1, json=json.dumps(CALL).encode())
    assert (answered.status, answered.headers["retry-after"]) == (429, "7")


def test_any_body_can_be_answered(box: Sandbox, http: Http) -> None:
    fault(box, http, status=200, body={"errorMessage": "odd"})
    assert send(box, http, CALL) == (200, {"errorMessage": "odd"})


def test_an_account_runs_out_of_credit_and_gets_it_back(box: Sandbox, http: Http) -> None:
    fault(box, http, credit="none")
    status, answer = send(box, http, CALL)
    assert (status, answer["errorMessage"]) == (402, "Insufficient WhatsApp Conversation Credits (WCC)!")
    fault(box, http, credit="back")
    assert send(box, http, CALL)[0] == 200


def test_an_account_loses_its_plan_until_all_is_mended(box: Sandbox, http: Http) -> None:
    fault(box, http, plan="none")
    status, answer = send(box, http, CALL)
    assert (status, answer["message"]) == (400, "No Plan active on assistant!")
    delete(box, "/faults")
    assert send(box, http, CALL)[0] == 200


def test_a_delay_is_waited_and_the_call_taken(box: Sandbox, http: Http) -> None:
    fault(box, http, delay=0.3)
    began = time.monotonic()
    assert send(box, http, CALL)[0] == 200
    assert time.monotonic() - began >= 0.3


@pytest.mark.parametrize(("when", "taken"), [("before", 0), ("after", 1)])
def test_a_hang_gives_no_answer(box: Sandbox, http: Http, when: str, taken: int) -> None:
    fault(box, http, hang=when, seconds=30)
    assert "gave no whole answer" in str(cut(box, Http(deadline=0.5)))
    assert len(calls(box, http)) == taken


@pytest.mark.parametrize(("when", "taken"), [("before", 0), ("after", 1)])
def test_a_cut_line_gives_no_answer(box: Sandbox, http: Http, when: str, taken: int) -> None:
    fault(box, http, cut=when)
    assert "broke off" in str(cut(box, http))
    assert len(calls(box, http)) == taken


def _raw(box: Sandbox) -> tuple[socket.socket, io.BufferedReader]:
    line = socket.create_connection(("127.0.0.1", box.port), timeout=5)
    return line, line.makefile("rb")


def _answer_on(line: socket.socket, reader: io.BufferedReader) -> list[bytes]:
    """The head of the answer to one call on this line; its body is read too."""
    body = json.dumps(CALL).encode()
    line.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (V1.encode(), len(body), body))
    head = [row.strip() for row in iter(reader.readline, b"\r\n")]
    reader.read(next(int(row[15:]) for row in head if row.lower().startswith(b"content-length:")))
    return head


def test_a_line_is_kept_for_the_next_call(box: Sandbox) -> None:
    line, reader = _raw(box)
    with line, reader:
        assert [_answer_on(line, reader)[0] for _ in range(3)] == [b"HTTP/1.1 200 OK"] * 3


def test_a_kept_line_closes_without_a_word(box: Sandbox, http: Http) -> None:
    fault(box, http, close=True)
    line, reader = _raw(box)
    with line, reader:
        head = _answer_on(line, reader)
        assert head[0] == b"HTTP/1.1 200 OK"
        assert not any(row.lower().startswith(b"connection") for row in head)
        assert reader.read() == b""


def test_a_call_after_an_unannounced_closing_is_made_on_a_new_line(box: Sandbox, http: Http) -> None:
    fault(box, http, close=True, times=5)
    assert [send(box, http, CALL)[0] for _ in range(6)] == [200] * 6
    assert len(calls(box, http)) == 6


def test_faults_strike_only_where_they_are_put(box: Sandbox, http: Http) -> None:
    fault(box, http, status=500, on="details")
    assert send(box, http, CALL)[0] == 200
    assert send(box, http, CALL, DETAILS)[0] == 500
    fault(box, http, status=500, on="all", times=2)
    assert send(box, http, CALL)[0] == 500
    assert look_up(box, http, "1", "token")[0] == 500


def test_every_fault_of_the_docs_is_one(box: Sandbox, http: Http) -> None:
    docs = Path(__file__).parents[1] / "docs" / "sandbox.md"
    faults = re.findall(r"^\| `(\{.+?\})` \|", docs.read_text("utf-8"), re.MULTILINE)
    assert len(faults) == 13
    for asked in faults:
        assert (asked, send(box, http, json.loads(asked), "/faults")[0]) == (asked, 200)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({}, "A fault needs one of status, html, error, body, delay, hang, cut, close"),
        ([], "A fault is a JSON object"),
        ({"times": 2}, "A fault needs one of status, html, error, body, delay, hang, cut, close"),
        ({"status": 503, "time": 2}, "'time' is no word of a fault"),
        ({"status": 99}, "'status' must be an HTTP status, 200 to 599"),
        ({"hang": "later"}, "'hang' must be before or after"),
        ({"delay": "soon"}, "'delay' not a valid number"),
        ({"status": 503, "on": "moon"}, "'on' must be send, details, graph or all"),
        ({"credit": "some"}, "'credit' stands alone and is none or back"),
        ({"credit": "none", "status": 503}, "'credit' stands alone and is none or back"),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(box: Sandbox, http: Http, asked: Any, sentence: str) -> None:
    assert send(box, http, asked, "/faults") == (400, {"message": sentence})


def test_a_fault_that_is_no_json_is_refused(box: Sandbox, http: Http) -> None:
    assert http.post(box.url + "/faults", json=b"{status: 503}").status == 400


LEAD = {
    "id": "900100200300401",
    "created_time": "2026-10-05T11:33:25+0000",
    "form_id": "700100200300400",
    "ad_name": "Video A",
    "field_data": [{"name": "full_name", "values": ["Mira Sample"]}],
}


def look_up(box: Sandbox, http: Http, lead_id: str, token: str, **params: str) -> tuple[int, Any]:
    proof = hmac.new(b"s3cret", token.encode(), hashlib.sha256).hexdigest()
    answered = http.get(
        f"{box.url}/graph/v25.0/{lead_id}",
        params={"appsecret_proof": proof, **params},
        headers={"Authorization": f"Bearer {token}"},
    )
    return answered.status, json.loads(answered.body)


@pytest.mark.parametrize(
    "given", [LEAD, [LEAD], {"900100200300401": {name: LEAD[name] for name in LEAD if name != "id"}}]
)
def test_leads_put_in_are_found(box: Sandbox, http: Http, given: Any) -> None:
    assert send(box, http, given, "/graph/leads") == (200, {"stored": 1})
    status, lead = look_up(box, http, "900100200300401", "token", fields="id,created_time,form_id,ad_name,field_data")
    assert (status, lead) == (200, LEAD)


def test_only_the_fields_asked_for_come_back(box: Sandbox, http: Http) -> None:
    send(box, http, LEAD, "/graph/leads")
    assert set(look_up(box, http, LEAD["id"], "token", fields="form_id,nonsense")[1]) == {"id", "form_id"}  # type: ignore[arg-type]
    assert "ad_name" not in look_up(box, http, "900100200300401", "token")[1]


@pytest.mark.parametrize(
    ("lead_id", "token", "params", "code", "subcode"),
    [
        ("404", "token", {}, 100, 33),
        ("900100200300401", "dead-token", {}, 190, 463),
        ("900100200300401", "noperm-token", {}, 200, None),
        ("900100200300401", "", {}, 190, None),
        ("900100200300401", "token", {"appsecret_proof": "00"}, 100, None),
    ],
)
def test_a_look_up_that_fails_says_graphs_code(
    box: Sandbox, http: Http, lead_id: str, token: str, params: dict[str, str], code: int, subcode: int | None
) -> None:
    send(box, http, LEAD, "/graph/leads")
    status, answer = look_up(box, http, lead_id, token, **params)
    assert status == 400
    assert (answer["error"]["code"], answer["error"].get("error_subcode")) == (code, subcode)


def test_graphs_own_errors_can_be_asked_for(box: Sandbox, http: Http) -> None:
    error = {"code": 4, "message": "limit", "is_transient": True}
    fault(box, http, on="graph", status=403, error=error)
    assert look_up(box, http, "1", "token") == (403, {"error": error})


@pytest.mark.parametrize("given", [[], {}, [1], "x", [{"field_data": []}], {"1": "x"}])
def test_leads_without_ids_are_refused(box: Sandbox, http: Http, given: Any) -> None:
    assert send(box, http, given, "/graph/leads")[0] == 400


def test_a_campaign_changes_while_the_sandbox_runs(box: Sandbox, http: Http) -> None:
    assert put(box, "price_list", {"params": 3}) == (
        200,
        {"name": "price_list", "params": 3, "media": False, "live": True},
    )
    assert send(box, http, CALL)[0] == 400
    assert send(box, http, {**CALL, "templateParams": ["a", "b", "c"]})[0] == 200

    put(box, "price_list", {"media": True, "live": False})
    listed = [Campaign(**one) for one in ask(box, http, "/campaigns")["campaigns"]]
    assert Campaign("price_list", 3, media=True, live=False) in listed
    told = send(box, http, {"apiKey": "k", "campaignName": "price_list"}, DETAILS)[1]
    assert (len(told["requestBody"]["templateParams"]), told["requestBody"]["media"]["filename"]) == (3, "sample.pdf")
    assert send(box, http, CALL)[1] == {"message": "Campaign is Not Live"}


def test_a_campaign_comes_and_goes_while_the_sandbox_runs(box: Sandbox, http: Http) -> None:
    name = "spring offer/2 für alle"
    put(box, quote(name), {"params": 2})
    assert send(box, http, {**CALL, "campaignName": name})[0] == 200

    delete(box, f"/campaigns/{quote(name)}")
    assert send(box, http, {**CALL, "campaignName": name})[1] == {"message": "Campaign does not exist."}


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"params": "two"}, "campaign 'price_list', 'params' must be a number from 0 to 100"),
        ({"param": 2}, "campaign 'price_list', 'param' is no key of a campaign"),
        ({"name": "x"}, "Send a JSON object of params, media and live; the campaign's name stands in the address"),
        ([], "Send a JSON object of params, media and live; the campaign's name stands in the address"),
    ],
)
def test_a_change_that_is_none_is_refused(box: Sandbox, asked: Any, sentence: str) -> None:
    assert put(box, "price_list", asked) == (400, {"message": sentence})


def test_a_campaign_that_is_not_there_cannot_go(box: Sandbox) -> None:
    assert requests.delete(f"{box.url}/campaigns/none", timeout=5).json() == {"message": "There is no campaign 'none'"}


def test_the_sandbox_says_that_it_sends_nothing(box: Sandbox, http: Http) -> None:
    assert b"It sends nothing" in http.get(box.url, params={}, headers={}).body
    assert "It sends nothing" in greeting(box.url)
    assert greeting(box.url).count("curl ") == 3


def test_a_sandbox_that_ended_answers_no_more_and_lets_go_of_what_hangs(http: Http) -> None:
    with Sandbox() as box:
        fault(box, http, hang="after", seconds=600)
        line, reader = _raw(box)
        line.sendall(b"POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" % V1.encode())
        while ask(box, http, "/seen")["send"] == 0:
            pass  # until the request hangs
    with line, reader:
        assert reader.read() == b""
    with pytest.raises(CallFailed) as caught:
        send(box, http, CALL)
    assert not caught.value.left


def test_a_port_in_use_is_named(box: Sandbox) -> None:
    with pytest.raises(GatewayError, match="address already in use; try another port"):
        Sandbox(f"127.0.0.1:{box.port}")


@pytest.mark.parametrize("bind", ["9000", "127.0.0.1", "127.0.0.1:x", ":9000", "127.0.0.1:99999"])
def test_an_address_that_is_none_is_refused(bind: str) -> None:
    with pytest.raises(GatewayError):
        serve(bind)


def test_the_bundled_campaigns_are_these() -> None:
    assert load_campaigns() == {
        campaign.name: campaign
        for campaign in (
            Campaign("goa_villas_priority", 3, media=True),
            Campaign("goa_villas_welcome", 1),
            Campaign("site_visit_followup", 2),
            Campaign("site_visit_hot", 3),
            Campaign("price_list", 2),
            Campaign("old_offer", 1, live=False),
        )
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "must be a list; start each campaign with '- name:'"),
        ("name: a", "must be a list; start each campaign with '- name:'"),
        ("- a", "campaign 1 is no campaign; write name, params, media and live"),
        ("- params: 1", "campaign 1, 'name' is missing"),
        ("- name: no", "campaign 1, 'name' must be text; put it in quotes"),
        ("- name: a\n- name: b\n  params: two", "campaign 2, 'params' must be a number from 0 to 100"),
        ("- name: a\n  live: maybe", "campaign 1, 'live' must be yes or no"),
        ("- name: a\n  param: 1", "campaign 1, 'param' is no key of a campaign"),
        ("- name: a\n- name: a", "campaign 'a' stands there twice; remove one"),
        ("- name: [", "is not YAML, line 1; indent with spaces and put odd texts in quotes"),
    ],
)
def test_a_mistake_among_the_campaigns_is_one_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    file = tmp_path / "campaigns.yaml"
    file.write_text(text)
    with pytest.raises(GatewayError) as caught:
        load_campaigns(file)
    assert str(caught.value) == f"{file}: {sentence}"


def test_campaigns_that_are_not_there_are_named(tmp_path: Path) -> None:
    with pytest.raises(GatewayError, match="cannot be read"):
        load_campaigns(tmp_path / "none.yaml")
