"""The texts that a `when` compares with: those that no answer can fit, and those that probably say something else."""

from __future__ import annotations

import re

from gateway import phone
from gateway.mapping import recipient
from gateway.mapping.clean import blank
from gateway.mapping.compare import moment
from gateway.mapping.filters import FilterUse, apply, read_amount
from gateway.mapping.names import folded
from gateway.mapping.reader import patterns
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft
from gateway.mapping.reader.fields import filters_of
from gateway.mapping.reader.problems import Place, did_you_mean, nearest
from gateway.mapping.reader.recipient import wrong_text
from gateway.mapping.reader.texts import field_meant, names_in
from gateway.mapping.when import OPERATORS
from gateway.mapping.wording import listed

_WHOLE = ("is", "is_not", "only")
_AMOUNTS = ("at_least", "at_most")
#: The start of a moment as `received` has it: a year, a month, a day, perhaps a time.
_MOMENT_START = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d(:\d\d)*)?)?)?")
_SIGN = re.compile(r"\s*(!=|<>|!|=+)\s*(.*)", re.DOTALL)
_SIZE = re.compile(r"\s*([<>≤≥])\s*=?\s*(.*)", re.DOTALL)
_SLASHES = re.compile(r"/(.+)/[a-z]*", re.DOTALL)
_NOT = re.compile(r"not\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_SEVERAL = re.compile(r"\w\s*,\s+\w|[^\W\d],[^\W\d]|\w or \w", re.IGNORECASE)


def check_compared(name: str, operator: str, node: Node, draft: Draft) -> None:
    """Note what is wrong with one text that the field `name` is held against, or warn of it."""
    if sentence := _mistake(name, operator, node, draft):
        draft.add(node.place, sentence)
    elif doubt := _doubt(name, operator, node, draft):
        draft.warn(node.place, doubt)


def _mistake(name: str, operator: str, node: Node, draft: Draft) -> str:
    text = node.text
    if blank(text):
        return f"an empty text matches nothing useful; for an answer left empty write '{name}: {{given: no}}'"
    if name == "received" or name in recipient.NAMES:
        return _received(operator, text) if name == "received" else wrong_text(name, operator, text)
    if operator in ("given", "matches"):
        return patterns.mistake(text) if operator == "matches" else ""
    if names := [name for name in names_in(text) if field_meant(name, draft) or nearest(name, draft.fields)]:
        return f"'when' compares with the words written here, and '${names[0]}' is not filled in; write them out"
    if operator in _AMOUNTS:
        return _amount(operator, text)
    return _sign(operator, text) or _elsewhere(name, operator, text, draft) or _unlike(name, operator, text, draft)


def _received(operator: str, text: str) -> str:
    if operator == "starts_with" and _MOMENT_START.fullmatch(text):
        return ""
    if operator not in (*_AMOUNTS, "starts_with"):
        return "'received' is a date with its time; write at_least, at_most or starts_with, and a date like 2026-10-01"
    if operator != "starts_with" and moment(text):
        return ""
    day = _date_meant(text)
    cure = f"write it as {day}" if day else "write it like 2026-10-01"
    return f"'{text}' is no date that 'received' can be held against; {cure}"


def _amount(operator: str, text: str) -> str:
    if moment(text) or read_amount(text) is not None:
        return ""
    if day := _date_meant(text):
        return f"'{text}' is no date that '{operator}' can read; write it as {day}"
    return f"'{text}' is no amount that '{operator}' can read; write it like 50 lakh, 1,00,000 or 1.2 crore"


def _date_meant(text: str) -> str:
    """The ISO date that a text most likely means, the day before the month; "" when it is none."""
    slashes = re.sub("[.-]", "/", text.strip())
    tries = [(slashes, "read_date dd/mm/yyyy"), (slashes, "read_date mm/dd/yyyy"), (text, "date yyyy-mm-dd")]
    read = (apply(FilterUse(*written.split()), typed) for typed, written in tries)
    return next((str(day) for day in read if day), "")


def _sign(operator: str, text: str) -> str:
    found = _SIGN.fullmatch(text)
    if not found:
        return ""
    sign, rest = found.groups()
    if sign[0] == "=" or operator == "is_not":
        return f"no answer starts with '{sign}'; write the text alone, '{rest}'"
    return f"no answer starts with '{sign}'; for anything but '{rest}' write 'is_not: {rest}'"


def _elsewhere(name: str, operator: str, text: str, draft: Draft) -> str:
    """Why a lead of this file never has this `source` or `form`."""
    if operator not in _WHOLE or name not in ("source", "form"):
        return ""
    ours = (draft.source,) if name == "source" else draft.forms
    if not ours or folded(text) in map(folded, ours):
        return ""
    return f"every lead of this file has the {name} {listed(ours, 'or')}, never '{text}'; take the line out"


def _unlike(name: str, operator: str, text: str, draft: Draft) -> str:
    """Why the field never says `text`: it holds a phone number, or its table of `values` gives other words."""
    if name in draft.phones:
        return _no_number(name, operator, text, draft.country)
    given = _words_of(name, draft)
    table = draft.fields.get(name, NOTHING).table
    if operator not in _WHOLE or "others" in table or "filters" in table or not given:
        return ""
    if folded(text) in map(folded, given):
        return ""
    cure = did_you_mean(text, given) or f"; it can be {listed(given, 'or')}"
    return f"'{name}' is never '{text}', because its 'values' say otherwise{cure}"


def _no_number(name: str, operator: str, text: str, country: str) -> str:
    number = phone.read(text, country).e164 if operator in _WHOLE else ""
    digits = re.sub(r"\D", "", text)
    fits = {"contains": text in (digits, f"+{digits}"), "starts_with": text == f"+{digits}"}
    if fits.get(operator, text == number):
        return ""
    meant = digits if operator == "contains" else f"+{digits}" if operator == "starts_with" else number
    cure = f"write '{meant}'" if meant.strip("+") else "write a number in that way"
    return f"'{name}' is kept like +919876543210, so '{text}' never fits; {cure}"


def _words_of(name: str, draft: Draft) -> list[str]:
    """What the table of `values` of a field says; none when it has no table."""
    table = draft.fields.get(name, NOTHING).table.get("values", NOTHING).table
    return [node.text for node in table.values()]


def _doubt(name: str, operator: str, node: Node, draft: Draft) -> str:
    """What a text probably means that it does not say. Quotes are the way to say that it is meant so."""
    text = node.text.strip()
    slashes = _SLASHES.fullmatch(text)
    if slashes and (operator == "matches" or not node.quoted):
        return f"a pattern stands without slashes, and capitals never count; write 'matches: {slashes[1]}'"
    if operator not in (*_WHOLE, "contains", "starts_with") or text in _words_of(name, draft):
        return ""
    if word := _size(name, text, quoted=node.quoted) or ("" if node.quoted else _operator(name, text)):
        return word
    # A text that starts with a star stands in quotes because YAML wants them.
    if node.quoted and not text.startswith("*"):
        return ""
    return _star(name, text) or _one_text(text)


def _size(name: str, text: str, *, quoted: bool) -> str:
    """`< 50k` is a text. YAML wants '>' in quotes, so those do not say that it is meant, if an amount follows."""
    found = _SIZE.fullmatch(text)
    if not found or (quoted and (found[1] != ">" or read_amount(found[2]) is None)):
        return ""
    word = "at_most" if found[1] in "<≤" else "at_least"
    return f"'{text}' is compared as a text; for numbers write '{name}: {{{word}: {found[2]}}}'"


def _operator(name: str, text: str) -> str:
    """`age: given` and `age: at_least 18`; `is`, `only` and `given` with more words behind may be an answer."""
    word, _, rest = text.partition(" ")
    if word not in OPERATORS or (rest and "_" not in word):
        return ""
    meant = rest.strip() or ("yes" if word == "given" else "…")
    return f"'{text}' is one text here; '{word}' is a word of 'when', so write '{name}: {{{word}: {meant}}}'"


def check_join(name: str, operator: str, place: Place, draft: Draft) -> None:
    """Warn of a choice that is compared with all the choices in one text."""
    filters = (use.name for _, use in filters_of(draft.fields.get(name, NOTHING)))
    if operator in _WHOLE and "join" in filters:
        sentence = (
            f"'join' makes one text of the choices of '{name}', so no single one fits; compare a field without it"
        )
        draft.warn(place, sentence)


def _star(name: str, text: str) -> str:
    bare = text.strip("*")
    if bare == text and "*" not in text:
        return ""
    if not bare:
        return f"a '*' stands only for itself here; for any answer write '{name}: {{given: yes}}'"
    word = "contains" if text.startswith("*") else "starts_with"
    return f"a '*' stands only for itself here; did you mean '{word}: {bare.partition('*')[0]}'?"


def _one_text(text: str) -> str:
    if _SEVERAL.search(text):
        cure = "for either of them write each on its own line after '- '; if it is one answer, put quotes around it"
        return f"'{text}' is one text; {cure}"
    if found := _NOT.fullmatch(text):
        cure = f"for anything but '{found[1]}' write 'is_not: {found[1]}'; if it is an answer, put quotes around it"
        return f"'{text}' is one text; {cure}"
    return ""
