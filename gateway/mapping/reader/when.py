"""`when:` → a Condition, with all that can be wrong in it."""

from __future__ import annotations

from gateway.mapping.compare import holds
from gateway.mapping.names import folded
from gateway.mapping.reader.compared import check_compared, check_join
from gateway.mapping.reader.conditions import OTHER_CONDITIONS, YES
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import EXTRA_NAMES, Draft
from gateway.mapping.reader.recipient import as_known
from gateway.mapping.recipient import HOUR
from gateway.mapping.when import OPERATORS, AllOf, AnyOf, Condition, Not, Test
from gateway.mapping.wording import listed


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
    if key in OTHER_CONDITIONS:
        return []
    _check_name(key, node, draft)
    return list(_tests(key, node, draft))


def _check_name(name: str, node: Node, draft: Draft) -> None:
    if name in draft.fields:
        draft.used.add(name)
    elif name not in EXTRA_NAMES:
        draft.no_field(node.key, name, name, among=EXTRA_NAMES)


def _tests(name: str, node: Node, draft: Draft) -> list[Test]:
    words = node.table or {"is": node}
    tests = [_test(name, word, child, draft) for word, child in words.items() if word in OPERATORS and child.texts]
    _check_together(tests, node, draft)
    return tests


def _test(name: str, operator: str, node: Node, draft: Draft) -> Test:
    for text in node.texts:
        check_compared(name, operator, text, draft)
    check_join(name, operator, node.key, draft)
    texts = tuple(as_known(name, text.text) for text in node.texts)
    if operator == "given":
        texts = ("yes",) if texts[0].casefold() in YES else ("no",)
    elif operator in ("at_least", "at_most") and len(texts) > 1:
        draft.add(node.place, f"'{operator}' wants one amount, not a list")
    return Test(name, operator, texts, node.key.line)


def _check_together(tests: list[Test], node: Node, draft: Draft) -> None:
    by_word = {test.operator: test.texts for test in tests}
    wanted = by_word.get("is", ()) + by_word.get("only", ())
    refused = set(map(folded, by_word.get("is_not", ())))
    if wanted and refused.issuperset(map(folded, wanted)):
        draft.add(node.key, f"this can never hold: it wants {listed(wanted, 'or')} and refuses the same")
    low, high = by_word.get("at_least", ("",))[0], by_word.get("at_most", ("",))[0]
    if low and high and _above(low, high):
        cure = "; for a night write each of the two under 'any'" if tests[0].field == HOUR else ""
        draft.add(node.key, f"this can never hold: at least '{low}' is above at most '{high}'{cure}")


def _above(low: str, high: str) -> bool:
    try:
        return not holds("at_most", low, (high,))
    except ValueError:
        return False
