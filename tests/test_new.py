"""A first mapping by itself: what is recognised, what is left to choose, and that nothing is sent unasked."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import MAPPINGS, SAMPLES, Running, wait_for
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.mapping.fields import find
from gateway.mapping.names import normal
from gateway.mapping.reader.check import read_mapping
from gateway.mapping.starter import Wanted, first_mapping, look, sayable
from gateway.model import Answer, Contract, Lead, Media

PHONE = "+12025550143"
ONE = Wanted("price_list", Contract(1), named=True)
SPARE = re.compile(r"^  # (?=[a-z0-9_]+: )", re.MULTILINE)


def lead(*answers: tuple[str, str], **about: str) -> Lead:
    """A lead of one website form."""
    told = tuple(Answer((name,), value) for name, value in answers)
    return Lead("website", "price-list", datetime(2026, 10, 5, tzinfo=UTC), answers=told, about=about)


def written(*answers: tuple[str, str], wanted: Wanted = ONE, country: str = "") -> str:
    return first_mapping(look([lead(*answers)]), wanted, country).text


def places(text: str) -> list[str]:
    """What is left to choose, by the lines of the file."""
    lines = text.splitlines()
    mapping, problems = read_mapping("new.yaml", text)
    assert (mapping is None) == bool(problems)
    assert all(problem.sentence.startswith("choose ") for problem in problems)
    return [lines[problem.line - 1].split("#")[0].strip() for problem in problems]


def folder_of(gateway: Running) -> Path:
    return Path(gateway.settings.text("GATEWAY_MAPPINGS"))


def unmapped(gateway: Running, count: int) -> None:
    wait_for(lambda: [str(one.state) for one in gateway.leads()].count("unmapped"), lambda found: found == count)


NAMES = st.text(min_size=1, max_size=40) | st.text("aB1.:#|$'\"?-,[]{}&*!%@` é\u0930\u200d\n\t\\<>", min_size=1)


@settings(deadline=None)  # The machine may be busy with other tests.
@example(["API key", "APIKEY!", "a, api_key: b"])
@example(["NAME"])
@given(st.lists(NAMES.filter(lambda name: bool(name.strip())), max_size=5, unique_by=normal))
def test_whatever_a_question_is_called_the_mapping_finds_its_very_answer(names: list[str]) -> None:
    one = lead(("phone", PHONE), ("name", "Mira"), *((name, f"value {at}") for at, name in enumerate(names)))
    form = look([one])
    made = first_mapping(form, ONE, "IN")

    assert places(made.text) == []

    mapping, problems = read_mapping("new.yaml", SPARE.sub("  ", made.text))

    assert mapping is not None, problems
    assert all("no rule uses the field" in problem.sentence for problem in problems)
    for answer in form.answers:
        use = made.uses[answer.names[0]]
        assert use or not sayable(answer.names[0])
        for field in re.findall(r"[a-z0-9_]+", use):
            entry = mapping.fields[field]
            alone = [replace(entry, candidates=(candidate,)) for candidate in entry.candidates]
            assert answer.names[0] in [find(each, one, "IN").answer for each in alone]


@pytest.mark.parametrize(
    ("answer", "value", "use"),
    [
        ("Your WhatsApp number", "98765 43210", "$phone"),
        ("whatsapp", "same", "$phone"),
        ("contact", "+1 202 555 0143", "$phone"),
        ("मोबाइल नंबर", "98765 43210", "$phone"),
        ("Telefonnummer", PHONE, "$phone"),
        ("Who to call", PHONE, "$phone"),
        ("contact", "Mira", "# contact"),
        ("Phone model", "3310", "# phone_model"),
        ("Emergency phone", PHONE, "# emergency_phone"),
        ("friend's mobile", PHONE, "# friend_s_mobile"),
        ("What's your name?", "Mira", "$full_name, $first_name"),
        ("fullName", "Mira", "$full_name, $first_name"),
        ("First name", "Mira", "$full_name, $first_name"),
        ("नाम", "Mira", "$full_name, $first_name"),
        ("Company name", "Sample Ltd", "# company_name"),
        ("Last name", "Sample", "# last_name"),
        ("E-mail address", "mira@example.com", "$email"),
        ("e-mail news", "yes", "# e_mail_news"),
        ("Which city do you live in?", "Goa", "$city"),
        ("weekday", "Monday", "# lead_weekday"),
        ("日付", "2026", "# answer"),
    ],
)
def test_an_answer_is_recognised_only_when_it_is_sure_what_it_is(answer: str, value: str, use: str) -> None:
    assert first_mapping(look([lead((answer, value))]), ONE, "").uses == {answer: use}


def test_the_number_for_whatsapp_comes_first_and_national_numbers_ask_for_a_country() -> None:
    answers = ("phone", "98765 43210"), ("WhatsApp no.", "same"), ("name", "Mira")

    assert "    - 'WhatsApp no.'\n    - phone\n" in written(*answers)
    assert places(written(*answers)) == ["country: <choose a country>"]
    assert places(written(*answers, country="IN")) == []
    assert "country:" not in written(*answers, country="IN")


def test_as_many_parameters_and_such_media_as_the_campaign_wants_are_left_to_choose() -> None:
    wanted = Wanted("goa", Contract(3, Media.DOCUMENT), named=True)

    assert places(written(("phone", PHONE), ("name", "Mira"), wanted=wanted)) == [
        "- <choose a field>",
        "- <choose a field>",
        "url: <choose an address>",
        "filename: <choose a file name>",
    ]
    assert "templateParams" not in written(("phone", PHONE), wanted=Wanted("goa", Contract(0), named=True))
    assert places(written(("message", "hello"))) == ["phone: <choose an answer>", "- <choose a field>"]


def test_a_file_that_nobody_had_a_word_in_is_never_whole() -> None:
    answers = ("phone", PHONE), ("name", "Mira")

    assert places(written(*answers, wanted=Wanted("goa", Contract(1)))) == ["campaignName: <choose a campaign>"]
    assert places(written(*answers, wanted=Wanted("goa", Contract(2)))) == ["- <choose a field>"]


def test_options_are_told_and_nothing_by_which_a_person_is_known() -> None:
    people = [
        lead(
            ("name", "Mira"), ("last name", "Sample"), ("phone", PHONE), ("size", size), ("note", note), utm_source="ad"
        )
        for size, note in zip("SMSML", ["call +12025550144", "mira@example.com", "x" * 60, "at night", ""], strict=True)
    ]
    text = first_mapping(look(people), ONE, "").text

    assert re.search(r"# size: size +# S, M, L\n", text)
    assert re.search(r"# note: note +# .*at night", text)
    assert re.search(r"# utm_source: about.utm_source +# ad\n", text)
    assert not re.search(r"Mira|Sample|2025550|@|xxx", text)


def test_no_example_tells_of_another_person_or_says_a_name_again() -> None:
    text = written(
        ("name", "Mira Sample"), ("Father's name", "Ravi"), ("b.name", "Neha"), ("note", "mira here"), ("phone", PHONE)
    )

    assert "# father_s_name: Father's name\n" in text
    assert not re.search(r"mira|Ravi|Neha", text)


def test_a_form_without_a_mapping_gets_one_and_its_leads_are_sent_when_a_person_says_so(gateway: Running) -> None:
    (folder_of(gateway) / "contracts.yaml").write_bytes((MAPPINGS / "contracts.yaml").read_bytes())
    event = gateway.post_website("brand-new", name="mira sample", phone=PHONE, size="2 BHK", city="goa")
    gateway.post_website("brand-new", name="Asha", phone="+12025550144", size="3 BHK", city="pune")
    gateway.post_website("careers", name="Zoe", phone="+12025550145")
    unmapped(gateway, 3)

    listed = gateway.command("new", "website")
    made = gateway.command("new", "website/brand-new")
    path = folder_of(gateway) / "website-brand-new.yaml"
    checked = gateway.command("check", str(path))

    assert "gateway new website/careers" in listed.output
    assert made.exit_code == 0, made.output
    assert "2025550" not in made.output
    assert "choose a campaign here; known are goa_villas_priority (3 parameters" in made.output
    assert f"gateway explain e{event + 1}" in made.output
    assert (folder_of(gateway) / "schema.json").exists()
    assert checked.exit_code == 1
    assert re.search(r"website-brand-new.yaml:\d+:21: choose a campaign here; known are .*, .* and ", checked.output)
    assert "1 file, 0 rules, 1 problem\n" in checked.output

    text = path.read_text().replace("<choose a campaign>", "price_list").replace("  # size:", "  size:")
    gateway.write_mapping(path.name, text.replace("- $first_name ", "- $first_name\n        - $size"))
    command = "replay --state unmapped --source website --form brand-new"
    assert command in made.output
    assert "2 to replay" in gateway.command(*command.split()).stderr
    assert gateway.command(*command.split(), "--yes").exit_code == 0

    gateway.wait_for_states(accepted=2)
    unmapped(gateway, 1)
    call = next(call for call in gateway.calls() if call["destination"] == PHONE)
    assert (call["userName"], call["templateParams"]) == ("Mira Sample", ["Mira", "2 BHK"])
    assert call["attributes"] == {"city": "Goa"}
    sent = ["replay", "--state", "accepted", "--form", "brand-new", "--source"]
    assert "2 to replay" in gateway.command(*sent, "website").stderr
    assert "Nothing is in that state" in gateway.command(*sent, "typeform").output
    assert "an id names one thing already" in gateway.command("replay", "l1", "--form", "brand-new").stderr


def test_a_form_that_a_file_names_is_left_alone_and_no_file_is_written_over(gateway: Running) -> None:
    gateway.post_website("brand-new", name="Mira", phone=PHONE)
    gateway.post_website("careers", name="Zoe", phone=PHONE)
    unmapped(gateway, 2)
    folder = folder_of(gateway)
    assert gateway.command("new", "website/brand-new", "--file", "first.yaml").exit_code == 0

    again = gateway.command("new", "website/brand-new")
    over = gateway.command("new", "website/careers", "--file", "first.yaml")
    (folder / "website-careers.yaml").write_text("# a page of ours")
    beside = json.loads(gateway.command("new", "website/careers", "--campaign", "price_list", "--json").output)

    assert [again.exit_code, over.exit_code] == [2, 2]
    assert "first.yaml is for the form 'brand-new' of website already" in again.stderr
    assert "fill in the places that say <choose …>, then `gateway check`" in again.stderr
    assert "first.yaml is there already" in over.stderr
    assert beside["file"] == str(folder / "website-careers-2.yaml")
    assert beside["problems"] == []
    rows = json.loads(gateway.command("new", "--json").output)
    assert {row["form"]: row["file"] for row in rows} == {
        "brand-new": "first.yaml",
        "careers": "website-careers-2.yaml",
    }


def test_leads_that_name_no_form_get_the_mapping_of_last_resort(gateway: Running) -> None:
    (folder_of(gateway) / "website.yaml").unlink()
    gateway.post_website("", name="Mira", phone=PHONE)
    unmapped(gateway, 1)

    shown = gateway.command("new", "website", "--campaign", "goa_villas_welcome", "--print").output
    made = gateway.command("new", "website", "--campaign", "goa_villas_welcome")
    gateway.write_mapping("website.yaml", shown)  # the same once more, and waits until it is live

    assert "\nform:" not in shown
    assert "website.yaml is written." in made.output
    assert "replay --state unmapped --source website --form ''" in made.output
    assert gateway.command("replay", "--state", "unmapped", "--form", "", "--yes").exit_code == 0
    gateway.wait_for_states(accepted=1)


def test_questions_of_typeform_are_found_by_their_ref_and_shown_by_their_title(gateway: Running) -> None:
    body = (SAMPLES / "typeform" / "full.json").read_bytes().replace(b"AbC123xy", b"New1form")
    gateway.post_signed("typeform", body.replace(b'"size"', b'"01hexample7f"'))
    unmapped(gateway, 1)

    text = gateway.command("new", "typeform", "--print").output

    assert re.search(r"# flat_size: '01hexample7f' +# Flat size\?: ", text)
    assert "  phone: phone\n" in text
    assert "form: New1form\n" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("websit", "There is no source 'websit'; did you mean 'website'?"),
        ("website/nothing", "No lead of website/nothing waits for a mapping"),
        ("website/price-list", "website.yaml is for the form 'price-list' of website already"),
        ("website/brand-new --file ../x.yaml", "'../x.yaml' is no name for a mapping"),
        ("website/brand-new --file contracts.yaml", "'contracts.yaml' is no name for a mapping"),
        ("website/a/b", "No mapping can be for the form 'a/b' of website: a form's id has no '/'"),
    ],
)
def test_what_cannot_be_written_is_said_in_one_sentence(gateway: Running, arguments: str, sentence: str) -> None:
    gateway.post_website("brand-new", name="Mira", phone=PHONE)
    gateway.post_website("a/b", name="Mira", phone=PHONE)
    unmapped(gateway, 2)

    result = gateway.command("new", *arguments.split())

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_an_unfinished_file_keeps_nobody_from_explaining_testing_and_comparing_the_others(gateway: Running) -> None:
    gateway.post_website("price-list", name="Mira", phone=PHONE, interest="Villa")
    gateway.post_website("brand-new", name="Zoe", phone=PHONE)
    unmapped(gateway, 1)
    assert gateway.command("new", "website/brand-new").exit_code == 0

    mapped, waiting = gateway.command("explain", "e1"), gateway.command("explain", "e2")
    compared, checked = gateway.command("diff"), gateway.command("check")

    assert "rule 'Price list'" in mapped.output
    assert "website-brand-new.yaml may be for this form and cannot be used as it is" in waiting.output
    assert (compared.exit_code, checked.exit_code) == (0, 1)
