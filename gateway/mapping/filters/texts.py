"""Filters that change words."""

from __future__ import annotations

import html
import re
import unicodedata

from gateway.mapping.filters.registry import Argument, register
from gateway.mapping.names import normal

#: Longer than people's names are, and than what forms make of them that write each letter as `&#2310;`.
_LONGEST_NAME, _LONGEST_ENCODED = 40, 400
#: What stands before the name to greet by.
HONORIFICS = frozenset(
    {
        *(
            "adv",
            "and",
            "ca",
            "capt",
            "col",
            "dr",
            "er",
            "kum",
            "kumari",
            "madam",
            "md",
            "miss",
            "mohd",
            "mr",
            "mrs",
            "ms",
        ),
        *("mx", "prof", "shree", "shri", "shrimati", "sir", "smt", "sri", "thiru", "tmt"),
        *("कुमारी", "डॉ", "श्री", "श्रीमती", "सुश्री", "શ્રી", "શ્રીમતી", "শ্রী", "শ্রীমতী", "శ్రీ", "శ్రీమతి", "திரு", "திருமதி"),
    }
)
#: "K", "K." and "के. आर." are no names to greet by.
_INITIAL = re.compile(r"[A-Za-z]\.?|(?:[^\W\d_A-Za-z][^\w\s.]*){1,2}\.")
_AROUND_NAMES = ",;()\"'“”‘’"
_NO_NAME = re.compile(r"://|www\.|@|\A[\W\d_]*\Z", re.IGNORECASE)
#: What NFKD sets apart from a letter of ours; the marks of other scripts stay.
_ACCENTS = re.compile("(?<=[a-z])[\u0300-\u036f]+")
#: The letters that begin a word, and those after "O'" and "D'".
_WORD_START = re.compile(r"(?<![^\s\-(/&.\"])[^\W\d_]|(?<=\b[^\W\d_]['’])[^\W\d_](?=[^\W\d_])")


@register()
def first_word(text: str) -> str:
    """Keeps the first word.

    >>> first_word("Asha Rao")
    'Asha'
    """
    return next(iter(text.split()), "")


@register()
def last_word(text: str) -> str:
    """Keeps the last word.

    >>> last_word("Asha Rao")
    'Rao'
    """
    return next(reversed(text.split()), "")


@register()
def first_name(text: str) -> str:
    """Finds the name to greet a person by; empty when the text is no name.

    >>> first_name("Dr. ASHA RAO")
    'Asha'
    >>> first_name("K. R. Mira")
    'Mira'
    >>> first_name("Mr.K.Mira & Mrs. Rao")
    'Mira'
    >>> first_name("asha@example.com")
    ''
    """
    name = html.unescape(text[:_LONGEST_ENCODED]).strip()
    if len(text) > _LONGEST_ENCODED or len(name) > _LONGEST_NAME or _NO_NAME.search(name):
        return ""
    parts = [part.strip(_AROUND_NAMES) for part in name.replace(".", ". ").split()]
    while parts and not _names(parts[0]):
        parts.pop(0)
    return title(" ".join(parts)).partition(" ")[0].rstrip(".")


def _names(word: str) -> bool:
    is_before = bool(_INITIAL.fullmatch(word)) or word.rstrip(".").casefold() in HONORIFICS
    return not is_before and any(map(str.isalpha, word))


@register()
def title(text: str) -> str:
    """Gives each word a capital, where a text is all small or all capital letters; mixed ones stay as typed.

    >>> title("navi mumbai")
    'Navi Mumbai'
    >>> title("O'SAMPLE")
    "O'Sample"
    >>> title("McDonald")
    'McDonald'
    """
    if not (text.isupper() or text.islower()):
        return text
    return _WORD_START.sub(lambda match: match[0].title(), text.lower())


@register()
def upper(text: str) -> str:
    """Makes all letters capitals.

    >>> upper("Goa")
    'GOA'
    """
    return text.upper()


@register()
def lower(text: str) -> str:
    """Makes all letters small.

    >>> lower("Goa")
    'goa'
    """
    return text.lower()


@register()
def trim(text: str) -> str:
    """Takes the spaces at both ends away.

    >>> trim("  Sea view ")
    'Sea view'
    """
    return text.strip()


@register()
def slug(text: str) -> str:
    """Makes a short name for a tag: small letters without accents, all else between words one "-".

    >>> slug("Sea view, 2 BHK")
    'sea-view-2-bhk'
    >>> slug("Café Déjà-vu!")
    'cafe-deja-vu'
    >>> slug("नवी मुंबई")
    'नवी-मुंबई'
    """
    apart = unicodedata.normalize("NFKD", normal(text).replace("_", "-"))
    return unicodedata.normalize("NFC", _ACCENTS.sub("", apart))


@register()
def words(text: str) -> str:
    """Makes words of a choice that a form sends with underscores.

    >>> words("50_lakh_-_1_crore")
    '50 lakh - 1 crore'
    """
    return " ".join(text.replace("_", " ").split())


@register()
def digits(text: str) -> str:
    """Keeps the digits alone.

    >>> digits("Flat 12-B, 400 050")
    '12400050'
    """
    return "".join(str(unicodedata.decimal(char)) for char in text if char.isdecimal())


@register(Argument("N", "a number of characters", "60", re.compile(r"[1-9][0-9]{0,3}").fullmatch))
def truncate(text: str, count: str) -> str:
    """Cuts a text to N characters, the … included, between words where it can.

    >>> truncate("Sea view villas in Goa", "12")
    'Sea view…'
    >>> truncate("Goa", "12")
    'Goa'
    """
    room = int(count) - 1
    if len(text) <= room + 1:
        return text
    head = text[:room]
    if not text[room].isspace():
        head = head.rpartition(" ")[0] or head
    while head and unicodedata.category(text[len(head)]) in {"Mn", "Mc", "Me", "Cf"}:
        head = head[:-1]
    return head.rstrip(" ,;:-\u200d") + "…"


@register(Argument("TEXT", "the text to look for", ","))
def before(text: str, mark: str) -> str:
    """Keeps what stands before TEXT; everything, if TEXT is not in it.

    >>> before("Baner, Pune", ",")
    'Baner'
    >>> before("Pune", ",")
    'Pune'
    """
    return text.partition(mark)[0].strip()


@register(Argument("TEXT", "the text to look for", ","))
def after(text: str, mark: str) -> str:
    """Keeps what stands after TEXT; nothing, if TEXT is not in it.

    >>> after("Baner, Pune", ",")
    'Pune'
    >>> after("Pune", ",")
    ''
    """
    return text.partition(mark)[2].strip()


@register(Argument("OLD -> NEW", "two texts with -> between them", "Bombay -> Mumbai", re.compile(r"\s*\S.*->").match))
def replace(text: str, change: str) -> str:
    """Writes NEW wherever OLD stands.

    >>> replace("Bombay Central", "Bombay -> Mumbai")
    'Mumbai Central'
    >>> replace("Villa (sold out)", "(sold out) ->")
    'Villa'
    """
    old, _, new = change.partition("->")
    return text.replace(old.strip(), new.strip()).strip()


@register(Argument("SEPARATOR", "the text to put between the choices", "and"), whole=True)
def join(chosen: tuple[str, ...], separator: str) -> str:
    """Makes one text of all choices of a multi-select.

    >>> join(("Goa", "Pune"), "and")
    'Goa and Pune'
    >>> join(("Goa", "Pune"), ";")
    'Goa; Pune'
    """
    mark = separator.strip()
    return (f"{mark} " if mark in {",", ";"} else f" {mark} ").join(chosen)
