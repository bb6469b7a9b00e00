"""Filters: what they make of the words people type, what they refuse, and how they are told about."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping.filters import FilterUse, apply, catalogue, mistake, read_amount
from gateway.model import Value

LETTERS = "d, dd, m, mm, mmm, mmmm, yy and yyyy"


def use(written: str) -> FilterUse:
    name, _, argument = written.partition(" ")
    return FilterUse(name, argument.strip())


@pytest.mark.parametrize(
    ("typed", "greeting"),
    [
        ("Asha Rao", "Asha"),
        ("asha rao", "Asha"),
        ("ASHA RAO", "Asha"),
        ("Mr. Ravi Kumar", "Ravi"),
        ("SMT ASHA", "Asha"),
        ("Dr Shri Ravi", "Ravi"),
        ("PROF. RAVI KUMAR", "Ravi"),
        ("Smt. A. K. Mira Sharma", "Mira"),
        ("શ્રી રવિ", "રવિ"),
        ("K. Mira", "Mira"),
        ("K.R. Mira", "Mira"),
        ("k mira", "Mira"),
        ("Mira K", "Mira"),
        ("McDonald James", "McDonald"),
        ("O&#039;Sample", "O'Sample"),
        ("o'sample", "O'Sample"),
        ("mary-jane watson", "Mary-Jane"),
        ("मीरा शर्मा", "मीरा"),
        ("श्री मोहन", "मोहन"),
        ("José", "José"),
        ("Mira, Sharma", "Mira"),
        ("K. R.", ""),
        ("Mr", ""),
        ("", ""),
        ("98765 43210", ""),
        ("...", ""),
        ("mira@example.com", ""),
        ("https://example.com", ""),
        ("www.example.com", ""),
        ("a very long text that is surely no name of anybody", ""),
        ("Ms.Asha Rao", "Asha"),
        ("K.R.MIRA", "Mira"),
        ("Md. Irfan Khan", "Irfan"),
        ("CA Ravi", "Ravi"),
        ("Mr. & Mrs. Rao", "Rao"),
        ("Mr and Mrs Rao", "Rao"),
        ("के. आर. मीरा", "मीरा"),
        ('"Asha"', "Asha"),
        ("(Asha)", "Asha"),
        ("&#2310;&#2358;&#2366; &#2352;&#2366;&#2357;", "आशा"),
        ("&#" + 5000 * "9" + ";", ""),
    ],
)
def test_the_greeting_name_is_found_or_left_empty(typed: str, greeting: str) -> None:
    assert apply(FilterUse("first_name"), typed) == greeting


@pytest.mark.parametrize(
    ("typed", "titled"),
    [
        ("goa", "Goa"),
        ("NAVI MUMBAI", "Navi Mumbai"),
        ("McDonald", "McDonald"),
        ("iPhone case", "iPhone case"),
        ("it's mine", "It's Mine"),
        ("d'souza", "D'Souza"),
        ("andaman/nicobar (islands)", "Andaman/Nicobar (Islands)"),
        ("rene\u0301e", "Rene\u0301e"),
        ("3 bhk", "3 Bhk"),
        ("मुंबई", "मुंबई"),
        ("", ""),
    ],
)
def test_title_changes_only_texts_of_one_case(typed: str, titled: str) -> None:
    assert apply(FilterUse("title"), typed) == titled


@pytest.mark.parametrize(
    ("typed", "written", "after"),
    [
        ("Sea view villas", "truncate 15", "Sea view villas"),
        ("Sea view villas", "truncate 9", "Sea view…"),
        ("Sea view villas", "truncate 8", "Sea…"),
        ("Villas, by the sea", "truncate 10", "Villas…"),
        ("Thiruvananthapuram", "truncate 8", "Thiruva…"),
        ("नमस्ते", "truncate 5", "नमस्…"),
        ("नमस्ते", "truncate 4", "नम…"),
        ("Goa", "truncate 1", "…"),
        ("👩‍👩‍👧 Mira", "truncate 5", "👩‍👩…"),
        ("3-Apr-2026", "date d mmmm", "3 April"),
        ("Baner, Pune, India", "before ,", "Baner"),
        ("Baner, Pune, India", "after ,", "Pune, India"),
        ("a  b", "last_word", "b"),
        ("  ", "first_word", ""),
        ("२ BHK", "digits", "2"),
        ("Goa Goa", "replace Goa -> Pune", "Pune Pune"),
        ("a_b__c", "words", "a b c"),
        ("\u00a0 Goa\n", "trim", "Goa"),
        ("   ", "trim", ""),
        ("  Sea View!! ", "slug", "sea-view"),
        ("50% off & more", "slug", "50-off-more"),
        ("São Paulo / ÅÉ", "slug", "sao-paulo-ae"),
        ("Straße №1", "slug", "strasse-no1"),
        ("नमस्ते दुनिया", "slug", "नमस्ते-दुनिया"),
        ("чай", "slug", "чай"),
        ("!?", "slug", ""),
    ],
)
def test_texts_are_changed_as_the_filter_says(typed: str, written: str, after: str) -> None:
    assert apply(use(written), typed) == after


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        *((typed, "yes") for typed in ("Yes", "YES!", "y", "true", "True", "1", "on", "Checked", "ok", "I agree.")),
        *((typed, "yes") for typed in ("yes_please", "Yes, I accept", "✓", "☑", "Haan", "हाँ", "हां", "जी हाँ", "होय")),
        *((typed, "yes") for typed in ("ஆம்", "అవును", "ಹೌದು", "അതെ", "હા", "ਹਾਂ", "হ্যাঁ", "ହଁ", "ہاں")),
        *((typed, "yes") for typed in ("Sí", "oui", "ja", "نعم", "हाँ जी")),
        *((typed, "no") for typed in ("não", "nein", "لا")),
        *((typed, "no") for typed in ("No", "n", "FALSE", "0", "off", "No, thanks", "I don't agree", "✗", "nahi")),
        *((typed, "no") for typed in ("I don’t agree", "नहीं", "नाही", "இல்லை", "లేదు", "ಇಲ್ಲ", "ഇല്ല", "ના", "ਨਹੀਂ", "না")),
        *((typed, "") for typed in ("", "maybe", "yes or no", "yes but later", "2", "10", "n/a", "na", "not yes", "?")),
    ],
)
def test_yes_and_no_are_read_in_many_words_and_nothing_else_is(typed: str, said: str) -> None:
    assert apply(FilterUse("yes_no"), typed) == said


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("1,00,000", "100000"),
        ("100,000.50", "100000.50"),
        ("५०", "50"),
        ("0", "0"),
        ("50 lakh", "5000000"),
        ("50_lakhs", "5000000"),
        ("1.2 crore", "12000000"),
        ("1.2 cr", "12000000"),
        ("1.2Cr.", "12000000"),
        ("₹50,00,000", "5000000"),
        ("₹ 50 lakh", "5000000"),
        ("Rs. 50,000/-", "50000"),
        ("INR 50000", "50000"),
        ("50 lakh rupees", "5000000"),
        ("5k", "5000"),
        ("2 million", "2000000"),
        ("₹50L", "5000000"),
        ("₹5m", "5000000"),
        ("50 lakh - 1 crore", "5000000"),
        ("50_lakh_-_1_crore", "5000000"),
        ("₹50_lakh_–_₹1_crore", "5000000"),
        ("50-60 lakh", "5000000"),
        ("50 to 60 lakh", "5000000"),
        ("between 50 lakh and 1 crore", "5000000"),
        ("5000 - 1 lakh", "5000"),
        ("800-1k", "800"),
        ("0-50 lakh", "0"),
        ("1-2", "1"),
        ("above 1 crore", "10000000"),
        ("above_1_crore", "10000000"),
        ("more than 1 crore", "10000000"),
        ("> 1 crore", "10000000"),
        ("1 crore+", "10000000"),
        ("1 crore and above", "10000000"),
        ("under 50 lakh", "0"),
        ("up_to_25_lakh", "0"),
        ("< 50 lakh", "0"),
    ],
)
def test_an_amount_is_read_and_a_range_counts_by_its_lower_end(typed: str, amount: str) -> None:
    assert read_amount(typed) == Decimal(amount)


@pytest.mark.parametrize(
    "typed",
    [
        *("", "many", "fifty lakh", "1,5", "1,00", "1.2.3", "-5", "5 m", "50 l", "$500", "9.87654321e9", "lakh"),
        *("50 - 1 crore", "60-50", "1-2-3", "2026-11-20", "98765-43210", "50 lakh per month", "under", "1" * 20),
        *("5 lakh 3 crore", "1" + " " * 200),
    ],
)
def test_an_amount_that_is_not_sure_is_not_read(typed: str) -> None:
    assert read_amount(typed) is None


@pytest.mark.parametrize(
    ("typed", "digits", "written"),
    [
        ("50 lakh", "5000000", "₹50,00,000"),
        ("999", "999", "₹999"),
        ("1000", "1000", "₹1,000"),
        ("12345678", "12345678", "₹1,23,45,678"),
        ("50000.0", "50000", "₹50,000"),
        ("1250.5", "1250.5", "₹1,250.50"),
        ("0", "0", "₹0"),
        ("50-60 lakh", "", ""),
        ("above 1 crore", "", ""),
        ("many", "", ""),
    ],
)
def test_one_amount_is_written_in_digits_and_in_rupees_and_a_range_never_is(
    typed: str, digits: str, written: str
) -> None:
    assert apply(FilterUse("number"), typed) == digits
    assert apply(FilterUse("rupees"), typed) == written


@pytest.mark.parametrize(
    ("typed", "layout", "written"),
    [
        ("2026-11-20", "d mmm yyyy", "20 Nov 2026"),
        ("2026-11-02", "d/m/yy", "2/11/26"),
        ("2026-11-02", "DD.MM.YYYY", "02.11.2026"),
        ("2026-11-20T23:30:00+05:30", "dd/mm/yyyy", "20/11/2026"),
        ("2026-11-20T09:30:00.000Z", "dd/mm/yyyy", "20/11/2026"),
        ("2026-11-20 09:30", "mmmm d", "November 20"),
        ("April 19, 1987", "dd/mm/yyyy", "19/04/1987"),
        ("apr 3rd 1987", "dd/mm/yyyy", "03/04/1987"),
        ("19 April 1987", "dd/mm/yyyy", "19/04/1987"),
        ("Sept. 1, 2026", "dd/mm/yyyy", "01/09/2026"),
        ("1795132800", "dd/mm/yyyy", "20/11/2026"),
        ("1795132800000", "dd/mm/yyyy", "20/11/2026"),
        ("03/04/2025", "dd/mm/yyyy", ""),
        ("9876543210", "dd/mm/yyyy", ""),
        ("0123456789", "dd/mm/yyyy", ""),
        ("2026-02-30", "dd/mm/yyyy", ""),
        ("Foo 19, 1987", "dd/mm/yyyy", ""),
        ("soon", "dd/mm/yyyy", ""),
        ("0000-01-01", "dd/mm/yyyy", ""),
    ],
)
def test_a_date_is_written_only_when_it_is_sure(typed: str, layout: str, written: str) -> None:
    assert apply(FilterUse("date", layout), typed) == written


@pytest.mark.parametrize(
    ("typed", "layout", "iso"),
    [
        ("03/04/2025", "dd/mm/yyyy", "2025-04-03"),
        ("03/04/2025", "mm/dd/yyyy", "2025-03-04"),
        ("3/4/25", "dd/mm/yy", "2025-04-03"),
        ("3/4/87", "dd/mm/yy", "1987-04-03"),
        ("24.09.2025", "dd.mm.yyyy", "2025-09-24"),
        ("21/12/2022, 00:00", "dd/mm/yyyy", "2022-12-21"),
        ("21 Dec 2022", "d mmm yyyy", "2022-12-21"),
        ("31/02/2025", "dd/mm/yyyy", ""),
        ("12/21/2022", "dd/mm/yyyy", ""),
        ("24-09-2025", "dd/mm/yyyy", ""),
        ("tomorrow", "dd/mm/yyyy", ""),
    ],
)
def test_a_date_is_read_as_the_mapping_says_it_was_written(typed: str, layout: str, iso: str) -> None:
    assert apply(FilterUse("read_date", layout), typed) == iso


@pytest.mark.parametrize(
    ("written", "value", "after"),
    [
        ("title", ("goa", "pune"), ("Goa", "Pune")),
        ("digits", ("3 BHK", "villa"), ("3",)),
        ("digits", ("villa", "plot"), ""),
        ("title", (), ""),
        ("join and", ("Goa", "Pune", "Delhi"), "Goa and Pune and Delhi"),
        ("join ,", ("Goa", "Pune"), "Goa, Pune"),
        ("join /", ("Goa", "Pune"), "Goa / Pune"),
        ("join and", "Goa", "Goa"),
        ("join and", "", ""),
    ],
)
def test_each_choice_is_changed_on_its_own_and_join_makes_one_text(written: str, value: Value, after: Value) -> None:
    assert apply(use(written), value) == after


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("titel", "there is no filter 'titel'; did you mean 'title'?"),
        ("First_Word", "there is no filter 'First_Word'; did you mean 'first_word'?"),
        ("sparkle", "there is no filter 'sparkle'; the command 'gateway filters' lists them"),
        ("title case", "the filter 'title' stands alone; take away 'case'"),
        ("truncate", "the filter 'truncate' needs a number of characters after it; write 'truncate 60'"),
        ("truncate ten", "the filter 'truncate' needs a number of characters, not 'ten'; write 'truncate 60'"),
        ("truncate 0", "the filter 'truncate' needs a number of characters, not '0'; write 'truncate 60'"),
        (
            "replace Bombay",
            "the filter 'replace' needs two texts with -> between them, not 'Bombay'; write 'replace Bombay -> Mumbai'",
        ),
        ("before", "the filter 'before' needs the text to look for after it; write 'before ,'"),
        ("join", "the filter 'join' needs the text to put between the choices after it; write 'join and'"),
        ("date soon", f"the filter 'date' needs a format made of {LETTERS}, not 'soon'; write 'date dd/mm/yyyy'"),
        (
            "read_date dd/mm",
            "the filter 'read_date' needs a format with day, month and year, not 'dd/mm'; write 'read_date dd/mm/yyyy'",
        ),
        *((written, "") for written in ("title", "truncate 60", "before ,", "after or", "replace a ->", "join ;")),
        *((written, "") for written in ("date d mmm yyyy", "date DD/MM/YY", "read_date mm-dd-yy", "rupees")),
    ],
)
def test_a_mistake_is_told_in_one_sentence_with_its_cure(written: str, sentence: str) -> None:
    assert mistake(use(written)) == sentence


def test_the_catalogue_tells_every_filter_with_examples_that_hold() -> None:
    helped = {entry.name: entry for entry in catalogue()}

    promised = "title lower upper trim first_word last_word first_name digits slug date number rupees join truncate"
    assert {*promised.split(), "replace", "yes_no"} < helped.keys()
    assert helped["truncate"].examples[0] == ("Sea view villas in Goa", "truncate 12", "Sea view…")
    assert helped["truncate"].argument == "N"
    for entry in helped.values():
        assert entry.says.endswith(".")
        assert entry.examples
        for before, written, after in entry.examples:
            assert mistake(use(written)) == ""
            assert entry.name == "join" or apply(use(written), before) == after


USES = st.sampled_from([use(written) for entry in catalogue() for _, written, _ in entry.examples])
VALUES = st.one_of(st.text(st.characters()), st.text("0123456789.,-_/: lakhcrToRs₹+"), st.lists(st.text()).map(tuple))


@given(USES, VALUES)
def test_no_text_makes_a_filter_fail(written: FilterUse, value: Value) -> None:
    after = apply(written, value)

    assert isinstance(after, str) or all(after)


@given(st.text())
def test_no_text_makes_reading_an_amount_fail(text: str) -> None:
    amount = read_amount(text)

    assert amount is None or amount >= 0
