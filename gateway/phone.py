"""Phone numbers as people type them → E.164, or a plain reason why not.

The steps, in this order: one text → cleaned → refused if mangled → split into the numbers it may hold → each
read in the few ways that can be meant → only a mobile whose country is sure → no placeholder.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import unquote

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber, PhoneNumberType

from gateway.model import Value

#: Longer than any number with a remark; also what keeps the patterns below quick.
MAX_LENGTH = 200
#: National numbers that people type to get past a form; so is one digit repeated.
PLACEHOLDERS = frozenset({"0123456789", "1234567890"})
#: Countries called by name; the others go by their code (the library's own table of names takes 100 MB).
COUNTRIES = {"AE": "the UAE", "BR": "Brazil", "GB": "the UK", "IN": "India", "MX": "Mexico", "US": "the US"}

_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
#: How many digits a number with its country code has.
_WITH_COUNTRY_CODE = range(11, 16)

_EXPONENT = re.compile(r"\d ?(e[+-]?\d+)", re.IGNORECASE)
_DECIMAL = re.compile(r"\d{7,}\.\d+(?![\d.])|\A['\" ]*\d+\.\d+['\" ]*\Z")
_LINK = re.compile(r"(?:wa\.me/|[?&]phone=)\+?(\d+)|(\d+)@(?:c\.us|s\.whatsapp\.net)", re.IGNORECASE)
_ADDRESS = re.compile(r"://|@|www\.", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
_LETTERS = re.compile(r"[^\W\d_]+")
#: A lone letter between digits, or one that looks like a digit beside a digit.
_STRAY_LETTER = re.compile(r"(?<=\d)[^\W\d_](?=\d)|(?<=\d)[oil](?![^\W_])|(?<![^\W_])[oil](?=\d)", re.IGNORECASE)
_JOINT = re.compile(r"[/,;|&\r\n\v\f\x85\u2028\u2029]|(?<=\d{10}) (?=\+?\d{10})")
_EXTENSION = re.compile(r"(?<=\d)[ ;,-]{0,3}(?:ext[a-z]*|x|#)[ .:=]*\d{1,6}(?= *(?:[/,;|&\r\n]|\Z))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """A number we are sure of (e164 set), or the reason why there is none."""

    e164: str = ""
    repair: str = ""  #: What was mended, in one clause; "" when nothing was.
    reason: str = ""  #: Why it is not used, in one clause that follows "the phone number …".
    others: tuple[str, ...] = ()  #: Further numbers in the same text, E.164.


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a written number."""

    digits: str  #: "+919876543210", or national digits when there is a country.
    country: str = ""
    repair: str = ""


def read(typed: Value, country: str = "") -> Number:
    """Read one answer. `country`: ISO code for numbers without one, "" for none.

    A leading space before 11 to 15 digits is a `+` that urlencoding lost.

    >>> read("098765-43210 (WhatsApp)", "IN").e164
    '+919876543210'
    >>> read("98765 43210").reason
    'has no country code and no country is set'
    """
    choices = [choice for choice in ((typed,) if isinstance(typed, str) else typed) if choice.strip()]
    if len(choices) != 1:
        return Number(reason="is a list of several answers" if choices else "is empty")
    text = choices[0]
    cleaned = _clean(text) if len(text) <= MAX_LENGTH else text
    lost_plus = bool(re.match(r" +[1-9]", text))
    reason = _unreadable(cleaned)
    return Number(reason=reason) if reason else _first_mobile(cleaned, country.upper(), lost_plus=lost_plus)


def mask(number: str) -> str:
    """For logs and lists: only the ends of a number; any other text is hidden whole.

    >>> mask("+919876543210"), mask("call me")
    ('+91 98••• ••210', '•••••')
    """
    code = _country_code(number[1:]) if re.fullmatch(r"\+[1-9]\d{6,14}", number, re.ASCII) else ""
    if not code:
        return "•••••" if number else ""
    national = number[1 + len(code) :]
    left, right = (2, 3) if len(national) > len("12345678") else (1, 1)
    shown = national[:left] + "•" * (len(national) - left - right) + national[-right:]
    return f"+{code} " + " ".join(shown[start : start + 5] for start in range(0, len(shown), 5))


def _clean(text: str) -> str:
    """One alphabet: ASCII digits, hyphens and single spaces, nothing invisible; of a WhatsApp link, its number."""
    plain = unicodedata.normalize("NFKC", unquote(text))
    visible = (char for char in plain if unicodedata.category(char) != "Cf")
    digits = "".join(str(unicodedata.decimal(char, char)) for char in visible)
    cleaned = re.sub(r"[ \t]+", " ", re.sub("[‐-―−]", "-", digits).replace("_", " ")).strip()
    link = _LINK.search(cleaned)
    return f"+{link[1] or link[2]}" if link else cleaned


def _unreadable(text: str) -> str:
    """Why a text can be no number; "" when it can. Looks while letters and dots still stand."""
    if len(text) > MAX_LENGTH:
        return "is too long to be one"
    if not re.search(r"\d", text):
        return "has no digits"
    if exponent := _EXPONENT.search(text):
        return f"was mangled by a spreadsheet (it ends in {exponent[1]})"
    if _DECIMAL.search(text):
        return "was mangled by a spreadsheet (it has a decimal point)"
    return "is a web or e-mail address" if _ADDRESS.search(text) else ""


