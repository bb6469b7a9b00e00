"""Website forms: who may post, what is around the answers, and what is no answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.errors import Refused, Unreadable
from gateway.http import Http
from gateway.inbound.signature import hex_signature
from gateway.inbound.website import HONEYPOTS, RESERVED, SUBMISSION_IDS, Website
from gateway.model import Event, Lead, LeadState, Request, Value
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
FORM, JSON, TEXT = "application/x-www-form-urlencoded", "application/json", "text/plain"


def website(**settings: str) -> Website:
    return Website(Settings.load(settings, env_file=None), Http())


def leads(body: bytes, content_type: str = "", query: str = "") -> tuple[Lead, ...]:
    return website().leads(Event("website", "price-list", NOW, content_type, query, body)).leads


def named(body: Any) -> dict[str, Value]:
    """Every answer of a JSON body by each of its names."""
    (lead,) = leads(json.dumps(body).encode())
    return {name: answer.value for answer in lead.answers for name in answer.names}


def multipart(*parts: str, end: str = "--B1--\r\n") -> bytes:
    return ("".join(f"--B1\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + end).encode()


def request(body: bytes = b"name=Mira", query: str = "", **headers: str) -> Request:
    sent = {name.replace("_", "-"): text for name, text in headers.items()}
    return Request("website", "price-list", "POST", body, FORM, sent, query)


# Who may post


def test_the_token_is_taken_from_the_address_or_from_a_header() -> None:
    source = website(WEBSITE_TOKEN="first token,second")

    source.verify(request(query="utm_source=x&token=first+token"))
    source.verify(request(query="token=second"))
    source.verify(request(x_gateway_token="second"))
    source.verify(request(query="token=wrong", x_gateway_token="second"))


def test_a_signed_body_is_enough_and_so_is_a_token() -> None:
    source = website(WEBSITE_TOKEN="token", WEBSITE_SECRET="s3cret")

    source.verify(request(x_gateway_signature=hex_signature("s3cret", b"name=Mira")))
    source.verify(request(x_gateway_signature="sha256=00", x_gateway_token="token"))


@pytest.mark.parametrize(
    ("settings", "sent", "cause"),
    [
        ({"WEBSITE_TOKEN": "t"}, request(), "no token"),
        ({"WEBSITE_TOKEN": "t"}, request(query="token="), "no token"),
        ({"WEBSITE_TOKEN": "t"}, request(query="token=T"), "wrong token"),
        ({"WEBSITE_TOKEN": "t"}, request(x_gateway_token="x"), "wrong token"),
        ({"WEBSITE_TOKEN": "t"}, request(x_gateway_signature=hex_signature("", b"name=Mira")), "no token"),
        ({"WEBSITE_SECRET": "s"}, request(), "no signature"),
        ({"WEBSITE_SECRET": "s"}, request(query="token=s"), "no signature"),
        ({"WEBSITE_SECRET": "s"}, request(x_gateway_signature="sha256=00"), "wrong signature"),
        ({"WEBSITE_TOKEN": "t", "WEBSITE_SECRET": "s"}, request(), "no token"),
        ({"WEBSITE_TOKEN": "t", "WEBSITE_SECRET": "s"}, request(x_gateway_signature="sha256=00"), "wrong signature"),
        ({}, request(), "no token"),
        ({}, request(query="token=x", x_gateway_signature=hex_signature("", b"name=Mira")), "wrong token"),
    ],
)
def test_everybody_else_is_refused_and_told_why(settings: dict[str, str], sent: Request, cause: str) -> None:
    with pytest.raises(Refused) as refused:
        website(**settings).verify(sent)

    assert (refused.value.status, refused.value.cause) == (401, cause)


def test_one_of_the_two_settings_is_enough() -> None:
    assert website().missing() == ("WEBSITE_TOKEN or WEBSITE_SECRET",)
    assert website(WEBSITE_TOKEN="t").missing() == website(WEBSITE_SECRET="s").missing() == ()


# What is around the answers


def test_facts_come_from_the_address_without_the_token() -> None:
    (lead,) = leads(b"name=Mira", FORM, "utm_source=ads&token=secret&gclid=&city=Goa%00&bad=%FF")

    assert lead.about == {"utm_source": "ads", "city": "Goa\ufffd", "bad": "\ufffd"}
    assert (lead.form, lead.state, lead.submission) == ("price-list", None, "")


@pytest.mark.parametrize("name", SUBMISSION_IDS)
def test_the_id_of_a_submission_is_taken_from_the_top_of_the_body_only(name: str) -> None:
    assert leads(json.dumps({name: 42, "name": "Mira"}).encode())[0].submission == "42"
    assert leads(json.dumps({"data": {name: 42}, "name": "Mira"}).encode())[0].submission == ""
    assert leads(json.dumps({name: [42], "name": "Mira"}).encode())[0].submission == ""


# What is no answer


@pytest.mark.parametrize("name", [*sorted(RESERVED), "_next", "_subject", "redirectUrl", "G-ReCaptcha-Response"])
def test_fields_that_steer_the_form_are_no_answers(name: str) -> None:
    assert named({name: "x", "fields": {name: "y"}, "name": "Mira"}) == {"name": "Mira"}


@pytest.mark.parametrize("name", sorted(HONEYPOTS))
def test_a_filled_honeypot_makes_a_suspect_and_an_empty_one_does_not(name: str) -> None:
    (trapped,) = leads(urlencode({"name": "Bot", name: "x"}).encode(), FORM)
    (free,) = leads(urlencode({"name": "Mira", name: ""}).encode(), FORM)
    (unticked,) = leads(json.dumps({"name": "Mira", name: False}).encode(), JSON)

    assert (trapped.state, free.state, unticked.state) == (LeadState.SUSPECTED, None, None)
    assert f"'{name}'" in trapped.reason


# What cannot be read


@pytest.mark.parametrize(
    ("body", "content_type", "sentence"),
    [
        (b'{"name": "Mira "Mimi" Sample", "phone": "+12025550143"}', TEXT, "a quotation mark or line break"),
        (b'{"name": "Mira\nSample"}', TEXT, "a quotation mark or line break"),
        (b"Hello there", TEXT, "this is no form"),
        (b"", "", "this is no form"),
        (b"[1, 2]", JSON, "without any object"),
        (b"{}", JSON, "no answers"),
        (b"name=&phone=", FORM, "no answers"),
        (b"_next=/thanks&g-recaptcha-response=abc", FORM, "no answers"),
        (b"--B1\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=B1", "broken or cut off"),
        (multipart('name="name"\r\n\r\nMira', end=""), "multipart/form-data; boundary=B1", "broken or cut off"),
        (
            b"--B1\r\nContent-Type: text/plain\r\n\r\nx\r\n--B1--",
            "multipart/form-data; boundary=B1",
            "broken or cut off",
        ),
        (b"a=1&" * 10_001, FORM, "more than 10000 fields"),
        (b"[" * 5000 + b"]" * 5000, JSON, "nested deeper"),
    ],
)
def test_what_cannot_be_read_says_why_in_a_sentence(body: bytes, content_type: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        leads(body, content_type)


def test_an_imitation_is_the_very_sample_with_a_token_or_a_signature() -> None:
    event = Event("website", "price-list", NOW, FORM, "utm_source=ads", b"name=Mira")

    with_token = website(WEBSITE_TOKEN="first,second", WEBSITE_SECRET="s3cret").imitate(event, now=NOW, nonce="1")
    signed = website(WEBSITE_SECRET="s3cret").imitate(event, now=NOW, nonce="1")

    assert with_token.headers == {"Content-Type": FORM, "X-Gateway-Token": "first"}
    assert signed.headers["X-Gateway-Signature"] == hex_signature("s3cret", b"name=Mira")
    assert (signed.body, signed.form, signed.query) == (b"name=Mira", "price-list", "utm_source=ads")
