"""The address where AiSensy tells what became of our messages: who may post there, and what is kept."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from harness import Running, running, wait_for
from hooks import SECRET, envelope, reply, status, stored, tell

from gateway import clock
from gateway.errors import Refused
from gateway.inbound.aisensy import AiSensyHook, notification
from gateway.model import Request
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings
from gateway.store.ledger import Ledger

BODY = b'{"id":"evt_1","topic":"message.status.updated"}'
SIGNED = "755352fc70677453a4ea984e00d4ad5a596d94122266dea1636f5471f0a87fae"


@pytest.fixture
def told(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway that AiSensy's webhook may post to."""
    with running(ledger, box, tmp_path, AISENSY_WEBHOOK_SECRET=f"{SECRET},older") as found:
        yield found
    clock.follow(None)


def refused(gateway: Running, cause: str) -> bool:
    return any((row["source"], row["cause"]) == ("aisensy", cause) for row in gateway.refusals())


def verify(body: bytes = BODY, query: str = "", *, given: str = "", **settings: str) -> None:
    headers = {"x-aisensy-signature": given} if given else {}
    request = Request("aisensy", "", "POST", body, "application/json", headers, query)
    AiSensyHook(Settings.load(settings, env_file=None)).verify(request)


# Who may post


@pytest.mark.parametrize("given", [SIGNED, f"sha256={SIGNED}", f" {SIGNED} "])
def test_a_body_signed_by_the_secret_is_taken(given: str) -> None:
    verify(given=given, AISENSY_WEBHOOK_SECRET="s3cret")
    verify(given=given, AISENSY_WEBHOOK_SECRET="newer,s3cret")


def test_a_signature_over_the_body_written_anew_is_taken_too() -> None:
    spaced = b'{ "id": "evt_1",\n  "topic": "message.status.updated" }'
    verify(spaced, given=SIGNED, AISENSY_WEBHOOK_SECRET="s3cret")

    written = '{"topic":"message.sender.user","text":"बंद करो","price":1.50}'.encode()
    digest = hmac.digest(b"s3cret", b'{"topic":"message.sender.user","text":"\xe0\xa4\xac","n":1}', hashlib.sha256)
    with pytest.raises(Refused):
        verify(written, given=digest.hex(), AISENSY_WEBHOOK_SECRET="s3cret")


@pytest.mark.parametrize(
    ("given", "cause"),
    [("", "no signature"), (SIGNED[:-1] + "f", "wrong signature"), ("é", "wrong signature"), ("sha256=", "wrong")],
)
def test_another_signature_or_none_is_refused(given: str, cause: str) -> None:
    with pytest.raises(Refused) as refusal:
        verify(given=given, AISENSY_WEBHOOK_SECRET="s3cret")
    assert refusal.value.status == 401
    assert refusal.value.cause.startswith(cause)


@pytest.mark.parametrize("body", [b"[" * 5_000, b"\xff", b"1" * 5_000, b'"\\ud800"', b"{}"])
def test_a_body_that_cannot_be_written_anew_is_only_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        verify(body, given=SIGNED, AISENSY_WEBHOOK_SECRET="s3cret")


def test_the_token_of_the_address_counts_only_where_there_is_no_secret() -> None:
    verify(query="token=a+b", AISENSY_WEBHOOK_TOKEN="a+b,old")
    verify(query="token=old", AISENSY_WEBHOOK_TOKEN="a+b,old")
    for query, cause in (("token=no", "wrong token"), ("", "no token")):
        with pytest.raises(Refused) as refusal:
            verify(query=query, AISENSY_WEBHOOK_TOKEN="a+b")
        assert refusal.value.cause == cause
    with pytest.raises(Refused):
        verify(query="token=a", AISENSY_WEBHOOK_TOKEN="a", AISENSY_WEBHOOK_SECRET="s3cret")


@pytest.mark.parametrize(
    "body", [b"{}", b'{"id": 7}', b"[]", b'{"id": true, "topic": "t"}', b'{"id": {}, "topic": "t"}']
)
def test_only_an_id_of_a_notification_tells_that_it_came_before(body: bytes) -> None:
    assert notification(body) == ""