def _first_mobile(text: str, country: str, *, lost_plus: bool) -> Number:
    """The first number of a text that can be used; the others are only told."""
    # What brackets say in words goes; (0) and (202) stay, and so does a number that stands in brackets alone.
    plain = _BRACKETS.sub(lambda match: " " if _LETTERS.search(match[0]) else match[0], text)
    trimmed, extensions = _EXTENSION.subn("", plain if re.search(r"\d", plain) else text)
    if _STRAY_LETTER.search(trimmed):
        return Number(reason="has a letter among its digits")
    pieces = list(_pieces(trimmed))
    numbers = [_read_piece(piece, country, lost_plus=lost_plus and at == 0) for at, piece in enumerate(pieces)]
    mobiles = list({number.e164: number for number in reversed(numbers) if number.e164}.values())
    if not mobiles:
        return max(numbers, key=lambda number: number.reason != "is too short")
    repairs = [mobiles[-1].repair, "dropped the extension" if extensions else ""]
    if len(mobiles) > 1:
        repairs.append(f"took the first of {'two' if len(mobiles[1:]) == 1 else 'several'} numbers")
    elif plain != text or len(pieces) > 1 or _LETTERS.search(trimmed):
        repairs.append("left out the text around it")
    others = tuple(number.e164 for number in reversed(mobiles[:-1]))
    return replace(mobiles[-1], repair=", ".join(filter(None, repairs)), others=others)


def _pieces(text: str) -> Iterator[str]:
    """What may each be a number, in the order written."""
    for joined in _JOINT.split(text):
        for run in _between_words(joined):
            yield from (piece for piece in re.split(r"(?=\+)", run) if re.search(r"\d", piece))


def _between_words(text: str) -> list[str]:
    """Words end a number, except after its country code ("+44 UK 7911 …"). A few digits before a word might be one,
    so they stay with what follows, the word between them ("44 UK 7911 …", "2 adults 98765 …").
    """
    runs = [""]
    for word, run in zip(["", *_LETTERS.findall(text)], _LETTERS.split(text), strict=True):
        digits = len(re.sub(r"\D", "", runs[-1]))
        if digits > len("0044"):
            runs.append(run)
        else:
            coded = not digits or runs[-1].strip().startswith(("+", "00"))
            runs[-1] += run if coded or not re.search(r"\d", run) else word + run
    return runs


def _read_piece(piece: str, country: str, *, lost_plus: bool) -> Number:
    """The first way to read a piece that gives a valid number decides, be it a mobile or not."""
    if _LETTERS.search(piece):
        return Number(reason="has words between its digits")
    written = ("+" if "+" in piece else "") + re.sub(r"\D", "", piece)
    for readings in _ways(written, country, lost_plus=lost_plus):
        valid = [(reading, number) for reading in readings if (number := _parse(reading))]
        codes = {number.country_code for _, number in valid if phonenumbers.number_type(number) in _MOBILE}
        if len(codes) > 1:
            return Number(reason="could be a number of two countries")
        if valid:
            return _accept(*valid[0], written)
    return Number(reason=_why_not(written, country))


def _ways(written: str, country: str, *, lost_plus: bool) -> Iterator[list[_Reading]]:
    """Readings in the order they are tried; those of one list count only if they agree."""
    if written.startswith("+"):
        yield from _international(written[1:], "", _country_code(written[1:]))
    elif written.startswith("00"):
        yield from _international(written[2:], "read 00 as +", _country_code(written[2:]))
    else:
        local = [_Reading(written, country)] if country else []
        if lost_plus and len(written) in _WITH_COUNTRY_CODE:
            yield [_Reading("+" + written, repair="put back the + that was lost on the way"), *local]
        yield local
        yield from _country_code_without_plus(written, country)


def _country_code_without_plus(digits: str, country: str) -> Iterator[list[_Reading]]:
    code = str(phonenumbers.country_code_for_region(country)) if country else ""
    stripped = digits.lstrip("0")
    if stripped == digits and len(digits) in _WITH_COUNTRY_CODE:
        yield from _international(digits, "added the + in front", code)
    # A 1 or 7 after a zero begins many countries' own numbers: only longer codes tell.
    elif stripped != digits and stripped.startswith(code) and len(code) > 1:
        yield [_Reading("+" + stripped, repair="dropped the zero in front and added the +")]


def _international(digits: str, repair: str, code: str) -> Iterator[list[_Reading]]:
    yield [_Reading("+" + digits, repair=repair)]
    if code and digits.startswith(code * 2):
        yield [_Reading("+" + digits.removeprefix(code), repair="dropped a country code written twice")]


def _country_code(digits: str) -> str:
    known = (digits[:length] for length in (1, 2, 3) if digits)
    return next((code for code in known if int(code) in COUNTRY_CODE_TO_REGION_CODE), "")


def _parse(reading: _Reading) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(reading.digits, reading.country or None)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def _accept(reading: _Reading, number: PhoneNumber, written: str) -> Number:
    """A valid number, if it is a mobile and no placeholder."""
    kind = phonenumbers.number_type(number)
    national = phonenumbers.national_significant_number(number)
    if kind not in _MOBILE:
        return Number(reason="is a fixed line" if kind == PhoneNumberType.FIXED_LINE else "is not a mobile number")
    if national in PLACEHOLDERS or len(set(national)) == 1:
        return Number(reason="looks like a placeholder")
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not reading.country:
        return Number(e164, reading.repair)
    if str(number.country_code) in written.removesuffix(national):
        return Number(e164, "added the + in front")
    name = COUNTRIES.get(reading.country, reading.country)
    return Number(e164, f"added +{number.country_code} because the country is {name}")


def _why_not(written: str, country: str) -> str:
    """Why no reading of a piece is a valid number."""
    digits = written.lstrip("+")
    if len(digits) < len("1234567"):
        return "is too short"
    if not written.startswith(("+", "00")):
        if not country:
            return "has no country code and no country is set"
    elif code := _country_code(digits.lstrip("0")):
        country = phonenumbers.region_code_for_country_code(int(code))
    else:
        return "has no country code that exists"
    return f"is not a valid number in {COUNTRIES.get(country, country)}"
