"""`gateway keep`: a stored lead becomes a sample, its people replaced wherever they are told of."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import pytest
from harness import MAPPINGS, SAMPLES, Running, wait_for

from gateway import samples
from gateway.errors import GatewayError
from gateway.inbound.source import sources
from gateway.model import Event, Lead
from gateway.pipeline.planning import Live
from gateway.samples.keeping import Kept, NotKept, keep
from gateway.settings import Settings

SETTINGS = Settings.load(samples.INVENTED, env_file=None)
SOURCES = sources(SETTINGS, samples.Canned({}))
NOW = datetime(2026, 12, 24, 11, 34, tzinfo=UTC)
FORM, JSON = "application/x-www-form-urlencoded", "application/json"
BUNDLED = {path.name: path.read_bytes() for path in MAPPINGS.glob("*.yaml") if path.name != "contracts.yaml"}
EVERY = samples.load_all(SAMPLES)

#: A form that asks for a number, a name and a free text.
ENQUIRY = """source: website
form: enquiry
country: IN
fields:
  phone: phone
  name:
    from: name | title
    default: there
  first_name:
    from: name | first_name
    default: there
  message: message
  email: email
rules:
  - name: No villas there
    when:
      message:
        contains: penthouse
    skip: there are none
  - name: Colleagues
    when:
      email:
        contains: "@villas.example"
    skip: they work here
  - name: On the last day
    when:
      received:
        starts_with: 2026-12-24
      message:
        contains: today
    skip: the office is closed
  - name: Everyone
    call:
      campaignName: enquiry
      destination: $phone
      userName: $name
      templateParams:
        - Dear $first_name
      attributes:
        message: $message
