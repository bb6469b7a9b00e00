"""What stands in a text, before anything is read as a number: one alphabet, no remarks, pieces."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

#: Longer than any number with a remark; also what keeps the patterns below quick.
MAX_LENGTH = 200
#: Fewer digits than this are no number; a mark of a country code before them makes them one that stands apart.
SHORTEST = len("1234567")

LETTERS = re.compile(r"[^\W\d_]+")
_EXPONENT = re.compile(r"\d ?(e[+-]?\d+)", re.IGNORECASE)
_DECIMAL = re.compile(r"\d{7,}\.\d+(?![\d.])|\A['\" ]*\d+\.\d+['\" ]*\Z")
_LINK = re.compile(r"(?:wa\.me/|[?&]phone=)\+?(\d+)|(\d+)@(?:c\.us|s\.whatsapp\.net)", re.IGNORECASE)
_ADDRESS = re.compile(r"://|@|www\.", re.IGNORECASE)
_BRACKETS = re.compile(r"[(\[{][^()\[\]{}]*[)\]}]")
#: A lone letter between digits, or one that looks like a digit beside a digit.
_STRAY_LETTER = re.compile(r"(?<=\d)[^\W\d_](?=\d)|(?<=\d)[oil](?![^\W_])|(?<![^\W_])[oil](?=\d)", re.IGNORECASE)
_JOINT = re.compile(r"[/,;|&\r\n\v\f\x85\u2028\u2029]|(?<=\d{10}) (?=\+?\d{10})")
_EXTENSION = re.compile(r"(?<=\d)[ ;,-]{0,3}(?:ext[a-z]*|x|#)[ .:=]*\d{1,6}(?= *(?:[/,;|&\r\n]|\Z))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """A text taken apart."""

    pieces: list[str]  #: What may each be a number, in the order written.
    has_stray_letter: bool = False
    has_extension: bool = False
    has_more: bool = False  #: Whether anything else stands around the pieces.


def digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


def signed(piece: str) -> str:
    """The digits, after a + where one stands among them."""
    return ("+" if "+" in piece else "") + digits_of(piece)


def has_code_mark(piece: str) -> bool:
    """Whether a piece says that it begins with a country code."""
    return signed(piece).startswith(("+", "00"))


def is_code_alone(piece: str) -> bool:
    return has_code_mark(piece) and len(digits_of(piece)) < SHORTEST


def clean(text: str) -> str:
    """One alphabet: ASCII digits, hyphens and single spaces, nothing invisible; of a WhatsApp link, its number."""
    plain = unicodedata.normalize("NFKC", unquote(text))
    alike = plain if plain.isascii() else _alike(plain)
    cleaned = re.sub(r"[ \t]+", " ", alike.replace("_", " ")).strip()
    link = _LINK.search(cleaned)
    return f"+{link[1] or link[2]}" if link else cleaned


def _alike(text: str) -> str:
    """Digits and hyphens of any script as those of ASCII, and nothing invisible."""
    visible = (char for char in text if unicodedata.category(char) != "Cf")
    return re.sub("[‐-―−]", "-", "".join(str(unicodedata.decimal(char, char)) for char in visible))


def unreadable(text: str) -> str:
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


def take_apart(text: str) -> Written:
    """A clean text without its remarks and extensions, in pieces."""
    plain = _BRACKETS.sub(_without_remark, text)
    trimmed, extensions = _EXTENSION.subn("", plain if re.search(r"\d", plain) else text)
    pieces = _with_their_codes(_pieces(trimmed))
    more = plain != text or len(pieces) > 1 or bool(LETTERS.search(trimmed))
    return Written(pieces, bool(_STRAY_LETTER.search(trimmed)), bool(extensions), more)


def _without_remark(brackets: re.Match[str]) -> str:
    """What brackets say in words goes; (0), (202) and (Nepal +977) stay."""
    return " " if LETTERS.search(brackets[0]) and not re.search(r"\+ ?\d", brackets[0]) else brackets[0]


def _pieces(text: str) -> Iterator[str]:
    for joined in _JOINT.split(text):
        for run in _between_words(joined):
            yield from (piece for piece in re.split(r"(?=\+)", run) if re.search(r"\d", piece))


def _between_words(text: str) -> list[str]:
    """Words end a number, except after its country code ("+44 UK 7911 …"). A few digits before a word might be one,
    so they stay with what follows, the word between them ("44 UK 7911 …", "2 adults 98765 …").
    """
    runs = [""]
    for word, run in zip(["", *LETTERS.findall(text)], LETTERS.split(text), strict=True):
        digits = len(digits_of(runs[-1]))
        if digits > len("0044"):
            runs.append(run)
        else:
            coded = not digits or runs[-1].strip().startswith(("+", "00"))
            runs[-1] += run if coded or not re.search(r"\d", run) else word + run
    return runs


def _with_their_codes(pieces: Iterator[str]) -> list[str]:
    """A country code that stands alone belongs to the next number ("+977, 98412…"), unless that has its own."""
    joined: list[str] = []
    for piece in pieces:
        if joined and is_code_alone(joined[-1]):
            joined[-1] = piece if has_code_mark(piece) else joined[-1] + piece
        else:
            joined.append(piece)
    return joined
