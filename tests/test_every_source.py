"""What every source promises, whichever it is. A new source is tested here without a new line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway import samples
from gateway.errors import Refused, Unreadable
from gateway.http import Answered
from gateway.inbound.formdata import CONTENT_TYPES
from gateway.inbound.source import Posting, Source, sources
from gateway.model import Event, Reading, Request
from gateway.settings import Settings, SettingsSchema

NOW = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
SAMPLES = Path(__file__).parent.parent / "samples"
#: Every secret that there is, so that a new source finds its own.
SECRETS = {
    name: f"secret-of-{name.lower()}"
    for name, field in SettingsSchema().fields.items()
    if field.metadata.get("secret") and name not in ("DATABASE_URL", "GATEWAY_CONSOLE_PASSWORD_HASH")
}
SETTINGS = Settings.load(SECRETS, env_file=None)


class NoNetwork:
    """Reading and verifying ask nobody."""

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        raise AssertionError(f"asked {url} with {params} and {headers}")


SOURCES = sources(SETTINGS, NoNetwork())
BODIES = sorted(
    path
    for path in SAMPLES.glob("*/*")
    if path.suffix in CONTENT_TYPES and not path.name.endswith((".expected.json", ".graph.json"))
)

every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
every_sample = pytest.mark.parametrize("path", BODIES, ids=lambda path: f"{path.parent.name}/{path.name}")


#: Words that some source looks for, so that chance finds the places where something else stands.
NAMES = st.sampled_from(
    [
        *sorted({word.decode() for path in BODIES for word in re.findall(rb'"(\w+)"\s*:', path.read_bytes())}),
        *("__submission", "_gotcha", "area", "code", "country_code", "data", "filename", "full", "id", "key", "meta"),
        *("name", "number", "options", "payload", "phone", "rawRequest", "title", "triggerType", "value"),
    ]
)


def event_of(path: Path) -> Event:
    form = path.name.partition("--")[0] if "--" in path.name else ""
    return Event(path.parent.name, form, NOW, CONTENT_TYPES[path.suffix], "", path.read_bytes())


def first_sample(source: Source) -> Event:
    return event_of(next(path for path in BODIES if path.parent.name == source.name))


def request_of(source: Source, posting: Posting) -> Request:
    headers = {name.lower(): text for name, text in posting.headers.items()}
    kind = headers.get("content-type", "")
    return Request(source.name, posting.form, "POST", posting.body, kind, headers, posting.query)


def imitated(source: Source) -> Request:
    return request_of(source, source.imitate(first_sample(source), now=NOW, nonce="42"))


def read(source: Source, body: bytes, content_type: str = "") -> Reading | Unreadable:
    try:
        return source.leads(Event(source.name, "any", NOW, content_type, "", body))
    except Unreadable as error:
        return error


def test_the_three_sources_are_found() -> None:
    assert {"facebook", "typeform", "website"} <= SOURCES.keys()


@every_source
def test_a_source_goes_by_the_name_of_its_module_and_has_samples(source: Source) -> None:
    assert source.name == type(source).__module__.rpartition(".")[2]
    assert first_sample(source).source == source.name


@every_source
def test_missing_settings_are_named_in_the_words_of_the_environment(source: Source) -> None:
    bare = type(source)(Settings.load({}, env_file=None), NoNetwork())

    assert bare.missing()
    assert all(word in SettingsSchema().fields for name in bare.missing() for word in name.split(" or "))
    assert source.missing() == ()


@every_source
def test_without_its_settings_nothing_is_genuine(source: Source) -> None:
    bare = type(source)(Settings.load({}, env_file=None), NoNetwork())

    with pytest.raises(Refused):
        bare.verify(request_of(bare, bare.imitate(first_sample(source), now=NOW, nonce="42")))


@every_sample
def test_an_imitated_sample_is_genuine_and_reads_like_the_sample(path: Path) -> None:
    source, event = SOURCES[path.parent.name], event_of(path)

    posting = source.imitate(event, now=NOW, nonce="42")
    source.verify(request_of(source, posting))

    before, after = source.leads(event), source.leads(replace(event, body=posting.body, form=posting.form))
    assert [lead.answers for lead in before.leads] == [lead.answers for lead in after.leads]
    assert [posting.renamed.get(lead.submission, "") for lead in before.leads] == [
        lead.submission for lead in after.leads
    ]
    assert all(new.endswith("42") for new in posting.renamed.values())
    assert posting == source.imitate(event, now=NOW, nonce="42")


@every_source
def test_another_secret_is_refused_with_a_hint_that_betrays_none(source: Source) -> None:
    others = Settings.load({name: f"other-{text}" for name, text in SECRETS.items()}, env_file=None)

    with pytest.raises(Refused) as refused:
        type(source)(others, NoNetwork()).verify(imitated(source))

    assert refused.value.status == 401
    assert refused.value.cause.startswith("wrong ")
    assert not any(text in str(refused.value) for text in SECRETS.values())


@every_source
def test_a_request_without_credentials_is_told_apart_from_a_wrong_one(source: Source) -> None:
    with pytest.raises(Refused) as refused:
        source.verify(replace(imitated(source), headers={}, query=""))

    assert (refused.value.status, refused.value.cause[:3]) == (401, "no ")


@every_source
def test_a_flipped_byte_breaks_a_signature(source: Source) -> None:
    # A token says nothing of the body: without one, the sample is signed.
    signing = type(source)(
        Settings.load({name: text for name, text in SECRETS.items() if name != "WEBSITE_TOKEN"}, env_file=None),
        NoNetwork(),
    )
    request = imitated(signing)
    signing.verify(request)

    with pytest.raises(Refused):
        signing.verify(replace(request, body=bytes([request.body[0] ^ 1]) + request.body[1:]))


@every_source
@given(
    header=st.text(max_size=80),
    query=st.text(max_size=80),
    body=st.binary(max_size=80),
)
def test_no_odd_request_does_more_than_be_refused(source: Source, header: str, query: str, body: bytes) -> None:
    headers = dict.fromkeys(imitated(source).headers, header)
    with pytest.raises(Refused):
        source.verify(Request(source.name, "", "POST", body, header, headers, query))


@every_source
@given(body=st.binary(max_size=300), content_type=st.sampled_from(["", *CONTENT_TYPES.values()]) | st.text(max_size=40))
@example(body=b'{"object":"page","entry":[{"changes":[{"field":"leadgen","value":[]}]}]}', content_type="")
@example(body=b'{"form_response":{"answers":{},"definition":[],"hidden":[]}}', content_type="")
@example(body=b"--B1\r\n\r\n--B1--", content_type=CONTENT_TYPES[".multipart"])
def test_any_bytes_give_a_reading_or_say_why_not(source: Source, body: bytes, content_type: str) -> None:
    assert isinstance(read(source, body, content_type), Reading | Unreadable)
    kept = source.keep(Request(source.name, "", "POST", body, content_type, {}, ""))
    assert isinstance(kept, bytes)


@every_source
@given(data=st.data())
def test_a_damaged_sample_gives_a_reading_or_says_why_not(source: Source, data: st.DataObject) -> None:
    body = first_sample(source).body
    at = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(at, min(len(body), at + 20)))
    damage = data.draw(st.binary(max_size=10) | st.sampled_from([b"null", b"[]", b"{}", b'"\\ud800"', b"\x00"]))

    assert read(source, body[:at] + damage + body[end:], first_sample(source).content_type)


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), inner, max_size=5),
    max_leaves=25,
)


@every_source
@given(body=st.dictionaries(NAMES, JSON_VALUES, max_size=6) | st.lists(JSON_VALUES, max_size=4))
def test_any_json_in_the_words_of_forms_gives_a_reading_or_says_why_not(source: Source, body: Any) -> None:
    assert isinstance(read(source, json.dumps(body).encode()), Reading | Unreadable)


@every_sample
def test_every_sample_is_read_or_ignored_on_purpose(path: Path) -> None:
    reading = SOURCES[path.parent.name].leads(event_of(path))

    assert reading.leads or reading.note
    for lead in reading.leads:
        assert lead.source == path.parent.name
        assert lead.form
        assert lead.received == NOW


@every_sample
def test_each_lead_of_an_event_can_be_taken_out_of_it_alone(path: Path) -> None:
    source, event = SOURCES[path.parent.name], event_of(path)

    for lead in source.leads(event).leads:
        (alone,) = source.leads(source.alone(event, lead)).leads

        assert alone == lead
        assert lead.submission in ("", *source.ids(event))


@every_sample
def test_what_a_look_up_told_can_be_told_again(path: Path) -> None:
    kind, canned = type(SOURCES[path.parent.name]), samples.load(path).lookups
    for lead in SOURCES[path.parent.name].leads(event_of(path)).leads:
        known = kind(SETTINGS, samples.Canned(canned)).fetch(lead)
        told = SOURCES[path.parent.name].looked_up(known)

        assert kind(SETTINGS, samples.Canned(told)).fetch(lead) == known


HUGE = 2_000_000
HOSTILE = {
    "nesting": b"[" * 5_000 + b"]" * 5_000,
    "nested objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "two megabytes of text": b'{"name":"' + b"x" * HUGE + b'"}',
    "two megabytes of brackets": b"[" * HUGE,
    "two megabytes of quotes": b'{"a":' + b'"\\"' * (HUGE // 3),
    "two megabytes of fields": b"a=1&" * (HUGE // 4),
    "two megabytes of one field": b"a=" + b"%00" * (HUGE // 3),
    "brackets in a name": b"a" + b"[b]" * (HUGE // 3) + b"=1",
    "open brackets in a name": b"a" + b"[" * HUGE + b"=1",
    "two megabytes of parts": b"--B1\r\n" * (HUGE // 6),
    "a part without an end": b'--B1\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"\r\n-" * (HUGE // 3),
    "many keys": json.dumps({f"k{number}": number for number in range(100_000)}).encode(),
    "many rows": json.dumps([{"name": f"k{number}", "value": number} for number in range(50_000)]).encode(),
    "NUL and surrogates": b'{"name":"a\\u0000b\\ud800","form_response":{"token":"\\u0000"},"entry":[]}',
    "a long number": b'{"name":' + b"9" * 100_000 + b"}",
    "not a number": b'{"name":NaN,"entry":[NaN],"form_response":{"answers":[Infinity]}}',
    "UTF-16": '{"name":"Mira"}'.encode("utf-16"),
    "broken UTF-8": b'{"name":"\xff\xfe"}',
}


@every_source
@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("content_type", ["application/json", CONTENT_TYPES[".multipart"]])
def test_hostile_bodies_are_handled_in_bounded_time(source: Source, hostile: bytes, content_type: str) -> None:
    started = perf_counter()

    source.keep(Request(source.name, "", "POST", hostile, content_type, {}, ""))
    found = read(source, hostile, content_type)

    assert perf_counter() - started < 10
    if isinstance(found, Reading):
        stored = json.dumps([[answer.value for answer in lead.answers] for lead in found.leads], ensure_ascii=False)
        assert "\x00" not in stored
        stored.encode()
