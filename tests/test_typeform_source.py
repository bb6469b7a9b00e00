"""Typeform: every kind of answer in its old and new shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Refused, Unreadable
from gateway.http import Http
from gateway.inbound.typeform import Typeform
from gateway.model import Answer, Event, Lead, Reading, Request, Value
from gateway.settings import Settings

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent / "samples" / "typeform"
SOURCE = Typeform(Settings.load({"TYPEFORM_SECRET": "s3cret"}, env_file=None), Http())


def event(body: bytes) -> Event:
    return Event("typeform", "", NOW, "application/json", "", body)


def request(body: bytes, **headers: str) -> Request:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Request("typeform", "", "POST", body, "application/json", named, "")


def read(response: Mapping[str, Any], **more: Any) -> Reading:
    payload = {"event_id": "ev1", "event_type": "form_response", "form_response": response, **more}
    return SOURCE.leads(event(json.dumps(payload).encode()))


def lead(**response: Any) -> Lead:
    (found,) = read({"form_id": "AbC123xy", "token": "tok1", **response}).leads
    return found


def sample(name: str) -> Lead:
    (found,) = SOURCE.leads(event((SAMPLES / f"{name}.json").read_bytes())).leads
    return found


def test_a_full_response_gives_every_answer_under_ref_id_and_title() -> None:
    found = sample("full")

    assert found.answers == (
        Answer(("name", "f01", "Your name?"), "Mira Sample"),
        Answer(("mail", "f02", "Thanks {{answer_100200}}, your e-mail?"), "mira@example.com"),
        Answer(("phone", "f03a", "Phone"), "+12025550143"),
        Answer(("size", "f04", "Flat size?"), "3 BHK"),
        Answer(("areas", "f05", "Areas?"), ("Baner", "Wakad", "Aundh")),
        Answer(("kind", "f06", "Kind of home?"), "Penthouse"),
        Answer(("rating", "f07", "How much do you like it?"), "4.5"),
        Answer(("consent", "f08", "May we message you on WhatsApp?"), "yes"),
        Answer(("visit", "f09", "When would you like to visit?"), "2026-11-20"),
        Answer(("slot", "f10", "Book a call"), "https://example.com/booking/1"),
        Answer(("plan", "f11", "Your floor plan"), "https://api.typeform.com/responses/files/example/plan.pdf"),
        Answer(("pay", "f12", "Booking fee"), "1"),
        Answer(("pay.success", "f12.success", "Booking fee.success"), "yes"),
        Answer(("sign", "f13", "Sign here"), "https://example.com/sig.png"),
        Answer(("clip", "f14", "Tell us more"), "Hello"),
        Answer(("grid", "f15", "Rate each area"), "Any"),
    )


def test_hidden_fields_variables_score_and_ending_are_facts_around_the_lead() -> None:
    found = sample("full")

    assert (found.form, found.submission) == ("AbC123xy", "tok0example0001")
    assert found.about == {
        "utm_source": "newsletter",
        "lead_ref": "L-77",
        "score": "7",
        "segment": "warm",
        "ending": "qualified",
        "form_id": "AbC123xy",
        "form_name": "Site visit",
        "event_id": "01KEXAMPLE0000000000000001",
        "landed_at": "2026-10-05T11:30:02Z",
        "submitted_at": "2026-10-05T11:33:25Z",
    }


def test_an_older_response_without_refs_is_found_by_its_titles() -> None:
    found = sample("old-shape")

    assert [(answer.names, answer.value) for answer in found.answers][2:5] == [
        (("old03", "Phone"), "+1 202-555-0147"),
        (("old04", "Size"), "2 BHK"),
        (("old05", "Areas"), ("Baner", "Wakad")),
    ]
    assert found.about["ending"] == "default_tys"
    assert found.about["lead_ref"] == "77"
    assert "campaign" not in found.about


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ({"type": "number", "number": 7}, "7"),
        ({"type": "boolean", "boolean": False}, "no"),
        ({"type": "choice", "choice": {"label": "2 BHK"}}, "2 BHK"),
        ({"type": "choice", "choice": {"label": None, "other": "Penthouse"}}, "Penthouse"),
        ({"type": "choice", "choice": "2 BHK"}, "2 BHK"),
        ({"type": "choices", "choices": {"labels": ["2 BHK"]}}, "2 BHK"),
        ({"type": "choices", "choices": {"labels": [], "other": "Aundh"}}, "Aundh"),
        ({"type": "choices", "choices": [{"id": "c1", "label": "A"}, {"label": "B"}]}, ("A", "B")),
        ({"type": "choices", "choices": {"choices": [{"label": "A"}, {"label": "B"}]}}, ("A", "B")),
        ({"type": "choices", "choices": ["A", "B"]}, ("A", "B")),
        ({"type": "signature", "signature": "https://example.com/sig.png"}, "https://example.com/sig.png"),
        ({"type": "multi_format", "multi_format": {"video_id": "v1"}}, '{"video_id":"v1"}'),
        ({"type": "payment", "payment": {"amount": 12}}, "12"),
        ({"type": "hologram", "hologram": {"text": "Hello"}}, "Hello"),
        ({"type": "hologram", "hologram": {"depth": 3}}, '{"depth":3}'),
        ({"type": "hologram", "picture": "https://example.com/3d"}, "https://example.com/3d"),
        ({"type": "ranking", "ranking": ["A", "B"]}, ("A", "B")),
    ],
)
def test_every_shape_of_an_answer_becomes_text(answer: dict[str, Any], value: Value) -> None:
    found = lead(answers=[{**answer, "field": {"id": "f1", "ref": "q"}}])

    assert found.answers[0] == Answer(("q", "f1"), value)


@pytest.mark.parametrize(
    "answer",
    [
        {"type": "text", "text": None},
        {"type": "text"},
        {"type": "choices", "choices": None},
        {"type": "choice", "choice": {}},
        {"type": "hologram", "hologram": {}},
        {"type": []},
        {},
    ],
)
def test_an_answer_that_says_nothing_is_no_answer(answer: dict[str, Any]) -> None:
    assert not lead(answers=[{**answer, "field": {"ref": "q"}}]).answers


def test_an_answer_without_a_field_goes_by_its_kind() -> None:
    assert lead(answers=[{"type": "email", "email": "mira@example.com"}]).answers == (
        Answer(("email",), "mira@example.com"),
    )


def test_a_failed_payment_is_a_no() -> None:
    answer = {"type": "payment", "payment": {"amount": "5", "success": False}, "field": {"ref": "pay"}}

    assert lead(answers=[answer]).answers == (Answer(("pay",), "5"), Answer(("pay.success",), "no"))


def test_titles_are_found_inside_groups_of_groups() -> None:
    inner = {"id": "f2", "title": "Phone"}
    group = {"id": "g1", "properties": {"fields": [{"id": "g2", "properties": {"fields": [inner]}}]}}
    answer = {"type": "text", "text": "x", "field": {"id": "f2"}}

    assert lead(definition={"fields": [group]}, answers=[answer]).answers[0].names == ("f2", "Phone")


def test_what_is_written_into_the_address_cannot_pass_for_a_fact() -> None:
    found = lead(
        hidden={"score": "99", "ending": "vip", "utm_source": 5}, calculated={"score": 1}, ending={"ref": "no"}
    )

    assert (found.about["score"], found.about["ending"], found.about["utm_source"]) == ("1", "no", "5")


@pytest.mark.parametrize(
    ("kind", "note"),
    [("form_response_partial", "not finished yet"), ("form_closed", "'form_closed', which is no response")],
)
def test_other_events_are_ignored_and_named(kind: str, note: str) -> None:
    reading = read({"token": "tok1"}, event_type=kind)

    assert not reading.leads
    assert note in reading.note


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"form_response":[]}', b"\xff", b"a=b"])
def test_what_is_no_event_of_typeform_is_unreadable(body: bytes) -> None:
    with pytest.raises(Unreadable, match="event of Typeform"):
        SOURCE.leads(event(body))


def test_the_signature_of_the_very_bytes_is_taken() -> None:
    body = b'{"event_id":"x","event_type":"form_response"}'

    SOURCE.verify(request(body, typeform_signature="sha256=RhvWFuZ9g2RZqwfvF7Ryu3QZlKlXctSRCe91tZ3Tk5Q="))


def test_a_refusal_names_the_setting() -> None:
    with pytest.raises(Refused, match="TYPEFORM_SECRET") as none:
        SOURCE.verify(request(b"{}"))
    with pytest.raises(Refused, match="TYPEFORM_SECRET") as wrong:
        SOURCE.verify(request(b"{}", typeform_signature="sha256=AAAA"))

    assert (none.value.cause, wrong.value.cause) == ("no signature", "wrong signature")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
kinds = st.sampled_from(["text", "choice", "choices", "payment", "signature", "number", "matrix_row"])
odd_answers = st.lists(
    kinds.flatmap(lambda kind: st.fixed_dictionaries({"type": st.just(kind), kind: json_values, "field": json_values})),
    max_size=3,
)


@given(
    response=st.fixed_dictionaries(
        {"answers": odd_answers | json_values},
        optional=dict.fromkeys(
            ("hidden", "variables", "calculated", "definition", "ending", "form_id", "token"), json_values
        ),
    )
)
def test_no_odd_response_spoils_its_lead(response: dict[str, Any]) -> None:
    (found,) = read(response).leads

    assert all(answer.names and all(answer.names) and answer.value for answer in found.answers)
    assert all(isinstance(text, str) for text in found.about.values())


def test_an_imitation_has_fresh_ids_and_times_and_keeps_every_other_answer() -> None:
    body = (SAMPLES / "full.json").read_bytes()

    posting = SOURCE.imitate(event(body), now=NOW, nonce="42")

    (found,) = SOURCE.leads(event(posting.body)).leads
    assert found.submission == "tok0example000142"
    assert found.about["event_id"] == "01KEXAMPLE000000000000000142"
    assert found.about["landed_at"] == found.about["submitted_at"] == "2026-10-05T11:34:00Z"
    assert found.answers == sample("full").answers
    assert posting.renamed["tok0example0001"] == "tok0example000142"
