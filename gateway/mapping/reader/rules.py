"""The tree of a file → a Mapping, with all that can be wrong beyond its shape.

Lenient on purpose: what has the wrong shape is noted already, and the rest is still looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from gateway.mapping.clean import blank
from gateway.mapping.names import folded
from gateway.mapping.reader.calls import build_call, check_call, check_whole, merged, phones
from gateway.mapping.reader.choose import check_choices
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft, Settings
from gateway.mapping.reader.fields import build_field, named_fields
from gateway.mapping.reader.follow_ups import build_follow_ups
from gateway.mapping.reader.head import check_head
from gateway.mapping.reader.late import build_too_late, check_too_late
from gateway.mapping.reader.limits import build_limits
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.texts import check_literal
from gateway.mapping.reader.when import build_when
from gateway.mapping.rules import Mapping, Rule

#: Stands for the condition of a rule without `when`.
_ALWAYS = object()
#: What `if_uncertain` says where a call that may have arrived is to be made once more.
SEND_AGAIN = "send again"
#: What people write after `skip` as if it were a switch.
_NO_REASONS = ("yes", "no", "true", "false", "on", "off", "~", "null")


def build(file: str, root: Node, settings: Settings, problems: Problems) -> Mapping:
    """The mapping; only whole when no problem was noted."""
    table = root.table
    draft = _draft(table, settings, problems)
    check_head(draft)
    rules = _rules(table, draft)
    limits = build_limits(table.get("limits", NOTHING), draft)
    fields = {name: build_field(name, node, draft) for name, node in draft.fields.items()}
    check_choices(root, draft)
    if not problems.stops:
        _warn_of_unused(draft, {name for name, field in fields.items() if field.required})
    name = PurePath(file).name
    return Mapping(name, draft.source, draft.forms, draft.country, fields, rules, draft.timezone, limits)


def _draft(table: dict[str, Node], settings: Settings, problems: Problems) -> Draft:
    written = table.get("fields", NOTHING)
    fields = named_fields(written, problems)
    numbers = phones(calls_in(table), fields)
    draft = Draft(problems, settings, table, fields, numbers, written.table.keys() - fields.keys())
    draft.used |= {settings.consent}
    return draft


def calls_in(table: dict[str, Node]) -> Iterator[Node]:
    """Everything in which keys of a call stand."""
    yield table.get("defaults", NOTHING)
    yield table.get("limits", NOTHING).table.get("too_old", NOTHING)
    for rule in table.get("rules", NOTHING).items:
        yield rule.table.get("call", NOTHING)
        yield from rule.table.get("follow_ups", NOTHING).items


def _warn_of_unused(draft: Draft, required: set[str]) -> None:
    for name, node in draft.fields.items():
        if name not in draft.used | required:
            sentence = f"no rule uses the field '{name}'; use it as ${name}, or take it out"
            draft.warn(node.key, sentence)


def _rules(table: dict[str, Node], draft: Draft) -> tuple[Rule, ...]:
    defaults, items = table.get("defaults", NOTHING), table.get("rules", NOTHING).items
    check_call(defaults, draft)
    check_too_late(table.get("limits", NOTHING), draft)
    names = [name for item in items if (name := item.table.get("name", NOTHING).text)]
    rules = [_rule(item, table, names, draft) for item in items if item.table]
    _check_names([item for item in items if item.table.get("name")], draft)
    _check_order(items, draft)
    return tuple(rules)


def _rule(node: Node, file: dict[str, Node], names: list[str], draft: Draft) -> Rule:
    """`names`: of all rules."""
    table, defaults = node.table, file.get("defaults", NOTHING)
    when = build_when(table["when"], draft) if "when" in table else None
    _check_skip(table.get("skip", NOTHING), draft)
    call = base = None
    if "call" in table:
        check_call(table["call"], draft)
        check_whole(table["call"], defaults, draft)
        base = merged(table["call"], defaults)
        call = build_call(base, replace(draft, problems=Problems("")))
    return Rule(
        name=table.get("name", NOTHING).text,
        line=node.place.line,
        when=when,
        call=call,
        skip=table.get("skip", NOTHING).text,
        too_late=build_too_late(file.get("limits", NOTHING), base, draft),
        follow_ups=build_follow_ups(node, base, names, draft),
        send_again=folded(table.get("if_uncertain", NOTHING).text) == SEND_AGAIN,
    )


def _check_skip(node: Node, draft: Draft) -> None:
    check_literal(node, "skip", draft)
    if isinstance(node.content, str) and (blank(node.text) or node.text.strip().casefold() in _NO_REASONS):
        draft.add(node.place, "'skip' wants the reason; say why in words, as it is shown beside each lead")


def _check_names(nodes: list[Node], draft: Draft) -> None:
    lines: dict[str, int] = {}
    for node in nodes:
        name = node.table["name"]
        if name.content == "":
            draft.add(name.place, "this rule's name is empty; say in a few words whom it is for")
        first = lines.setdefault(name.text.casefold(), name.place.line)
        if name.text and first != name.place.line:
            draft.add(name.place, f"the name '{name.text}' is taken by the rule in line {first}; give this one its own")


def _check_order(nodes: list[Node], draft: Draft) -> None:
    """Note the rules that an earlier one leaves nothing for."""
    taken: list[tuple[Any, Node]] = []
    for node in nodes:
        when = node.table["when"].plain() if "when" in node.table else _ALWAYS
        earlier = next((rule for condition, rule in taken if condition in (_ALWAYS, when)), None)
        if earlier is not None:
            draft.add(node.place, f"this rule can never match: {_takes_all(earlier)}")
        elif node.table and when is not None:
            taken.append((when, node))


def _takes_all(node: Node) -> str:
    name = f"'{node.table.get('name', NOTHING).text}' (line {node.place.line})"
    return f"{name} has the same 'when'" if "when" in node.table else f"{name} has no 'when' and takes every lead"
