"""Mapping files: every mistake at its place with its cure, and good files read word for word."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mapping import when as w
from gateway.mapping.compare import holds
from gateway.mapping.reader import document, patterns
from gateway.mapping.reader.check import choose, read_mapping, read_mappings
from gateway.mapping.reader.problems import Problems
from gateway.mapping.rules import Mapping
from gateway.model import Problem
from gateway.pipeline.beside import BESIDE

ROOT = Path(__file__).parent.parent
BROKEN = sorted((ROOT / "tests" / "problems").glob("*.yaml"))
SHIPPED = sorted(path for path in (ROOT / "mappings").glob("*.yaml") if path.name not in BESIDE)
DOCUMENTED = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "mappings.md").read_text(encoding="utf-8"), re.DOTALL)
GOOD_LINES = [path.read_text(encoding="utf-8").splitlines() for path in SHIPPED]

SMALL = """\
source: website
form: price-list
fields:
  phone: phone
  city: city
rules:
  - name: Everyone
    call:
      campaignName: price_list
      destination: $phone
      templateParams:
        - $city
"""


def read(text: str | bytes, version: str = "v1") -> Mapping:
    mapping, problems = read_mapping("some/good.yaml", text, version=version)

    assert [str(problem) for problem in problems] == []
    assert mapping is not None
    return mapping


def sentences(problems: list[Problem]) -> str:
    return "".join(f"{problem}\n" for problem in problems)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_broken_file_prints_exactly_its_text(path: Path) -> None:
    mapping, problems = read_mapping(path.name, path.read_bytes())
    expected = path.with_suffix(".txt").read_text(encoding="utf-8")

    assert expected == sentences(problems)
    assert expected
    assert (mapping is None) == any(not problem.warning for problem in problems)


def test_every_text_has_its_broken_file() -> None:
    texts = {path.stem for path in (ROOT / "tests" / "problems").glob("*.txt")}

    assert {path.stem for path in BROKEN} == texts
    assert len(texts) >= 40


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_mappings_have_no_problem(path: Path) -> None:
    mapping = read(path.read_bytes())

    assert mapping.source == path.stem


@pytest.mark.parametrize("text", DOCUMENTED)
def test_every_mapping_in_the_docs_has_no_problem(text: str) -> None:
    read(text)


def test_scalars_stay_as_they_were_typed() -> None:
    words = ["NO", "'+919876543210'", "0123", "12:30", "1_000", "'~'", "'null'", "1.10", "2024-01-02", "yes"]
    params = "".join(f"        - {word}\n" for word in ["$city", *words])
    mapping = read(SMALL.replace("        - $city\n", params))
    call = mapping.rules[0].call

    assert call is not None
    assert [text.template for text in call.params] == ["$city", *(word.strip("'") for word in words)]


@pytest.mark.parametrize("text", [*(path.read_text(encoding="utf-8") for path in SHIPPED), *DOCUMENTED])
def test_the_tree_says_what_yaml_says(text: str) -> None:
    problems = Problems("x.yaml")
    root = document.read(text, problems)
    expected = yaml.load(text, yaml.BaseLoader)

    assert problems.found == []
    assert root is not None
    assert expected == _without_blanks(root.plain())


def _without_blanks(value: Any) -> Any:
    """YAML's plainest loader says "" where nothing was written."""
    if isinstance(value, dict):
        return {key: _without_blanks(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_blanks(each) for each in value]
    return "" if value is None else value


@pytest.mark.parametrize("typed", ["+919876543210", "+91 98765-43210"])
def test_a_number_in_full_may_be_the_destination(typed: str) -> None:
    mapping = read(SMALL.replace("$phone", typed).replace("$city", "$city, $phone"))
    call = mapping.rules[0].call

    assert call is not None
    assert call.destination.template == "+919876543210"
    assert not mapping.fields["phone"].is_phone


@pytest.mark.parametrize("text", ["\ufeff" + SMALL, SMALL.encode("utf-8-sig"), SMALL.replace("\n", "\r\n")])
def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(text: str | bytes) -> None:
    assert read(text).forms == ("price-list",)


def test_a_large_file_is_refused_without_reading_it() -> None:
    _, problems = read_mapping("big.yaml", SMALL + "# x\n" * 300_000)

    assert [problem.line for problem in problems] == [1]
    assert "over 1 MB" in problems[0].sentence


def test_a_field_has_all_its_parts_with_their_lines() -> None:
    mapping = read((ROOT / "mappings" / "facebook.yaml").read_bytes())
    name, ad, phone = (mapping.fields[each] for each in ("first_name", "ad", "phone"))

    assert [(each.name, each.line, [use.name for use in each.filters]) for each in name.candidates] == [
        ("first_name", 19, []),
        ("full_name", 20, ["first_name"]),
    ]
    assert (name.default, [use.name for use in name.filters], name.line) == ("there", ["title"], 17)
    assert (ad.candidates[0].scope, ad.candidates[0].name) == ("about", "ad_name")
    assert phone.is_phone
    assert mapping.fields["budget"].values["above_1_crore"] == "above ₹1 crore"


def test_a_call_starts_from_the_defaults() -> None:
    mapping = read((ROOT / "mappings" / "facebook.yaml").read_bytes())
    call = mapping.rules[1].call

    assert call is not None
    assert [tag.text.template for tag in call.tags] == ["facebook", "$city", "hot", "metro"]
    assert call.tags[3].when == w.Test("city", "is", ("Mumbai", "Delhi"), 69)
    assert call.destination.template == "$phone"
    assert call.media is not None
    assert call.media.filename.template == "Goa villas.pdf"


def test_a_call_may_take_back_what_the_defaults_say() -> None:
    defaults = "defaults:\n  templateParams:\n    - a\n  tags:\n    - b\n  attributes:\n    c: d\n    e: f\nrules:"
    changed = "      templateParams:\n      tags_only:\n        - $city\n      attributes:\n        c:\n"
    text = SMALL.replace("rules:", defaults).replace("      templateParams:\n        - $city\n", changed)
    call = read(text).rules[0].call

    assert call is not None
    assert call.params == ()
    assert [tag.text.template for tag in call.tags] == ["$city"]
    assert {key: text.template for key, text in call.attributes.items()} == {"e": "f"}


def test_conditions_nest() -> None:
    when = """\
    when:
      city:
        at_least: 5
        at_most: 7
      any:
        - city: Goa
        - not:
            phone:
              given: True
"""
    mapping = read(SMALL.replace("    call:", when + "    call:"))

    assert mapping.rules[0].when == w.AllOf(
        (
            w.Test("city", "at_least", ("5",), 10),
            w.Test("city", "at_most", ("7",), 11),
            w.AnyOf((w.Test("city", "is", ("Goa",), 13), w.Not(w.Test("phone", "given", ("yes",), 16), 14)), 12),
        )
    )


def test_buttons_are_fine_under_the_second_version() -> None:
    call = read(SMALL + "      buttons:\n        - visit/$city\n", version="v2").rules[0].call

    assert call is not None
    assert [text.template for text in call.buttons] == ["visit/$city"]


def test_a_key_of_an_account_is_never_printed() -> None:
    for line in ("apiKey: eyJhbGciOi", "apiKey:eyJhbGciOi", "api_key: {{eyJhbGciOi}}", "'apiKey': *eyJhbGciOi"):
        _, problems = read_mapping("x.yaml", SMALL + f"      {line}\n")

        assert problems
        assert "eyJhbGciOi" not in sentences(problems)


def test_the_file_that_names_the_form_is_chosen_before_the_one_of_last_resort() -> None:
    last = SMALL.replace("form: price-list\n", "")
    mappings, problems = read_mappings({"a.yaml": last, "b.yaml": SMALL})

    assert problems == []
    assert choose(mappings.values(), "website", "price-list") is mappings["b.yaml"]
    assert choose(mappings.values(), "website", "Price-List") is mappings["a.yaml"]
    assert choose(mappings.values(), "facebook", "price-list") is None


def test_two_files_that_claim_one_form_are_both_named_and_neither_is_good() -> None:
    last = SMALL.replace("form: price-list\n", "")
    files = {"a.yaml": SMALL, "b.yaml": SMALL, "c.yaml": last, "d.yaml": last}
    mappings, problems = read_mappings({**files, "e.yaml": last.replace("website", "typeform")})

    assert set(mappings) == {"e.yaml"}
    assert sentences(problems) == (
        "a.yaml:2:7: form 'price-list' stands in 'b.yaml' too; keep it in one file\n"
        "b.yaml:2:7: form 'price-list' stands in 'a.yaml' too; keep it in one file\n"
        "c.yaml:1:9: without 'form' this file takes every other website lead, and so does 'd.yaml'; "
        "name the forms in one\n"
        "d.yaml:1:9: without 'form' this file takes every other website lead, and so does 'c.yaml'; "
        "name the forms in one\n"
    )


def test_quotes_blocks_and_comments_are_never_taken_for_traps() -> None:
    params = """\
        - "*bold* {{ x: y #1"   # a comment: with *signs* #1
        - 'it''s @home: > 5 #2'
        - |
          *bold* - x: y #1
          `code`
        - >-
            & so on: and on
        - "over two
          lines: 'fine'"
        - https://example.com/#top
        - a#b, c:d and 12:30
        - $city - 5 > 4 [really] {not}
        - Size {L}
      tags:
        - name:value
        - tag:hot
      attributes:
        price: from $5 to $ 10, US$ too
"""
    read(SMALL.replace("        - $city\n", params))


@pytest.mark.parametrize(
    "line",
    [
        "city: 'Mumbai, Pune'",
        'city: "not sure yet"',
        "city: 'yes or no'",
        "city: 'Mum*'",
        "city: Nothing in $",
        "city: '> 5 rooms'",
        "city: 1,00,000",
        "form: Price-List",
        "form: {contains: price}",
        "source: {is_not: website}",
        "received: {starts_with: 2026-10}",
        "received: {at_least: 2026-10-01, at_most: '2026-10-31 18:00'}",
        "phone: +919876543210",
        "phone: {starts_with: '+91'}",
        "phone: {contains: 98765}",
        "phone: {given: no}",
    ],
)
def test_a_condition_that_may_hold_is_left_alone(line: str) -> None:
    read(SMALL.replace("    call:", f"    when:\n      {line}\n    call:"))


def test_the_source_must_be_one_that_there_is() -> None:
    names = ["website", "facebook"]
    texts = {file: SMALL.replace("source: website", f"source: {file[:-5]}") for file in ("crm.yaml", "websit.yaml")}
    mappings, problems = read_mappings({**texts, "good.yaml": SMALL}, sources=names)

    assert set(mappings) == {"good.yaml"}
    assert sentences(problems) == (
        "crm.yaml:1:9: there is no source 'crm'; there is 'facebook' and 'website'\n"
        "websit.yaml:1:9: there is no source 'websit'; did you mean 'website'?\n"
    )
    assert read_mapping("crm.yaml", texts["crm.yaml"], sources=names)[0] is None
    assert read_mapping("crm.yaml", texts["crm.yaml"])[0] is not None


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\d{6}$",
        r"^(mumbai|pune|goa)( city)?$",
        r"(north|south) +goa.*villa",
        r"[\w.+-]+@[\w-]+\.[\w.]+",
        r"\b(resume|cv|job)s?\b",
        r"^\d{3}(-\d{3})+$",
        r"(a|b|c)*d",
        r"^[^,]+, *[^,]+, *[^,]+$",
        "sea ?view|beach",
        "{a}[]x]{2}",
    ],
)
def test_patterns_that_people_write_are_taken(pattern: str) -> None:
    assert patterns.mistake(pattern) == ""


