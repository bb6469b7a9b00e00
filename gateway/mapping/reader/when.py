"""`when:` → a Condition, with all that can be wrong in it."""

from __future__ import annotations

import re

from gateway.mapping.compare import holds
from gateway.mapping.filters import read_amount
from gateway.mapping.names import folded
from gateway.mapping.reader import patterns
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import EXTRA_NAMES, Draft
from gateway.mapping.reader.problems import did_you_mean
from gateway.mapping.reader.schema import YES
from gateway.mapping.when import OPERATORS, AllOf, AnyOf, Condition, Not, Test
from gateway.mapping.wording import listed

_DATE = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d.*)?")


def build_when(node: Node, draft: Draft) -> Condition | None:
    """The condition, or None when nothing of it can be read. Notes what is wrong."""
    conditions = [condition for key, child in node.table.items() for condition in _line(key, child, draft)]
    if len(conditions) == 1:
        return conditions[0]
    return AllOf(tuple(conditions)) if conditions else None


def _line(key: str, node: Node, draft: Draft) -> list[Condition]:
    if key == "any":
        inner = [build_when(item, draft) for item in node.items]
        return [AnyOf(tuple(condition for condition in inner if condition), node.key.line)]
    if key == "not":
        refused = build_when(node, draft)
        return [Not(refused, node.key.line)] if refused else []
    _check_name(key, node, draft)
    return list(_tests(key, node, draft))


def _check_name(name: str, node: Node, draft: Draft) -> None:
    if name in draft.fields:
        draft.used.add(name)
    elif name not in EXTRA_NAMES:
        known = [*draft.fields, *EXTRA_NAMES]
        cure = did_you_mean(name, known) or "; give it an entry under 'fields'"
        draft.add(node.key, f"'{name}' is not one of this file's fields{cure}")


def _tests(name: str, node: Node, draft: Draft) -> list[Test]:
    words = node.table or {"is": node}
    tests = [_test(name, word, child, draft) for word, child in words.items() if word in OPERATORS and child.texts]
    _check_together(tests, node, draft)
    return tests


def _test(name: str, operator: str, node: Node, draft: Draft) -> Test:
    for text in node.texts:
        _check_text(name, operator, text, draft)
    texts = tuple(text.text for text in node.texts)
    if operator == "given":
        texts = ("yes",) if texts[0].casefold() in YES else ("no",)
    elif operator in ("at_least", "at_most") and len(texts) > 1:
        draft.add(node.place, f"'{operator}' wants one amount, not a list")
    return Test(name, operator, texts, node.key.line)


def _check_text(name: str, operator: str, node: Node, draft: Draft) -> None:
    sentence = ""
    if not node.text.strip():
        sentence = f"an empty text matches nothing useful; for an answer left empty write '{name}: {{given: no}}'"
    elif operator == "matches":
        sentence = patterns.mistake(node.text)
    elif operator in ("at_least", "at_most"):
        sentence = _amount_mistake(operator, node.text)
    elif operator in ("is", "is_not", "only"):
        sentence = _never(name, node.text, draft)
    if sentence:
        draft.add(node.place, sentence)


def _amount_mistake(operator: str, text: str) -> str:
    if _DATE.fullmatch(text) or read_amount(text) is not None:
        return ""
    return f"'{text}' is no amount that '{operator}' can read; write it like 50 lakh, 1,00,000 or 1.2 crore"


def _never(name: str, text: str, draft: Draft) -> str:
    """Why the field never says `text`: its table of `values` gives other words."""
    table = draft.fields[name].table if name in draft.fields else {}
    if "values" not in table or "others" in table or "filters" in table or text.startswith("$"):
        return ""
    given = [node.text for node in table["values"].table.values()]
    if folded(text) in map(folded, given) or not given:
        return ""
    cure = did_you_mean(text, given) or f"; it can be {listed(given, 'or')}"
    return f"'{name}' is never '{text}', because its 'values' say otherwise{cure}"


def _check_together(tests: list[Test], node: Node, draft: Draft) -> None:
    by_word = {test.operator: test.texts for test in tests}
    wanted = by_word.get("is", ()) + by_word.get("only", ())
    refused = set(map(folded, by_word.get("is_not", ())))
    if wanted and refused.issuperset(map(folded, wanted)):
        draft.add(node.key, f"this can never hold: it wants {listed(wanted, 'or')} and refuses the same")
    low, high = by_word.get("at_least", ("",))[0], by_word.get("at_most", ("",))[0]
    if low and high and _above(low, high):
        draft.add(node.key, f"this can never hold: at least '{low}' is above at most '{high}'")


def _above(low: str, high: str) -> bool:
    try:
        return not holds("at_most", low, (high,))
    except ValueError:
        return False
