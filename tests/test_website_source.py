"""Website forms: who may post, what is around the answers, and what is no answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.errors import Refused, Unreadable
from gateway.http import Http
from gateway.inbound.around import SUBMISSION_IDS
from gateway.inbound.signature import hex_signature
from gateway.inbound.website import HONEYPOTS, RESERVED, Website
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


def submission(body: Any) -> str:
    (lead,) = leads(json.dumps(body).encode())
    return lead.submission


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


def test_a_plus_in_the_token_of_the_address_need_not_be_escaped() -> None:
    source = website(WEBSITE_TOKEN="ab+c/d=")

    source.verify(request(query="token=ab+c/d="))
    source.verify(request(query="token=ab%2Bc%2Fd%3D"))
    with pytest.raises(Refused):
        source.verify(request(query="token=ab-c/d="))


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
def test_the_id_of_a_submission_is_taken_from_the_top_of_the_body_or_one_step_down(name: str) -> None:
    given: list[dict[str, Any]] = [{name: 42}, {"data": {name: 42}}, {"payload": {name: 42}}]
    elsewhere: list[dict[str, Any]] = [{name: [42]}, {"other": {name: 42}}, {"data": {"data": {name: 42}}}]

    assert [submission({**body, "name": "Mira"}) for body in given] == ["42"] * 3
    assert [submission({**body, "name": "Mira"}) for body in elsewhere] == [""] * 3
    assert submission({name: 42, "data": {name: 7}}) == "42"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ({"triggerType": "form_submission", "payload": {"id": "sub01", "formId": "f1"}}, "sub01"),
        ({"triggerType": "page_published", "payload": {"id": "page7"}}, ""),
        ({"payload": {"id": "f1"}}, ""),
        ({"data": {"submissionId": "resp01", "responseId": "resp01", "formId": "w"}}, "resp01"),
        ({"__submission": {"id": "91", "form_id": "4"}}, "91"),
        ({"id": "42", "form_id": "3"}, "42"),
        ({"id": 42, "form_id": 3}, "42"),
        ({"id": "42"}, ""),
        ({"id": "contact", "form_id": "7c1d2e3"}, ""),
    ],
)
def test_a_bare_id_counts_only_where_a_builder_is_known_to_mean_the_submission(
    body: dict[str, Any], wanted: str
) -> None:
    assert submission({**body, "name": "Mira"}) == wanted


def test_facts_of_a_sender_are_around_the_answers_and_not_among_them() -> None:
    body = {"createdAt": "2026-10-05T11:33:26Z", "eventId": "1", "data": {"submitted_at": 5, "name": "Mira"}}

    (lead,) = leads(json.dumps(body).encode(), query="utm_source=ads&eventId=2")

    assert [answer.names for answer in lead.answers] == [("data.name", "name")]
    assert lead.about == {
        "createdAt": "2026-10-05T11:33:26Z",
        "eventId": "2",
        "submitted_at": "5",
        "utm_source": "ads",
    }


ELEMENTOR = {"Name": "Mira", "form_id": "7c1d2e3", "form_name": "Contact", "Powered by": "Elementor"}


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"Date": "October 5, 2026", "Time": "5:03 pm"}, {"Date": "October 5, 2026", "Time": "5:04 pm"}),
        ({"Remote IP": "203.0.113.7", "User Agent": "A"}, {"Remote IP": "203.0.113.8", "User Agent": "B"}),
        (
            {"meta[time][title]": "Heure", "meta[time][value]": "17:03"},
            {"meta[time][title]": "Heure", "meta[time][value]": "17:04"},
        ),
    ],
)
def test_elementor_telling_another_time_tells_the_same_answers(first: dict[str, str], again: dict[str, str]) -> None:
    (one,), (other,) = (leads(urlencode(ELEMENTOR | more).encode(), FORM) for more in (first, again))

    assert one.answers == other.answers
    assert len(one.about) > 1


def test_a_date_that_is_asked_for_is_an_answer() -> None:
    assert named({"Name": "Mira", "Date": "2026-11-20"}) == {"Name": "Mira", "Date": "2026-11-20"}


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
        (json.dumps([{"name": "Mira"}] * 51).encode(), JSON, "51 people, .* send them in lists of at most 50"),
        (json.dumps({f"q{number}": 1 for number in range(10_001)}).encode(), JSON, "more than 10000 fields"),
        (json.dumps([{f"q{number}": 1 for number in range(300)}] * 40).encode(), JSON, "more than 10000 fields"),
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
