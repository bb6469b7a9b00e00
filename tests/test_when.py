"""Deciding: whether a `when` holds, and the clause that says why not."""

from __future__ import annotations

from doctest import DocTestFinder

import pytest

from gateway.mapping import compare
from gateway.mapping.when import OPERATORS, AllOf, AnyOf, Condition, Not, Verdict, judge, named
from gateway.mapping.when import Test as Line
from gateway.model import Value

LEAD: dict[str, Value] = {
    "city": "  NAVI   Mumbai ",
    "areas": ("Assagao", "Siolim"),
    "one": ("Assagao",),
    "size": "2",
    "budget": "50_lakh_-_1_crore",
    "empty": "",
    "message": "Call me AFTER 6pm",
    "visit": "2026-11-20",
    "words": "many",
    "received": "2026-11-20T15:30:00+00:00",
    "form": "0120",
}


def holds(field: str, operator: str, *texts: str) -> bool:
    return judge(Line(field, operator, texts, 7), LEAD).holds


def because(condition: Condition) -> str:
    verdict = judge(condition, LEAD)
    assert not verdict.holds
    return verdict.because


@pytest.mark.parametrize(
    ("field", "operator", "texts", "held"),
    [
        ("city", "is", ("navi mumbai",), True),
        ("city", "is", ("ＮＡＶＩ mumbai",), True),
        ("city", "is", ("Delhi", "Navi Mumbai"), True),
        ("city", "is", ("Mumbai",), False),
        ("areas", "is", ("siolim",), True),
        ("areas", "is", ("Anjuna",), False),
        ("form", "is", ("120",), False),
        ("empty", "is", ("Pune",), False),
        ("unknown", "is", ("Pune",), False),
        ("city", "is_not", ("Delhi",), True),
        ("areas", "is_not", ("Siolim",), False),
        ("empty", "is_not", ("Delhi",), True),
        ("areas", "only", ("Assagao",), False),
        ("one", "only", ("assagao",), True),
        ("city", "only", ("Navi Mumbai",), True),
        ("empty", "only", ("Assagao",), False),
        ("message", "contains", ("after  6PM",), True),
        ("message", "contains", ("before", "call"), True),
        ("message", "contains", ("before",), False),
        ("areas", "contains", ("olim",), True),
        ("empty", "contains", ("a",), False),
        ("message", "starts_with", ("call",), True),
        ("message", "starts_with", ("me",), False),
        ("message", "matches", (r"\d\s*pm\b",), True),
        ("message", "matches", (r"^after",), False),
        ("areas", "matches", (r"^sio",), True),
        ("empty", "matches", (".*",), False),
        ("message", "given", ("yes",), True),
        ("message", "given", ("no",), False),
        ("empty", "given", ("yes",), False),
        ("empty", "given", ("no",), True),
        ("unknown", "given", ("no",), True),
    ],
)
def test_the_words_of_when(field: str, operator: str, texts: tuple[str, ...], held: bool) -> None:  # noqa: FBT001 - a table
    assert holds(field, operator, *texts) is held


@pytest.mark.parametrize(
    ("field", "operator", "limit", "held"),
    [
        ("size", "at_least", "2", True),
        ("size", "at_least", "3", False),
        ("size", "at_most", "2", True),
        ("size", "at_most", "1.5", False),
        ("budget", "at_least", "₹50,00,000", True),
        ("budget", "at_least", "60 lakh", False),
        ("budget", "at_most", "1 crore", True),
        ("visit", "at_least", "2026-11-20", True),
        ("visit", "at_most", "2026-11-19", False),
        ("received", "at_most", "2026-11-20", True),
        ("received", "at_least", "2026-11-20T15:30", True),
        ("received", "at_least", "2026-11-20 15:31", False),
        ("received", "at_least", "2026-11-21", False),
        ("received", "at_most", "2026-11-20T21:00:00+05:30", True),
        ("empty", "at_least", "0", False),
    ],
)
def test_amounts_and_dates_compare(field: str, operator: str, limit: str, held: bool) -> None:  # noqa: FBT001 - a table
    verdict = judge(Line(field, operator, (limit,), 7), LEAD)

    assert (verdict.holds, verdict.warnings) == (held, ())


@pytest.mark.parametrize(
    ("field", "limit", "clause"),
    [
        ("words", "3", "words is 'many', which cannot be read as an amount"),
        ("visit", "3", "visit is '2026-11-20', which cannot be read as an amount"),
        ("size", "2026-11-20", "size is '2', which cannot be held against the date '2026-11-20'"),
        ("size", "2026-11-31", "size is '2', which cannot be held against the date '2026-11-31'"),
        ("size", "lots", "size cannot be held against 'lots', which is no amount"),
    ],
)
def test_what_cannot_be_read_does_not_hold_and_is_reported(field: str, limit: str, clause: str) -> None:
    for operator in ("at_least", "at_most"):
        verdict = judge(Line(field, operator, (limit,), 7), LEAD)

        assert verdict == Verdict(holds=False, line=7, because=clause, warnings=(f"{clause} (line 7)",))