"""
ENQUIRIES = Live.of(1, {"enquiry.yaml": ENQUIRY}, SETTINGS)
ALL = Live.of(1, BUNDLED, SETTINGS)


def enquiry(body: Any, *, kind: str = JSON, query: str = "") -> Event:
    raw = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    return Event("website", "enquiry", NOW, kind, query, raw)


def only_lead(event: Event) -> Lead:
    (lead,) = SOURCES[event.source].leads(event).leads
    return replace(lead, id=34)


def kept(event: Event, live: Live = ENQUIRIES) -> Kept:
    return keep(only_lead(event), event, live, SETTINGS, Path("none"))


def written(found: Kept) -> str:
    """All that would stand in the files, and in their names, decoded."""
    texts = [f"{path.name}\n{content.decode()}" for path, content in found.files.items()]
    return "\n".join(chain(texts, map(unquote_plus, texts)))


def expected(found: Kept) -> dict[str, Any]:
    (content,) = [content for path, content in found.files.items() if path.name.endswith(".expected.json")]
    whole: dict[str, Any] = json.loads(content)
    return whole


def call_of(found: Kept) -> dict[str, Any]:
    (lead,) = expected(found)["leads"]
    call: dict[str, Any] = lead["call"]
    return call


# ---- through the front door


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


def test_a_kept_lead_is_a_test_from_then_on(gateway: Running, folder: Path) -> None:
    gateway.post_website(
        name="ASHA RAO",
        phone="098765 43210",
        interest="Villa",
        message="Asha here, call 9876543210 or asha@rao.example",
    )
    gateway.wait_for_delivery("accepted")

    result = gateway.command("keep", "l1", "--samples", str(folder))

    assert result.exit_code == 0, result.stderr
    texts = {path.name: path.read_text() for path in (folder / "website").iterdir()}
    assert set(texts) == {"price-list--price-list-l1.form", "price-list--price-list-l1.expected.json"}
    whole = unquote_plus("".join(texts.values()))
    assert not re.search("asha|rao|43210|98765", whole, re.IGNORECASE)
    assert "planned by rule 'Price list' of website.yaml" in result.stdout
    assert re.search(r"^  message: \w+ here, call 8\d{9} or \w+\.\w+@example\.com$", result.stdout, re.MULTILINE)
    tested = gateway.command("test", "--samples", str(folder))
    assert (tested.exit_code, tested.stdout) == (0, "1 sample, 1 as expected, 0 different\n")


def test_one_lead_of_a_batch_is_kept_with_what_its_look_up_told(gateway: Running, folder: Path) -> None:
    gateway.post_sample("facebook/three-entries-many-changes.json")
    leads = wait_for(gateway.leads, lambda found: len(found) > 1 and all(one.lead.answers for one in found))
    chosen = leads[3].lead

    result = gateway.command("keep", f"l{chosen.id}", "--samples", str(folder), "--name", "from-a-batch")

    assert result.exit_code == 0, result.stderr
    (sample,) = samples.load_all(folder)
    _state, _note, (planned,) = samples.run(sample, ALL, SETTINGS)
    assert [answer.names for answer in planned.lead.answers] == [answer.names for answer in chosen.answers]
    assert planned.lead.submission != chosen.submission
    assert sample.path.name == "from-a-batch.json"
    assert gateway.command("test", "--samples", str(folder)).exit_code == 0


def test_what_cannot_be_kept_is_said_in_one_sentence(gateway: Running, folder: Path) -> None:
    gateway.post_signed("facebook", (SAMPLES / "facebook" / "one-lead-pune.json").read_bytes())
    wait_for(gateway.leads)
    gateway.post_website(name="Asha Rao", phone="9876543210")
    wait_for(gateway.leads, lambda found: len(found) == 2)

    def said(*arguments: str) -> tuple[int, str]:
        result = gateway.command("keep", *arguments, "--samples", str(folder))
        return result.exit_code, result.stderr

    assert said("l1") == (2, "l1 has no answers to keep: they were never looked up, or its person was erased.\n")
    assert said("l9") == (2, "There is no lead l9 in the ledger.\n")
    assert said("e1") == (2, "'e1' is no id here: write l34 for a lead.\n")
    assert said("l2", "--name", "a/b")[0] == 2
    assert said("l2", "--name", "asha") == (
        1,
        "l2 is not kept: the name 'Asha' would still stand in price-list--asha.form.\n",
    )
    assert not folder.exists()
    assert said("l2", "--name", "first")[0] == 0
    code, sentence = said("l2", "--name", "first")
    assert code == 2
    assert sentence.endswith("price-list--first already; give this one another name.\n")


# ---- everything that a source may bring


def leads_of(sample: samples.Sample) -> list[Lead]:
    return [one.lead for one in samples.run(sample, ALL, SETTINGS)[2]]


@pytest.mark.parametrize("sample", EVERY, ids=lambda sample: sample.name)
def test_every_lead_of_a_bundled_sample_can_be_kept_and_gives_the_same_sample_each_time(sample: samples.Sample) -> None:
    for number, lead in enumerate(leads_of(sample), start=1):
        found, again = (keep(replace(lead, id=number), sample.event, ALL, SETTINGS, Path("none")) for _ in range(2))

        assert found == again
        assert lead.submission == "" or lead.submission not in written(found)
        for answer in lead.answers:
            private = set(answer.names) & {"name", "full_name", "phone", "phone_number", "email", "mail"}
            assert not (private and str(answer.value) in written(found)) or "test lead" in str(answer.value)


def multipart(*parts: str, end: str = "") -> bytes:
    """Each head and its text in turn."""
    said = zip(parts[::2], parts[1::2], strict=True)
    whole = (f"--B1\r\nContent-Disposition: form-data; {head}\r\n\r\n{text}\r\n" for head, text in said)
    return ("".join(whole) + end).encode()


def rows(answers: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": text} for name, text in answers.items()]


ODD = {
    "a file's name": (
        multipart('name="name"', "Asha Rao", 'name="phone"', "9876543210")
        + multipart('name="cv"; filename="AshaRao_CV.pdf"', "Asha Rao, born 1990", end="--B1--\r\n"),
        "multipart/form-data; boundary=B1",
    ),
    "JSON inside a form": (
        urlencode(
            {
                "rawRequest": json.dumps({"name": "Asha Rao", "phone": "9876543210", "q4": ["Asha says: villa"]}),
                "pretty": "Name:Asha Rao, Phone:9876543210",
                "submissionID": "556677889900",
            }
        ).encode(),
        FORM,
    ),
    "a number in two pieces": ({"name": "Asha Rao", "phone": {"area": "98765", "phone": "43210"}}, JSON),
    "a number with its code apart": ({"name": "Asha Rao", "phone": {"country": "+91", "phone": "9876543210"}}, JSON),
    "a number that is no text": ({"name": "Asha Rao", "phone": 919876543210, "paid": 12.50}, JSON),
    "a machine's address, a captcha, a click": (
        {"name": "Asha Rao", "phone": "9876543210", "ip": "203.0.113.77", "user_agent": "Phone of Asha", "rating": 4}
        | {"g-recaptcha-response": "03AGdBq25", "access_key": "s3cr3t", "gclid": "Cj0KCQ-77aa"}
        | {"page_url": "https://www.example.com/?gclid=Cj0KCQ-77aa&who=Asha%20Rao&ip=2400:cb00::77"},
        JSON,
    ),
    "rows": (
        rows(
            {"name": "Asha Rao", "phone": "9876543210", "g-recaptcha-response": "03AGdBq25"}
            | {"email": "ASHA.RAO@mail.example", "note": "ashaji's number is +91 (0) 98765 43210"}
        ),
        JSON,
    ),
    "signs of HTML": (b"name=Zo%26eacute%3B+Rao&phone=9876543210&message=Zo%C3%A9+says+zoe", FORM),
    "another alphabet": ({"name": "आशा राव", "phone": "९८७६५ ४३२१०", "message": "मैं आशा हूँ, ०९८७६५४३२१०"}, JSON),
    "another person too": (
        {"name": "Asha Rao", "phone": "9876543210", "husband_name": "Ravi Mehta", "husband_phone": "+1 415 555 2671"}
        | {"message": "ravi MEHTA can be called too: 415.555.2671"},
        JSON,
    ),
}


@pytest.mark.parametrize(("body", "kind"), ODD.values(), ids=ODD.keys())
def test_however_a_form_is_sent_nobody_is_left_in_the_sample(body: Any, kind: str) -> None:
    who = "who=Asha+Rao&" if "Asha" in str(body) else ""
    found = kept(enquiry(body, kind=kind, query=f"{who}utm_source=spring&wa=919876543210"))

    said = written(found).casefold()
    names = ("asha", "rao", "zo&eacute", "zoe", "zoé", "आशा", "राव", "ravi", "mehta")
    assert not [name for name in names if re.search(rf"(?<![a-zé]){name}(?![a-zé])|asharao", said)]
    digits = re.sub(r"(?<=\d)[ .-](?=\d)", "", said)
    numbers = (
        "76543210",
        "43210",
        "98765",
        "४३२१०",
        "५४३२१०",
        "4155552671",
        "203.0.113.77",
        "2400:cb00",
        "556677889900",
    )
    assert not [number for number in numbers if number in digits]
    assert not re.search("03agdbq25|s3cr3t|cj0kcq|phone of|mail.example|born", said)
    assert call_of(found)["campaignName"] == "enquiry"
    assert expected(found)["query"].endswith("utm_source=spring&wa=918" + expected(found)["query"][-9:])


def test_one_of_several_people_is_kept_alone() -> None:
    people = [{"name": "Asha Rao", "phone": "9876543210"}, {"name": "Ravi Mehta", "phone": "9123456780"}]
    event = enquiry(people)
    (_asha, ravi) = SOURCES["website"].leads(event).leads

    found = keep(replace(ravi, id=35), event, ENQUIRIES, SETTINGS, Path("none"))

    assert len(expected(found)["leads"]) == 1
    assert not re.search("asha|ravi|mehta|98765|912345", written(found), re.IGNORECASE)


def test_what_the_address_said_goes_along() -> None:
    text = ENQUIRY.replace("        message: $message", "        message: $message\n        ad: $ad")
    live = Live.of(
        1, {"enquiry.yaml": text.replace("  email: email", "  email: email\n  ad: about.utm_source")}, SETTINGS
    )
    event = enquiry(
        {"name": "Asha Rao", "phone": "9876543210"}, query="utm_source=spring+sale&first_name=Asha&ref=asha_rao"
    )

    found = kept(event, live)

    assert call_of(found)["attributes"]["ad"] == "spring sale"
    assert "utm_source=spring+sale&first_name=" in expected(found)["query"]
    assert "asha" not in written(found).casefold()


def test_a_fraction_stays_as_it_was_written() -> None:
    sample = next(one for one in EVERY if one.name == "typeform/full.json")
    (lead,) = leads_of(sample)
    (body, _expected) = keep(replace(lead, id=1), sample.event, ALL, SETTINGS, Path("none")).files.values()

    assert b'"number": 4.5' in body


@pytest.mark.parametrize("hidden", ["https://n.example/u/QXNoYSBSYW8", "t=OTg3NjU0MzIxMA==", "{name: \\u0041sha}"])
def test_a_lead_that_hides_its_person_in_code_is_not_kept(hidden: str) -> None:
    with pytest.raises(NotKept, match="would still stand in"):
        kept(enquiry({"name": "Asha Rao", "phone": "9876543210", "message": hidden}))


def test_the_click_in_an_address_that_was_filled_in_is_replaced() -> None:
    page = "https://www.example.com/?who=Asha+Rao&gclid=Cj0KCQ-77aa"

    found = kept(enquiry({"name": "Asha Rao", "phone": "9876543210", "page": page}))

    assert not re.search("Cj0KCQ|Asha", written(found))


@pytest.mark.parametrize(
    "name", ["asha99@mail.example.com", "Thiru Asha Rao", "Mohd. Asha", "Mr. and Mrs. Rao", "Asha &#" + 5000 * "9"]
)
def test_whatever_stands_for_a_name_can_be_kept(name: str) -> None:
    found = kept(enquiry({"name": name, "phone": "9876543210"}))

    assert not re.search(r"\b(asha|rao)\b|@mail", written(found).casefold())


def test_a_name_without_end_is_refused_at_once() -> None:
    with pytest.raises(NotKept, match="too long to be one"):
        kept(enquiry({"name": 20_000 * "Asha Rao ", "phone": "9876543210"}))


# ---- the same decision


def test_a_lead_that_is_decided_by_who_it_is_cannot_be_kept() -> None:
    with pytest.raises(NotKept) as refused:
        kept(enquiry({"name": "Asha Rao", "phone": "9876543210", "email": "asha@villas.example"}))

    assert str(refused.value) == (
        "l34 is not kept: with invented people in it, rule 'Everyone' is chosen instead of rule 'Colleagues'."
    )


def test_a_lead_that_is_decided_by_its_moment_brings_it_along(tmp_path: Path) -> None:
    found = kept(enquiry({"name": "Asha Rao", "phone": "9876543210", "message": "Call me today"}))
    usual = kept(enquiry({"name": "Asha Rao", "phone": "9876543210"}))

    assert expected(found)["received"] == "2026-12-24T11:34:00+00:00"
    assert expected(found)["leads"][0]["rule"] == "On the last day"
    assert "received" not in expected(usual)
    (tmp_path / "website").mkdir()
    for path, content in found.files.items():
        (tmp_path / "website" / path.name).write_bytes(content)
    (sample,) = samples.load_all(tmp_path)
    assert samples.difference(sample, samples.outcome(sample, ENQUIRIES, SETTINGS)) == ""


def test_where_the_hour_decides_the_invented_number_stays_in_its_time_zone() -> None:
    night = "  - name: At night\n    when:\n      hour:\n        at_most: 5\n    skip: they sleep\n"
    live = Live.of(1, {"enquiry.yaml": ENQUIRY.replace("rules:\n", f"rules:\n{night}")}, SETTINGS)
    event = enquiry({"name": "Asha Rao", "phone": "+1 415 555 2671"})

    found = kept(event, live)

    assert expected(found)["leads"][0]["rule"] == "At night"
    assert '"+1 415 555 ' in written(found)
    assert "2671" not in written(found)


@pytest.mark.parametrize("typed", ["98765", "1234567890", "022 2345 6789", "987654321012345", "9.87654E+09", "none"])
def test_a_number_that_cannot_be_used_goes_on_failing_in_the_same_way(typed: str) -> None:
    event = enquiry({"name": "Asha Rao", "phone": typed})

    (lead,) = expected(kept(event))["leads"]

    real = ENQUIRIES.plan(only_lead(event))
    assert real
    assert (lead["state"], lead["reason"]) == ("failed", real.reason)


def test_a_name_that_is_a_word_of_the_mapping_changes_nothing_else() -> None:
    found = kept(enquiry({"name": "Dear Penthouse Rao", "phone": "9876543210", "message": "Rao wants a house"}))

    message = call_of(found)["attributes"]["message"]
    assert re.fullmatch(r"\w{3} wants a house", message)
    assert "Rao" not in message


def test_an_event_without_its_source_or_its_answers_is_refused_in_words() -> None:
    lead = only_lead(event := enquiry({"name": "Asha Rao", "phone": "9876543210"}))

    with pytest.raises(GatewayError, match="came from 'carrier-pigeon', a source that this version does not know"):
        keep(replace(lead, source="carrier-pigeon"), event, ENQUIRIES, SETTINGS, Path("none"))
    with pytest.raises(GatewayError, match="cannot be read any more"):
        keep(lead, replace(event, body=b"{"), ENQUIRIES, SETTINGS, Path("none"))
