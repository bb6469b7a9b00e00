"""What AiSensy tells of a message, in all the shapes that are known: nothing of it breaks the gateway."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hooks import envelope
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Unreadable
from gateway.outbound.opt_out import WORDS, OptOut
from gateway.outbound.receipts import Kind, Receipt, e164, read

AT = datetime(2026, 10, 3, 14, 13, 15, tzinfo=UTC)

#: AiSensy's own example.
FAILED = """{"id":"ntf_0001","created_at":1791200000000,"topic":"message.status.updated","delivery_attempt":1,
 "app_id":"app_01","webhook_id":"whk_01","project_id":"prj_01",
 "data":{"message":{"type":"message","id":"ais_msg_01","messageId":"wamid.EXAMPLE01","project_id":"prj_01",
   "phone_number":"12025550143","contact_id":"cnt_01","userName":"Mira Sample",
   "campaign":{"name":"lead_welcome_en","sent_at":1791199990000},"sender":"API",
   "message_type":"TEXT","message_content":{},"status":"FAILED","is_HSM":true,"sent_at":1791199991000,
   "delivered_at":null,"read_at":null,"failed_at":1791199995000,
   "failureResponse":{"code":131026,"reason":"Example reason"},"agent_id":"",
   "chatbot_response":{"queryText":"","intent":""}}}}"""


def message(topic: str = "message.status.updated", **message: Any) -> Receipt:
    return read(json.dumps(envelope(topic, message=message)).encode())


def test_aisensys_own_example_is_read_whole() -> None:
    assert read(FAILED.encode()) == Receipt(
        Kind.FAILED,
        number="+12025550143",
        campaign="lead_welcome_en",
        happened=datetime.fromtimestamp(1791199995, UTC),
        left=datetime.fromtimestamp(1791199991, UTC),
        provider_id="wamid.EXAMPLE01",
        ids=("wamid.EXAMPLE01", "ais_msg_01"),
        reason="131026: Example reason",
    )


def test_a_white_label_says_it_in_another_shape() -> None:
    body = {"event": "message.delivered", "projectId": "p", "data": {"messageId": "wamid.1", "phone": "+12025550143"}}
    found = read(json.dumps(body).encode())

    assert (found.kind, found.provider_id, found.number) == (Kind.DELIVERED, "wamid.1", "+12025550143")


@pytest.mark.parametrize(
    ("topic", "told", "kind"),
    [
        ("message.status.updated", {"status": "Delivered"}, Kind.DELIVERED),
        ("message.status.updated", {"status": "READ", "sender": "USER"}, Kind.READ),
        ("message.status.updated", {"delivered_at": 1791199995000, "sent_at": 1791199991000}, Kind.DELIVERED),
        ("message.status.updated", {"failureResponse": {"code": "131049"}, "sent_at": 1791199991}, Kind.FAILED),
        ("message.status.updated", {"status": "queued", "failureResponse": {}}, None),
        ("contact.campaign.read", {"status": "delivered"}, Kind.READ),
        ("contact.campaign.sent", {"sender": "API"}, Kind.SENT),
        ("message.created", {"sender": "USER"}, Kind.REPLY),
        ("message.created", {"sender": "AGENT"}, None),
        ("message.sender.user", {"message_type": "IMAGE"}, Kind.REPLY),
        ("contact.chat.requesting", {"sender": "user"}, Kind.REPLY),
        ("contact.chat.intervened", {"sender": "AGENT"}, None),
        ("order.placed", {"status": 7}, None),
    ],
)
def test_a_word_or_a_moment_tells_the_kind(topic: str, told: dict[str, Any], kind: Kind | None) -> None:
    assert message(topic, type="message", **told).kind is kind


@pytest.mark.parametrize(
    "content",
    [
        {"text": "STOP"},
        {"body": "STOP"},
        {"caption": "STOP"},
        {"title": "STOP", "id": "b1"},
        {"button_reply": {"id": "b1", "title": "STOP"}},
        {"interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "STOP"}}},
        {"text": {"body": "STOP"}},
        "STOP",
    ],
)
def test_a_reply_is_found_wherever_its_text_stands(content: Any) -> None:
    assert message("message.sender.user", sender="USER", message_content=content).text == "STOP"
    assert message("message.sender.user", sender="USER", text="STOP").text == "STOP"


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        (1791036795000, AT),
        ("1791036795000", AT),
        (1791036795, AT),
        ("1791036795.0", AT),
        ("2026-10-03T14:13:15Z", AT),
        ("2026-10-03T19:43:15+05:30", AT),
        (None, None),
        ("", None),
        ("soon", None),
        (0, None),
        (True, None),
        (-5, None),
        (9999999999999999, None),
        (5, None),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ({}, None),
    ],
)
def test_a_moment_is_read_however_it_is_written(given: Any, moment: datetime | None) -> None:
    assert message(status="SENT", sent_at=given).left == moment


def test_a_moment_that_is_not_told_is_that_of_the_notification() -> None:
    body = {"topic": "message.status.updated", "created_at": 1791036795000, "data": {"message": {"status": "READ"}}}
    assert read(json.dumps(body).encode()).happened == AT


@pytest.mark.parametrize("digits", ["", "0123456789", "abc", "123", "1" * 16])
def test_what_is_no_number_is_none(digits: str) -> None:
    assert e164(digits) == ""


def test_deep_nesting_takes_no_time() -> None:
    body = '{"topic":"message.sender.user","data":{"message":{"message_content":'
    deep = body + '{"text":' * 90 + "{}" + "}" * 90 + "}}}"
    assert read(deep.encode()).text == ""


def told(body: bytes) -> str:
    """What is read, or why nothing is."""
    try:
        found = read(body)
    except Unreadable as error:
        return str(error)
    return found.kind or found.reason


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=12,
)
NAMES = ("status", "sender", "phone_number", "messageId", "id", "sent_at", "read_at", "failureResponse", "campaign")
MESSAGES = st.dictionaries(st.sampled_from((*NAMES, "message_content", "text")), JSON, max_size=9) | JSON
TOPICS = ("message.status.updated", "message.sender.user", "contact.campaign.read", "test.webhook")


@given(topic=st.sampled_from(TOPICS) | JSON, message=MESSAGES, created=JSON)
def test_no_notification_breaks_the_reading(topic: Any, message: Any, created: Any) -> None:
    body = json.dumps({"topic": topic, "created_at": created, "data": {"message": message}})
    assert told(body.encode())


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_body_at_all_breaks_the_reading(body: bytes) -> None:
    assert told(body)


# Opting out


@pytest.mark.parametrize("word", WORDS)
def test_every_word_of_the_list_opts_out_however_it_is_dressed(word: str) -> None:
    says = OptOut().says
    assert says(word)
    assert says(f"  {word.upper()}!! 🙏")
    assert not says(f"{word} by tomorrow 5")


@pytest.mark.parametrize(
    "reply", ["Stop.", "„STOP“", "ＳＴＯＰ", "*stop*", "s\u200dtop", "Opt-Out", "बंद करो।", "Don't message me!"]
)
def test_signs_and_letter_forms_do_not_matter(reply: str) -> None:
    assert OptOut().says(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "please stop by tomorrow",
        "non-stop",
        "bus stop",
        "Acha",
        "ok",
        "",
        "👍",
        "cancel",
        "Alto",
        "I cannot unsubscribe",
    ],
)
def test_another_reply_does_not_opt_out(reply: str) -> None:
    assert not OptOut().says(reply)


def test_words_of_ones_own_count_beside_the_list() -> None:
    says = OptOut(["No thanks", "leave me alone", "🛑"]).says
    assert says("no, thanks!")
    assert says("Stop")
    assert not says("")