def test_an_id_that_is_a_number_tells_too() -> None:
    assert notification(b'{"id": 7, "event": "message.delivered"}') == "7"


# The door


def test_without_a_secret_only_this_address_is_closed(gateway: Running) -> None:
    answer = tell(gateway, status("SENT"))

    assert answer.status_code == 503
    assert "AISENSY_WEBHOOK_SECRET or AISENSY_WEBHOOK_TOKEN" in answer.json()["error"]
    gateway.post_website(form="price-list", name="Mira Sample", phone="+12025550143")
    gateway.wait_for_delivery("accepted")
    assert stored(gateway) == []


def test_aisensy_may_look_whether_the_address_is_there_before_there_is_a_secret(gateway: Running) -> None:
    for path in ("aisensy", "aisensy/", "aisensy/receipts"):
        answer = requests.get(f"{gateway.url}/hooks/{path}", timeout=10)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain")
    assert requests.put(f"{gateway.url}/hooks/aisensy", timeout=10).status_code == 503
    wait_for(lambda: requests.get(f"{gateway.url}/healthz", timeout=10).ok)


def test_a_receipt_is_stored_once_whatever_comes_again(told: Running) -> None:
    body = status("SENT")
    for _ in range(3):
        answer = tell(told, body)
        assert (answer.status_code, answer.json()) == (200, {"stored": True})
    tell(told, {**body, "id": None})
    tell(told, {**body, "id": None})

    assert len(stored(told)) == 3


def test_what_is_refused_is_counted_and_not_stored(told: Running) -> None:
    assert told.post("aisensy", b"{}").status_code == 401
    assert told.post("aisensy/anything", b"{}", headers={"X-AiSensy-Signature": "00"}).status_code == 401
    assert told.post("aisensy", b"").status_code == 400
    assert told.post("aisensy", b" " * 1_000_001).status_code == 413
    assert requests.delete(f"{told.url}/hooks/aisensy", timeout=10).status_code == 405

    for cause in ("no signature", "wrong signature", "empty body", "too large", "wrong method"):
        wait_for(lambda cause=cause: refused(told, cause))  # type: ignore[misc]
    assert stored(told) == []


@pytest.mark.parametrize(
    ("body", "state", "reason"),
    [
        ({"event": "test.webhook", "data": {"message": "hello"}}, "ignored", "AiSensy's test of this address"),
        (envelope("contact.created", contact={"phone_number": "12025550143"}), "ignored", "contact.created: nothing"),
        ({"anything": [1, 2]}, "ignored", "it names no topic"),
        (b"no json", "unreadable", "it is not JSON"),
        (b"[" * 101 + b"]" * 101, "unreadable", "nested deeper"),
        (b"[1]", "unreadable", "it is no JSON object"),
    ],
    ids=["test", "contact", "other", "text", "deep", "list"],
)
def test_what_tells_nothing_of_a_message_is_kept_with_the_reason(
    told: Running, body: dict[str, object] | bytes, state: str, reason: str
) -> None:
    assert tell(told, body).json() == {"stored": True}

    [one] = wait_for(lambda: stored(told), lambda found: found[0].state != "new")
    assert one.state == state
    assert reason in one.reason
    assert one.body == (body if isinstance(body, bytes) else json.dumps(body).encode())


def test_receipts_are_listed_with_numbers_hidden(told: Running) -> None:
    assert "No receipts yet." in told.command("receipts").output
    tell(told, status("READ"))
    tell(told, reply("Tell me more"))
    wait_for(lambda: stored(told), lambda found: [one.state for one in found] == ["read", "read"])

    listed = told.command("receipts")
    assert listed.exit_code == 0
    assert "Tell me more" in listed.output
    assert "+1 20••• ••143" in listed.output
    assert "12025550143" not in listed.output
    assert " read " not in listed.output.splitlines()[2], "as if the person had read it"
    assert '"state": "read"' in told.command("receipts", "--json").output
    assert "+12025550143" in told.command("receipts", "--phones").output
    [row] = json.loads(told.command("receipts", "--kind", "reply", "--json").output)
    assert (row["kind"], row["says"]) == ("reply", "Tell me more")
    assert told.command("receipts", "--state", "unreadable").output == "None of these.\n"