def test_a_choice_that_can_be_read_outweighs_one_that_cannot() -> None:
    verdict = judge(Line("sizes", "at_least", ("3",), 7), {"sizes": ("many", "4")})

    assert (verdict.holds, verdict.warnings) == (True, ())


def test_a_broken_pattern_does_not_hold_and_is_reported() -> None:
    assert judge(Line("city", "matches", ("(",), 7), LEAD).warnings == (
        "city cannot be held against '(', which is no pattern (line 7)",
    )


def test_a_pattern_searches_only_the_start_of_a_long_answer() -> None:
    line = Line("long", "matches", ("x",), 7)

    assert judge(line, {"long": "y" * 199 + "x"}).holds
    assert not judge(line, {"long": "y" * 200 + "x"}).holds


@pytest.mark.parametrize(
    ("test", "clause"),
    [
        (Line("city", "is", ("Mumbai", "Delhi"), 7), "city is 'NAVI Mumbai', not 'Mumbai' or 'Delhi'"),
        (Line("empty", "is", ("Mumbai",), 7), "empty is empty, not 'Mumbai'"),
        (Line("empty", "contains", ("x",), 7), "empty is empty, so it does not contain 'x'"),
        (Line("empty", "at_least", ("3",), 7), "empty is empty, not 3 or more"),
        (Line("areas", "is", ("A", "B", "C"), 7), "areas is 'Assagao' and 'Siolim', not 'A', 'B' or 'C'"),
        (Line("areas", "is_not", ("Siolim",), 7), "areas is 'Assagao' and 'Siolim'"),
        (Line("areas", "only", ("Siolim",), 7), "areas is 'Assagao' and 'Siolim', not only 'Siolim'"),
        (Line("size", "at_least", ("3",), 7), "size 2 is below 3"),
        (Line("size", "at_most", ("1",), 7), "size 2 is above 1"),
        (Line("size", "contains", ("x",), 7), "size is '2', which does not contain 'x'"),
        (Line("size", "starts_with", ("x",), 7), "size is '2', which does not start with 'x'"),
        (Line("size", "matches", ("x+",), 7), "size is '2', which does not match 'x+'"),
        (Line("size", "given", ("no",), 7), "size is '2'"),
        (Line("empty", "given", ("yes",), 7), "empty is empty"),
        (Not(Line("size", "is", ("2",), 7), 6), "size is '2'"),
        (Not(Line("size", "at_least", ("2",), 7), 6), "size 2 is at least 2"),
        (Not(Line("city", "is_not", ("Pune",), 7), 6), "city is 'NAVI Mumbai', not 'Pune'"),
        (Not(Not(Line("size", "is", ("3",), 7), 6), 5), "size is '2', not '3'"),
    ],
)
def test_the_clause_names_what_the_lead_says_and_what_the_rule_wants(test: Condition, clause: str) -> None:
    assert because(test) == clause


def test_all_lines_must_hold_and_the_first_that_does_not_is_named() -> None:
    lines = AllOf((Line("size", "is", ("2",), 4), Line("city", "is", ("Goa",), 5), Line("empty", "is", ("x",), 6)))

    assert judge(AllOf(lines.conditions[:1]), LEAD).holds
    assert judge(lines, LEAD) == Verdict(holds=False, line=5, because="city is 'NAVI Mumbai', not 'Goa'")


def test_any_holds_if_one_line_does_and_else_names_them_all() -> None:
    no = (Line("size", "is", ("3",), 5), Line("empty", "given", ("yes",), 6))

    assert judge(AnyOf((*no, Line("size", "is", ("2",), 7)), 4), LEAD).holds
    assert judge(AnyOf(no, 4), LEAD) == Verdict(
        holds=False, line=4, because="none of these holds: size is '2', not '3'; empty is empty"
    )


def test_not_turns_a_whole_condition_round() -> None:
    both = AllOf((Line("size", "is", ("2",), 5), AnyOf((Line("empty", "given", ("no",), 6),), 6)))

    assert judge(Not(both, 4), LEAD) == Verdict(holds=False, line=4, because="size is '2' and empty is empty")
    assert judge(Not(Not(both, 4), 3), LEAD).holds


def test_warnings_of_lines_that_were_looked_at_are_kept_also_when_the_rule_holds() -> None:
    lines = AnyOf((Line("words", "at_least", ("3",), 5), Line("size", "is", ("2",), 6)), 4)

    assert judge(lines, LEAD).warnings == ("words is 'many', which cannot be read as an amount (line 5)",)


def test_a_condition_knows_the_fields_it_looks_at() -> None:
    condition = AllOf((Not(Line("a", "is", ("x",), 1), 1), AnyOf((Line("b", "is", ("x",), 1),), 1)))

    assert named(condition) == {"a", "b"}
    assert named(None) == set()


def test_every_word_has_its_examples_which_are_run_as_tests() -> None:
    examples = [example.source for test in DocTestFinder().find(compare) for example in test.examples]

    assert [word for word in OPERATORS if not any(f'holds("{word}"' in source for source in examples)] == []
