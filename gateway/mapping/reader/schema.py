"""The shape of a mapping file, one schema for each set of keys.

Every key says in `metadata` what it is for; `docs/mappings.md` tells the same at length.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from gateway.mapping.filters.registry import FILTERS
from gateway.mapping.reader.call_schema import LIMITS, OF_RULES, CallShape, DefaultsShape, FollowUpShape
from gateway.mapping.reader.conditions import WhenField, yes_or_no
from gateway.mapping.reader.document import Node
from gateway.mapping.reader.limits_schema import LimitsShape
from gateway.mapping.reader.problems import Problems
from gateway.mapping.reader.shapes import Either, Keys, Many, OneOf, OnKey, Shape, Table, Text, says, texts

Path = tuple[str | int, ...]

#: Every filter, with an argument that works.
_FILTERS = [f"{name} {entry.argument.like}" if entry.argument else name for name, entry in sorted(FILTERS.items())]
_MAY_FOLLOW = f"the best first. Filters may follow after '|': {', '.join(sorted(FILTERS))}."
_FOUND = ("full_name | first_name", "city | title", "visit | date d mmmm", "about.utm_source")


class FieldShape(Shape):
    """A field written at length."""

    candidates = texts(data_key="from", required=True, metadata=says(f"Answers to look in, {_MAY_FOLLOW}", *_FOUND))
    values = Keys(Text(), metadata=says("What a choice is called: the answer, ':' and what we say instead."))
    others = OneOf(
        "keep", says="only keep", metadata=says("keep: an answer that 'values' does not list stays as it is.")
    )
    filters = texts(metadata=says("Changes to whichever answer was found, in this order.", *_FILTERS))
    default = Text(metadata=says("What texts say when nothing was found.", "there"))
    required = yes_or_no(metadata=says("yes: without an answer, nothing is sent."))


_IN_CALL = dict.fromkeys(CallShape().fields, "under 'call', two spaces further in")


class RuleShape(Shape):
    """A branch: the first one whose `when` holds is taken."""

    elsewhere = LIMITS | _IN_CALL

    name = Text(required=True, metadata=says("What this rule is called in lists and explanations.", "Everyone else"))
    when = WhenField(metadata=says("Take this rule only if all of this holds; without it, always."))
    call = Table(CallShape, metadata=says("What to send."))
    skip = Text(metadata=says("Send nothing; the text says why.", "we do not sell there yet"))
    follow_ups = Many(
        Table(FollowUpShape),
        metadata=says("Later messages, in order; each repeats the call above, changed as written."),
    )
    if_uncertain = OneOf(
        *("hold", "send again"),
        says="hold or send again",
        metadata=says("What is done when no answer came: hold waits for a receipt or a person."),
    )

    exactly_one = ("call", "skip")

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_both_and_neither(self, loaded: Any, original: Mapping[str, Any], **kwargs: Any) -> None:
        del loaded, kwargs
        name = original["name"] if isinstance(original.get("name"), str) else ""
        given = [key for key in original if key in self.exactly_one]
        if not given:
            cure = "give it 'call' or 'skip'"
            raise ValidationError(f"rule '{name}' says neither what to send nor that nothing is sent; {cure}")
        if len(given) > 1:
            sentence = OnKey(f"rule '{name}' has both 'call' and 'skip'; keep the one you mean")
            raise ValidationError({given[-1]: [sentence]})


class MappingShape(Shape):
    """A whole file."""

    elsewhere = (
        LIMITS
        | dict.fromkeys(_IN_CALL, "under 'defaults', or under a rule's 'call'")
        | dict.fromkeys(("call", "when", "skip", *OF_RULES), "in a rule, under 'rules'")
    )

    source = Text(
        required=True,
        metadata=says("Where the leads come from, as in the webhook's address.", "facebook", "typeform", "website"),
    )
    form = texts(metadata=says("The form's id, or a list of ids; without it, every form that no file names."))
    country = Text(metadata=says("Country of phone numbers written without one, two capitals.", "IN", "AE"))
    timezone = Text(metadata=says("Time zone of people whose number does not tell theirs.", "Asia/Kolkata"))
    fields_ = Keys(
        Either(texts(metadata=says(f"The answer's name, or several, {_MAY_FOLLOW}", *_FOUND)), Table(FieldShape)),
        data_key="fields",
        required=True,
        metadata=says("What to find among the answers, each under a name of its own."),
    )
    defaults = Table(DefaultsShape, metadata=says("What every call of this file starts from."))
    limits = Table(LimitsShape, metadata=says("What every message of this file is held against before it leaves."))
    rules = Many(Table(RuleShape), required=True, metadata=says("What to say to whom; the first rule that holds wins."))


def check_shape(root: Node, problems: Problems) -> None:
    """Note every value that has the wrong shape, and every unknown or missing key."""
    note_shape(root, MappingShape().validate(root.plain()), problems)


def note_shape(root: Node, messages: Any, problems: Problems) -> None:
    """Note what marshmallow says of a tree, each sentence at its place."""
    found = list(_sentences(messages))
    beside: dict[Path, list[str]] = {}
    for path, sentence in found:
        beside.setdefault(path[:-1], []).append(str(sentence))
    for path, sentence in found:
        node = root.at(path)
        missing = node is root.at(path[:-1])
        if missing and path and any(_stands_for(path[-1], said) for said in beside[path[:-1]]):
            continue
        at_key = isinstance(sentence, OnKey) or node.content is None or missing
        problems.add(node.key if at_key else node.place, str(sentence))


def _stands_for(key: str | int, said: str) -> bool:
    """Whether a key is missing only because another one, of which this is said, is a slip for it."""
    return said.endswith(f"did you mean '{key}'?")


def _sentences(messages: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for step, inner in messages.items():
            yield from _sentences(inner, (*path, step))
    else:
        for sentence in messages:
            yield path, sentence
