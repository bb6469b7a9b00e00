"""Phone numbers as people type them: what is read, what is held back, and why."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.phone import MAX_LENGTH, Number, mask, read

MIRA = "+919876543210"
SECOND = "+919123456789"

RIGHT_IN_INDIA = {
    "ten digits": "9876543210",
    "trunk zero": "09876543210",
    "country code without plus": "919876543210",
    "double zero": "00919876543210",
    "zero in brackets": "+91 (0) 98765 43210",
    "country code and trunk zero": "91 09876543210",
    "brackets around digits": "(98765) 43210",
    "facebook sheet prefix": "p:+919876543210",
    "tel": "tel:+91-98765-43210",
    "tel with extension": "tel:98765-43210;ext=5",
    "whatsapp": "whatsapp:+919876543210",
    "spreadsheet quote": "'+919876543210",
    "double quotes": '"9876543210"',
    "bidi marks": "\u202a+919876543210\u202c",
    "zero width space": "98765\u200b43210",
    "no-break space": "+91\u00a098765\u00a043210",
    "en dash": "98765\u201343210",
    "minus sign": "98765\u221243210",
    "devanagari digits": "९८७६५४३२१०",
    "arabic-indic digits": "٩٨٧٦٥٤٣٢١٠",
    "full-width digits": "＋９１９８７６５４３２１０",
    "zero before country code": "0919876543210",
    "country code twice": "91919876543210",
    "country code twice with plus": "+91919876543210",
    "two pluses": "+91+919876543210",
    "remark in brackets": "9876543210 (Home)",
    "remark with whatsapp": "98765 43210 (WhatsApp)",
    "number and remark in brackets": "(WhatsApp 9876543210)",
    "name after a dash": "9876543210 - Asha",
    "name after": "+91 9876543210 Asha",
    "word before": "Mobile: 98765 43210",
    "words after with a digit": "9876543210 call after 6",
    "dots": "+91.98765.43210",
    "one dot after a country code": "+91 98765.43210",
    "encoded plus": "%2B919876543210",
    "encoded spaces": "%2B91%2098765%2043210",
    "underscore": "+91_9876543210",
    "whatsapp id": "919876543210@c.us",
    "other whatsapp id": "919876543210@s.whatsapp.net",
    "wa.me link": "https://wa.me/919876543210?text=Hi%205",
    "bare wa.me link": "wa.me/919876543210",
    "api link": "https://api.whatsapp.com/send?text=Hi&phone=919876543210",
    "extension": "9876543210 ext 5",
    "extension with dot": "9876543210, extn. 12",
    "x extension": "9876543210 x12",
    "hash extension": "9876543210 #12",
    "lost plus": " 919876543210",
    "lost plus with spaces": " 91 98765 43210",
    "country code before a comma": "+91, 98765 43210",
    "double zero before a slash": "0091 / 9876543210",
    "country code after the number": "98765 43210 (+91)",
}

TWO_NUMBERS = {
    "slash": "9876543210 / 9123456789",
    "comma": "9876543210, 9123456789",
    "semicolon": "9876543210;9123456789",
    "bar": "9876543210|9123456789",
    "space": "9876543210 9123456789",
    "or": "9876543210 or 9123456789",
    "and": "9876543210 and 9123456789",
    "newline": "9876543210\n9123456789",
    "carriage return": "9876543210\r\n9123456789",
    "two pluses": "+91 98765 43210 +91 91234 56789",
    "words around each": "9876543210 home, 9123456789 office",
    "extension on the first": "9876543210 x12 / 9123456789",
}

HELD_IN_INDIA = {
    "": "is empty",
    " \u00a0 ": "is empty",
    "same as above": "has no digits",
    "9.87654321e9": "was mangled by a spreadsheet (it ends in e9)",
    "9.87654321E+09": "was mangled by a spreadsheet (it ends in E+09)",
    "9.876543210 E+9": "was mangled by a spreadsheet (it ends in E+9)",
    "9876543210.0": "was mangled by a spreadsheet (it has a decimal point)",
    "+919876543210.0": "was mangled by a spreadsheet (it has a decimal point)",
    "98765.43210": "was mangled by a spreadsheet (it has a decimal point)",
    "1234567890": "is a fixed line",
    "2025550143": "is a fixed line",
    "6591234567": "is a fixed line",
    "(202) 555-0143": "is a fixed line",
    "9999999999": "looks like a placeholder",
    "+91 7777777777": "looks like a placeholder",
    "0501234567": "is not a valid number in India",
    "9.876.543": "is not a valid number in India",
    "1-800-EXAMPLE": "is too short",
    "+1 800 555 0199": "is not a mobile number",
    "98765 4321O": "has a letter among its digits",
    "98765O43210": "has a letter among its digits",
    "l9876543210": "has a letter among its digits",
    "98765 call me 43210": "is too short",
    "44 UK 7911 123456": "has words between its digits",
    "7 days 98765 43210": "has words between its digits",
    "asha9876543210@example.com": "is a web or e-mail address",
    "https://example.com/9876543210": "is a web or e-mail address",
    "+5215512345678": "is not a valid number in Mexico",
    "+9876543210": "is not a valid number in IR",
    "+999 12345678": "has no country code that exists",
    "9" * (MAX_LENGTH + 1): "is too long to be one",
    "\u200b" * MAX_LENGTH + "9876543210": "is too long to be one",
}


@pytest.mark.parametrize("typed", RIGHT_IN_INDIA.values(), ids=RIGHT_IN_INDIA.keys())
def test_a_noisy_number_is_read_as_it_was_meant(typed: str) -> None:
    found = read(typed, "IN")

    assert found.e164 == MIRA
    assert found.reason == ""
    assert found.others == ()


@pytest.mark.parametrize("typed", TWO_NUMBERS.values(), ids=TWO_NUMBERS.keys())
def test_the_first_of_two_numbers_is_used_and_the_other_is_told(typed: str) -> None:
    found = read(typed, "IN")

    assert found.e164 == MIRA
    assert found.others == (SECOND,)
    assert "took the first of two numbers" in found.repair


@pytest.mark.parametrize(("typed", "reason"), HELD_IN_INDIA.items())
def test_a_doubtful_number_is_held_with_a_plain_reason(typed: str, reason: str) -> None:
    assert read(typed, "IN") == Number(reason=reason)


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("080-12345678", "+918012345678"),
        ("6000000000", "+916000000000"),
        ("9123456789", SECOND),
        ("12025550143", "+12025550143"),
        ("61491570006", "+61491570006"),
        ("971501234567", "+971501234567"),
        (" 61491570006", "+61491570006"),
        ("+525512345678", "+525512345678"),
        ("+1 (202) 555-0143", "+12025550143"),
        ("+44 UK 7911 123456", "+447911123456"),
        ("0044 UK 7911 123456", "+447911123456"),
    ],
)
def test_a_number_with_another_country_code_or_an_unusual_start_is_accepted(typed: str, e164: str) -> None:
    assert read(typed, "IN").e164 == e164


@pytest.mark.parametrize(
    "typed",
    [
        *("9876543210", "09876543210", "98765 43210 (WhatsApp)", "९८७६५४३२१०", "9876543210 or 9123456789"),
        *("0919876543210", "91919876543210", "2025550143", "6591234567", "015123456789", " 9876543210"),
    ],
)
def test_a_number_without_a_country_is_never_sent(typed: str) -> None:
    assert read(typed) == Number(reason="has no country code and no country is set")


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+91 98765-43210", MIRA),
        ("0091 98765 43210", MIRA),
        ("919876543210", MIRA),
        (" 919876543210", MIRA),
        ("wa.me/919876543210", MIRA),
        ("12025550143", "+12025550143"),
        ("+91+919876543210", MIRA),
    ],
)
def test_a_country_code_in_the_number_serves_where_no_country_is_set(typed: str, e164: str) -> None:
    assert read(typed).e164 == e164


@pytest.mark.parametrize(
    ("typed", "country", "e164"),
    [
        ("0501234567", "AE", "+971501234567"),
        ("050 123 4567", "AE", "+971501234567"),
        ("0971501234567", "AE", "+971501234567"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("202.555.0143 x5", "US", "+12025550143"),
        ("1-202-555-0143", "US", "+12025550143"),
        ("011 91 98765 43210", "US", MIRA),
        ("919876543210", "US", MIRA),
        ("07911 123456", "GB", "+447911123456"),
        ("+44 (0)7911 123456", "GB", "+447911123456"),
        ("(11) 98765-4321", "BR", "+5511987654321"),
        ("51 98765-4321", "BR", "+5551987654321"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("07911 123456", "gb", "+447911123456"),
    ],
)
def test_a_local_number_is_read_in_the_country_that_is_set(typed: str, country: str, e164: str) -> None:
    assert read(typed, country).e164 == e164


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("015123456789", "US"),  # With the zero gone it would ring in Texas.
        ("07724 567890", "US"),  # And this in Florida.
        ("020 7946 0000", "GB"),
        ("800 1234", "AE"),
        ("9876543210", "XX"),
    ],
)
def test_a_number_of_somewhere_else_is_not_guessed(typed: str, country: str) -> None:
    assert read(typed, country).e164 == ""


def test_a_lost_plus_that_could_also_be_a_local_number_is_held() -> None:
    assert read(" 51987654321", "BR") == Number(reason="could be a number of two countries")


@pytest.mark.parametrize(
    ("typed", "repair"),
    [
        ("+91 98765 43210", ""),
        ("9876543210", "added +91 because the country is India"),
        ("919876543210", "added the + in front"),
        ("91 09876543210", "added the + in front"),
        ("00919876543210", "read 00 as +"),
        (" 919876543210", "put back the + that was lost on the way"),
        ("0919876543210", "dropped the zero in front and added the +"),
        ("91919876543210", "dropped a country code written twice"),
        ("+91 98765 43210 ext 5", "dropped the extension"),
        ("+91 98765 43210 (Home)", "left out the text around it"),
        ("+919876543210 / +919123456789", "took the first of two numbers"),
        ("+919876543210, +919123456789, +919123456788", "took the first of several numbers"),
        (
            "9876543210 x5 (Home)",
            "added +91 because the country is India, dropped the extension, left out the text around it",
        ),
    ],
)
def test_the_repair_is_told_in_words(typed: str, repair: str) -> None:
    assert read(typed, "IN").repair == repair


def test_the_country_goes_by_its_code_where_we_have_no_name_for_it() -> None:
    assert read("91234567", "SG").repair == "added +65 because the country is SG"


def test_a_list_of_one_is_that_one_and_a_list_of_several_is_held() -> None:
    assert read((MIRA,)).e164 == MIRA
    assert read((MIRA, "")).e164 == MIRA
    assert read((MIRA, SECOND)).reason == "is a list of several answers"
    assert read(()).reason == "is empty"


def test_the_same_number_twice_is_one_number() -> None:
    assert read("9876543210 / +91 98765 43210", "IN").others == ()


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (MIRA, "+91 98••• ••210"),
        ("+12025550143", "+1 20••• ••143"),
        ("+971501234567", "+971 50••• •567"),
        ("+6591234567", "+65 9•••• ••7"),
        ("9876543210", "•••••"),
        ("Asha", "•••••"),
        ("", ""),
        ("+९८७६५४३२१०", "•••••"),
        ("+99912345678", "•••••"),
    ],
)
def test_a_masked_number_shows_only_its_ends(number: str, shown: str) -> None:
    assert mask(number) == shown


COUNTRIES = st.sampled_from(["", "IN", "AE", "US", "GB", "BR", "MX"])
NUMBERISH = st.text(alphabet="0123456789+ -().,/;#xeoOl%2B_'\n\u202a९٩９wame@", max_size=40)
ANY_TEXT = st.text(alphabet=st.characters(), max_size=MAX_LENGTH + 10)


@given(st.one_of(ANY_TEXT, NUMBERISH), COUNTRIES)
def test_any_text_gives_a_valid_mobile_or_a_reason(typed: str, country: str) -> None:
    found = read(typed, country)

    assert bool(found.e164) != bool(found.reason)
    for e164 in filter(None, (found.e164, *found.others)):
        number = phonenumbers.parse(e164)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.number_type(number) in {
            phonenumbers.PhoneNumberType.MOBILE,
            phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
        }
        assert read(e164, country) == Number(e164)


@given(ANY_TEXT)
def test_masking_never_fails_and_never_shows_more_than_five_digits(text: str) -> None:
    assert sum(char.isdigit() for char in mask(text)) <= 5


MOBILES = (
    st.from_regex(r"[6-9][0-9]{9}", fullmatch=True)
    .map(lambda digits: f"+91{digits}")
    .filter(lambda e164: read(e164).e164 == e164)
)
SHAPES = st.sampled_from(
    [
        *("{0}", " {0}", "+91 {0}", "+91-{0}", "0{0}", "91{0}", "0091{0}", "091{0}", "+91 (0) {0}", "+91+91{0}"),
        *("p:+91{0}", "tel:+91{0}", "whatsapp:+91{0}", "'+91{0}", "%2B91{0}", "+91_{0}", "91{0}@c.us", "wa.me/91{0}"),
        *("{0} (Home)", "{0} - Asha", "{0} ext 5", "{0} x12", "{0} #3", "\u202a{0}\u202c", " 91{0}", "{0}\n", "{0},"),
    ]
)
SEPARATORS = st.sampled_from(["", " ", "-", "\u00a0", "\u2013", "\u200b"])
ALPHABETS = st.sampled_from(["0123456789", "०१२३४५६७८९", "٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９"])


@given(MOBILES, SHAPES, SEPARATORS, ALPHABETS)
def test_a_mobile_comes_back_from_every_noisy_shape(e164: str, shape: str, separator: str, alphabet: str) -> None:
    national = e164.removeprefix("+91").translate(str.maketrans("0123456789", alphabet))
    joined = separator.join((national[:5], national[5:])) if "@" not in shape and "wa.me" not in shape else national

    assert read(shape.format(joined), "IN").e164 == e164