PIECES = st.sampled_from(["a", "b", "[ab]", ".", r"\w", "[^c]", "aa", "c", r"\b", "(a|aa)", "(a|b)", "(a+)", "(ab?)+"])
REPEATS = st.sampled_from(["", "", "*", "+", "?", "{2,5}", "{0,20}", "*?"])


@settings(deadline=None)  # The clock is in the test itself.
@given(st.lists(st.tuples(PIECES, REPEATS).map("".join), min_size=1, max_size=8).map("".join))
def test_no_answer_keeps_a_pattern_that_is_taken_busy_for_long(pattern: str) -> None:
    begun = time.process_time()
    if patterns.mistake(pattern) == "":
        for text in ("a" * 1000, "ab" * 500):
            holds("matches", text, (pattern + "d",))

    assert time.process_time() - begun < 5


@settings(deadline=None)  # The machine may be busy with other tests.
@given(st.text() | st.text(alphabet="ab:-# \n\t'\"[]{}*&!|>?,$%@`<=~.\\U0\ufeff\x85\u2028"))
def test_any_text_gives_a_mapping_or_a_problem(text: str) -> None:
    mapping, problems = read_mapping("x.yaml", text)

    assert mapping or problems


@settings(deadline=None)  # The machine may be busy with other tests.
@given(st.binary())
def test_any_bytes_give_a_mapping_or_a_problem(data: bytes) -> None:
    mapping, problems = read_mapping("x.yaml", data)

    assert mapping or problems


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good mapping after a few slips of the hand."""
    lines = list(draw(st.sampled_from(GOOD_LINES)))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 2))
        slip = draw(st.sampled_from(["drop", "swap", "insert", "indent", "cut"]))
        if slip == "drop":
            del lines[at]
        elif slip == "swap":
            lines[at], lines[at + 1] = lines[at + 1], lines[at]
        elif slip == "indent":
            lines[at] = draw(st.sampled_from(["  ", "\t", " ", "- ", "\u00a0"])) + lines[at]
        else:
            column = draw(st.integers(0, len(lines[at])))
            typed = draw(st.text(alphabet=":-#'\"[]{}*&!|>?,$ ~\\", max_size=3)) if slip == "insert" else ""
            lines[at] = lines[at][:column] + typed + lines[at][column + (slip == "cut") :]
    return "\n".join(lines)


@settings(deadline=None)  # The machine may be busy with other tests.
@given(mutated())
def test_slips_in_a_good_mapping_give_a_mapping_or_a_problem(text: str) -> None:
    mapping, problems = read_mapping("x.yaml", text)

    assert (mapping is None) == any(not problem.warning for problem in problems)
    assert all(1 <= problem.line <= text.count("\n") + 2 for problem in problems)
