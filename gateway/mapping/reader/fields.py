"""`fields:` → Fields, with all that can be wrong in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.mapping import names
from gateway.mapping.clean import blank
from gateway.mapping.fields import Candidate, Field
from gateway.mapping.filters import FilterUse, mistake
from gateway.mapping.reader.conditions import OTHER_CONDITIONS, YES
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import EXTRA_NAMES, NOTHING, Draft
from gateway.mapping.reader.flow import blank_name
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.texts import check_literal

_NAME = re.compile(r"[a-z0-9_]+")
#: Names that mean something else where a field's name may stand.
_TAKEN = (*EXTRA_NAMES, "any", "not", *OTHER_CONDITIONS)
_SCOPES = ("answer", "about")
#: `phone, mobile`: single words with commas between them, as no question is asked.
_WORDS_WITH_COMMAS = re.compile(r"[\w.-]+(?:\s*,\s*[\w.-]+)+")
#: The filters that leave every digit of a phone number, and its +.
_KEEP_NUMBERS = ("join", "lower", "title", "upper", "words")


def named_fields(node: Node, problems: Problems) -> dict[str, Node]:
    """The entries of `fields:` by the names that are meant. Notes the names that are wrong."""
    fields: dict[str, Node] = {}
    for typed, entry in node.table.items():
        meant = blank_name(typed) if typed.isascii() and not _NAME.fullmatch(typed) else typed
        fields[typed if meant in node.table else meant] = entry
        if sentence := _wrong_name(typed, meant):
            problems.add(entry.key, sentence)
    return fields


def _wrong_name(typed: str, meant: str) -> str:
    if typed in _TAKEN:
        return f"the name '{typed}' is taken, because 'when' uses it; call the field 'lead_{typed}', say"
    if _NAME.fullmatch(typed):
        return ""
    if typed == f"${meant}":
        return f"'{typed}' is how texts say a field; here write '{meant}' without the $"
    cure = f"; write '{meant}'" if meant != typed else ""
    return f"a field's name is made of a to z, 0 to 9 and _, not '{typed}'{cure}"


def build_field(name: str, node: Node, draft: Draft) -> Field:
    """One entry of `fields:`. Notes what is wrong."""
    table = node.table
    written = table.get("from", node)
    values = table.get("values", NOTHING).table
    _check_values(values, draft)
    field = Field(
        name=name,
        candidates=tuple(_candidate(text, draft) for text in written.texts),
        values={key: value.text for key, value in values.items()},
        keep_others="others" in table,
        filters=_filters(table.get("filters", NOTHING), draft),
        default=table.get("default", NOTHING).text,
        required=table.get("required", NOTHING).text.casefold() in YES,
        is_phone=name in draft.phones,
        line=node.key.line,
        default_line=table["default"].key.line if "default" in table else 0,
    )
    if field.required and field.default:
        sentence = "'required' stops the message and 'default' fills it in, where no answer is; keep the one you mean"
        draft.add(max(table["required"].key, table["default"].key), sentence)
    if field.keep_others and not field.values:
        draft.add(table["others"].key, "'others' is about 'values', and this field has none; take it out")
    if field.is_phone:
        _check_phone(name, node, draft)
    else:
        _check_default(table.get("default", NOTHING), draft)
    return field


def _check_phone(name: str, node: Node, draft: Draft) -> None:
    table = node.table
    if table.get("default", NOTHING).text:
        sentence = f"a default for the phone number would message one person for many; take it out of '{name}'"
        draft.add(table["default"].key, sentence)
    if table.get("values", NOTHING).table:
        draft.add(table["values"].key, f"'values' do nothing for a phone number; take them out of '{name}'")
    for place, use in filters_of(node):
        if use.name not in _KEEP_NUMBERS and not mistake(use):
            written = f"{use.name} {use.argument}".strip()
            draft.add(place.place, f"a phone number is cleaned by itself; take the filter '{written}' out")


def filters_of(node: Node) -> Iterator[tuple[Node, FilterUse]]:
    """Every filter of a field, with the text that it stands in."""
    for text in node.table.get("from", node).texts:
        yield from ((text, _use(each)) for each in text.text.split("|")[1:])
    for text in node.table.get("filters", NOTHING).texts:
        yield from ((text, _use(each)) for each in text.text.split("|"))


def _check_default(node: Node, draft: Draft) -> None:
    if isinstance(node.content, str) and blank(node.text):
        draft.add(node.place, "this default is empty; write what texts should say, or take the line out")
    check_literal(node, "default", draft, "to fall back on another answer, add it under 'from'")


def _check_values(values: dict[str, Node], draft: Draft) -> None:
    seen: dict[str, str] = {}
    for key, node in values.items():
        same = seen.setdefault(names.choice(key), key)
        if same != key:
            draft.add(node.key, f"'{key}' and '{same}' count as the same answer; keep one of them")


def _candidate(node: Node, draft: Draft) -> Candidate:
    """`about.city | title` → the answer's name, its scope and its filters."""
    written, *filters = node.text.split("|")
    name = written.strip()
    if not name:
        draft.add(node.place, "here stands no answer's name; write it before the '|'")
    elif name.startswith("$"):
        draft.add(node.place, f"'{name}' is how texts say a field; to find an answer write its name without the $")
    scope, dot, rest = name.partition(".")
    scoped = bool(dot and rest and scope in _SCOPES)
    if not scoped and not node.quoted:
        _warn_of_name(name, node, draft)
    return Candidate(
        name=rest if scoped else name,
        scope=scope if scoped else "",
        filters=tuple(_filter(text, node, draft) for text in filters),
        line=node.place.line,
    )


def _warn_of_name(name: str, node: Node, draft: Draft) -> None:
    """Names that a form may really have, but that are more likely a slip."""
    scope, dot, rest = name.partition(".")
    meant = next((each for each in _SCOPES if scope.casefold() in (each, f"{each}s")), "")
    if dot and rest and meant:
        draft.warn(node.place, f"did you mean '{meant}.{rest}'? If the answer is called '{name}', put quotes around it")
    elif _WORDS_WITH_COMMAS.fullmatch(name):
        cure = "for several places to look write each on its own line after '- '; if it is one, put quotes around it"
        draft.warn(node.place, f"'{name}' is one answer's name; {cure}")


def _filters(node: Node, draft: Draft) -> tuple[FilterUse, ...]:
    return tuple(_filter(text, item, draft) for item in node.texts for text in item.text.split("|"))


def _filter(text: str, node: Node, draft: Draft) -> FilterUse:
    use = _use(text)
    sentence = mistake(use) if use.name else "here stands no filter; write one, or take the '|' out"
    if sentence:
        draft.add(node.place, sentence)
    return use


def _use(text: str) -> FilterUse:
    word, _, argument = text.strip().partition(" ")
    return FilterUse(word, argument.strip())
