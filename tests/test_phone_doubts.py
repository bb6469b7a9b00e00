"""Phone numbers that could be another person's: whose country code stands apart, or that read in two ways."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.phone import Number, read
from gateway.phone.countries import LONG_NUMBERS

MIRA = "+919876543210"


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+977, 9841234567", "+9779841234567"),
        ("+977/9841234567", "+9779841234567"),
        ("+977\n9841234567", "+9779841234567"),
        ("00977; 9841234567", "+9779841234567"),
        ("(+977), 9841234567", "+9779841234567"),
        ("(Nepal +977) 9841234567", "+9779841234567"),
        ("Country: +977, Phone: 9841234567", "+9779841234567"),
        ("tel:+977;9841234567", "+9779841234567"),
        ("+44, 7400123456", "+447400123456"),
        ("+977 / +919876543210", MIRA),
    ],
)
def test_a_country_code_apart_belongs_to_the_number_after_it(typed: str, e164: str) -> None:
    assert read(typed, "IN").e164 == e164
    assert read(typed).e164 == e164


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("+1, 9876543210", "is not a valid number in the US"),
        ("+977, 12, 9841234567", "is not a valid number in NP"),
        ("9841234567, +977", "has a country code apart from its number"),
        ("9841234567 (+977)", "has a country code apart from its number"),
        ("9841234567 (Nepal +977)", "has a country code apart from its number"),
        ("977 / 9841234567", "could be a number of two countries"),
        ("flat no 7, 9123456789", "could be a number of two countries"),
    ],
)
def test_a_country_code_that_fits_no_number_holds_them_all(typed: str, reason: str) -> None:
    assert read(typed, "IN") == Number(reason=reason)


@pytest.mark.parametrize(
    "typed",
    [
        *("Flat 7 9123456789", "Flat 7 91234 56789", "B-7 9123456789", "Sector 7 9123456789", "7 9123456789"),
        *("1) 9123456789", "1. 9123456789", "House 1 9123456789", "98 9123456789", " 7 9123456789", "93712 34567 8"),
        "9184546362 13",  # Not +91 84546 36213.
    ],
)
def test_a_few_digits_beside_a_home_number_are_not_taken_for_a_country_code(typed: str) -> None:
    assert read(typed, "IN") == Number(reason="has a few more digits beside it")


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("1 (912) 345-6789", "+19123456789"),
        ("7 912 345 67 89", "+79123456789"),
        ("90 532 123 45 67", "+905321234567"),
        ("44 7911 123456", "+447911123456"),
        ("977 984 123 4567", "+9779841234567"),
        ("79123456789", "+79123456789"),
    ],
)
def test_a_foreign_number_in_its_own_groups_or_in_one_is_accepted(typed: str, e164: str) -> None:
    assert read(typed, "IN").e164 == e164


@pytest.mark.parametrize("typed", ["99876543210", "9 9876543210", "79972980635", "66638049983", "84978699073"])
def test_a_home_number_with_a_digit_twice_is_not_sent_to_an_unexpected_country(typed: str) -> None:
    assert read(typed, "IN").e164 == ""


def test_a_digit_twice_is_not_suspected_where_the_country_is_expected_or_a_plus_was_lost() -> None:
    assert read("66638049983", "IN") == Number(reason="could be foreign or have a digit typed twice")
    assert read(" 66638049983", "IN").e164 == "+66638049983"
    assert read("97457668643", "IN").e164 == "+97457668643"


@pytest.mark.parametrize("typed", ["51987654321", "15812345678", "66812345678", "85251268581"])
def test_without_a_country_only_one_reading_over_the_world_will_do(typed: str) -> None:
    assert read(typed) == Number(reason="could be a number of two countries")


def test_without_a_country_a_digit_beside_a_number_is_not_taken_for_its_country_code() -> None:
    assert read("7 9123456789") == Number(reason="has a few more digits beside it")
    assert read("91 98765 43210").e164 == MIRA


def test_without_a_country_a_lost_plus_speaks_for_itself() -> None:
    assert read(" 51987654321").e164 == "+51987654321"


def test_all_countries_whose_mobiles_can_have_eleven_digits_are_known() -> None:
    countries = map(phonenumbers.PhoneMetadata.metadata_for_region, phonenumbers.SUPPORTED_REGIONS)
    mobiles = {country.id: country.mobile for country in countries if country and country.mobile}

    assert set(LONG_NUMBERS) == {
        country for country, mobile in mobiles.items() if max(mobile.possible_length, default=0) >= 11
    }


MOBILES = st.from_regex(r"\+91[6-9][0-9]{9}", fullmatch=True).filter(lambda e164: read(e164).e164 == e164)
FEW_DIGITS = st.integers(1, 99).filter(lambda digits: digits != 91)
BESIDE = st.sampled_from(["{0} {1}", "{0}) {1}", "{0}. {1}", "({0}) {1}", "Flat {0} {1}", "B-{0}, {1}", "{1} {0}"])


@given(MOBILES, FEW_DIGITS, BESIDE)
def test_a_few_digits_beside_a_mobile_never_make_it_another_persons(e164: str, digits: int, shape: str) -> None:
    assert read(shape.format(digits, e164.removeprefix("+91")), "IN").e164 in {"", e164}


CODES = st.sampled_from(sorted(code for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE if code != 91))
JOINTS = st.sampled_from([", ", "/", "; ", "\n", " | ", " or ", ", phone: ", ") "])


@given(MOBILES, CODES, st.sampled_from(["+", "00"]), JOINTS)
def test_a_number_after_a_foreign_country_code_is_never_read_as_home(e164: str, code: int, mark: str, to: str) -> None:
    typed = f"{mark}{code}{to}{e164.removeprefix('+91')}"

    assert not read(typed, "IN").e164.startswith("+91")
