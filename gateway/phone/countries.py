"""What the phone library knows of the countries' numbers."""

from __future__ import annotations

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberType

#: Countries called by name; the others go by their code (the library's own table of names takes 100 MB).
#: They are also those whose numbers are expected beside home's: `doubts` suspects no slip of the finger in them.
COUNTRIES = {
    "AE": "the UAE",
    "AU": "Australia",
    "BH": "Bahrain",
    "BR": "Brazil",
    "GB": "the UK",
    "IN": "India",
    "KW": "Kuwait",
    "LK": "Sri Lanka",
    "MX": "Mexico",
    "MY": "Malaysia",
    "NZ": "New Zealand",
    "OM": "Oman",
    "QA": "Qatar",
    "SA": "Saudi Arabia",
    "US": "the US",
}
#: Countries whose own mobile numbers can be as long (11 digits and more) as another's with its country code.
LONG_NUMBERS = ("AR", "AT", "BR", "CN", "DE", "ID", "NL")

_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def parse(digits: str, country: str = "") -> PhoneNumber | None:
    """A valid number of any kind, or None. `digits`: "+919876543210", or national digits and a country."""
    try:
        number = phonenumbers.parse(digits, country or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def is_mobile(number: PhoneNumber) -> bool:
    return phonenumbers.number_type(number) in _MOBILE


def is_mobile_in(country: str, digits: str) -> bool:
    """Whether bare digits, as they are, are a mobile number of a country."""
    return is_mobile(PhoneNumber(country_code=int(code_of(country)), national_number=int(digits)))


def code_of(country: str) -> str:
    """The country code of a country: "91" for "IN"; "0" where there is none."""
    return str(phonenumbers.country_code_for_region(country))


def leading_code(digits: str) -> str:
    """The country code that digits begin with, or ""."""
    known = (digits[:length] for length in (1, 2, 3) if digits)
    return next((code for code in known if int(code) in COUNTRY_CODE_TO_REGION_CODE), "")
