"""`limits:` of a mapping, and `limits.yaml`: what they say → Limits, with all that can be wrong in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import TypeVar

from gateway.mapping.limits import Limits, ever_open
from gateway.mapping.names import folded
from gateway.mapping.reader.beside import tree
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.draft import NOTHING, Draft
from gateway.mapping.reader.limits_schema import CommonShape
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.schema import note_shape
from gateway.mapping.reader.times import duration, window
from gateway.mapping.rules import Mapping
from gateway.mapping.wording import short
from gateway.model import Problem

Told = TypeVar("Told")

#: What says that no lead is too old.
NEVER = "never"

_COUNT = re.compile(
    r"(\d+)(?: (?:calls?|messages?))? (?:per|an?|each|to each) (\w+) (?:per|an?|each|every) (\w+)", re.ASCII
)
_COUNTS = (("person", "day"), ("rule", "hour"))
#: No count is higher: what is never reached is no limit.
_MOST = 1_000_000
_FIELD = re.compile(r"[a-z0-9_]+")


def build_limits(node: Node, draft: Draft) -> Limits:
    """What a mapping says; what is wrong with it is noted, and is as if it were not there."""
    limits = _limits(node, draft.problems)
    if not limits.consent:
        return limits
    if limits.consent in draft.fields:
        draft.used.add(limits.consent)
    else:
        draft.no_field(node.table["consent"].place, node.table["consent"].text.strip(), limits.consent)
    return limits


def read_limits(file: str, text: str | bytes) -> tuple[Limits, list[Problem]]:
    """What `limits.yaml` says, as far as it can be read, and its problems."""
    problems = Problems(file)
    root = tree(text, problems)
    if root is None:
        return Limits(), problems.in_order()
    if not root.table:
        problems.add(root.place, "limits are made of keys, like 'too_old: 24 hours', each on its own line")
        return Limits(), problems.in_order()
    note_shape(root, CommonShape().validate(root.plain()), problems)
    limits = _limits(root, problems)
    if limits.consent and not _FIELD.fullmatch(limits.consent):
        sentence = f"'{short(limits.consent)}' is no field's name; write one that every mapping has under 'fields'"
        problems.add(root.table["consent"].place, sentence)
    return limits, problems.in_order()


def unfit(file: str, text: str | bytes, mappings: Iterable[tuple[str, Mapping]]) -> Iterator[Problem]:
    """Problems of `limits.yaml` with the mappings (name and content) beside it: nothing of these could be sent."""
    common, wrong = read_limits(file, text)
    root = tree(text, Problems(file))
    if wrong or root is None:
        return
    consent, hours = root.table.get("consent", NOTHING), root.table.get("send_between", NOTHING)
    for name, mapping in mappings:
        if not any(rule.call for rule in mapping.rules):
            continue
        if common.consent and common.consent not in mapping.fields:
            cure = "give it one, or write 'consent' under the 'limits' of those files that ask for it"
            yield _problem(file, consent, f"{name} has no field '{common.consent}'; {cure}")
        if not ever_open([*common.windows, *mapping.limits.windows]):
            cure = "let the two overlap, as nothing of it could ever leave"
            yield _problem(file, hours, f"the hours of {name} are never open together with these; {cure}")


def _problem(file: str, node: Node, sentence: str) -> Problem:
    return Problem(file, node.place.line, node.place.column, sentence)


def field_named(node: Node) -> str:
    """The field that stands behind `consent`, be it written with a `$` or without."""
    return node.text.strip().removeprefix("$")


def _limits(node: Node, problems: Problems) -> Limits:
    table = node.table
    hours = _read(window, table.get("send_between", NOTHING), problems)
    counts = _counts(table.get("no_more_than", NOTHING).texts, problems)
    age = table.get("too_old", NOTHING)
    age = age.table.get("after", NOTHING) if age.table else age
    never = folded(age.text) == NEVER
    return Limits(
        windows=(hours,) if hours else (),
        once_per_person=_read(duration, table.get("once_per_person", NOTHING), problems),
        per_person_a_day=counts.get(_COUNTS[0]),
        per_rule_an_hour=counts.get(_COUNTS[1]),
        too_old=None if never else _read(_age, age, problems),
        never_too_old=never,
        consent=field_named(table.get("consent", NOTHING)),
    )


def _read(how: Callable[[str], Told], node: Node, problems: Problems) -> Told | None:
    """What a text comes to; None when there is none, or when it is wrong, which is noted."""
    if not isinstance(node.content, str):
        return None
    try:
        return how(node.text)
    except ValueError as error:
        problems.add(node.place, str(error))
        return None


def _age(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        said = str(error)
        raise ValueError(said if said.endswith("?") else f"{said}, or '{NEVER}'") from None


def _counts(nodes: Iterable[Node], problems: Problems) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for node in nodes:
        told = _read(_count, node, problems)
        if told and told[0] in found:
            what = " per ".join(told[0])
            problems.add(node.place, f"'per {what}' stands here twice; keep one of them")
        elif told:
            found[told[0]] = told[1]
    return found


def _count(text: str) -> tuple[tuple[str, str], int]:
    """What is counted, and how far.

    >>> _count("2 per person per day"), _count("100 per rule an hour")
    ((('person', 'day'), 2), (('rule', 'hour'), 100))
    """
    found = _COUNT.fullmatch(folded(text.replace("/", " per ")))
    of = (found[2], found[3]) if found else ("", "")
    if not found or of not in _COUNTS:
        raise ValueError(
            f"'{short(text)}' is no such limit; write it like '2 per person per day' or '100 per rule per hour'"
        )
    if len(found[1]) > len(str(_MOST)) or not 0 < int(found[1]) <= _MOST:
        raise ValueError(f"'{short(text)}' wants a whole number from 1 to {_MOST:,}")
    return of, int(found[1])
