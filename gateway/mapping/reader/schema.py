"""The shape of a mapping file, one schema for each set of keys.

Every key says in `metadata` what it is for; `docs/mappings.md` tells the same at length.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from marshmallow import ValidationError

from gateway.mapping.reader.document import Node
from gateway.mapping.reader.problems import Problems, did_you_mean
from gateway.mapping.reader.shapes import Either, Keys, Many, Named, OneOf, OnKey, Shape, Table, Text, collect, named
from gateway.mapping.when import OPERATORS

Path = tuple[str | int, ...]

YES = ("yes", "true")
NO = ("no", "false")

_NO_ALL = "all lines hold anyway; take '{word}' out, and line up what it holds with the keys around it"
#: What other languages write where conditions stand, and what to do instead.
OTHER_CONDITIONS = {
    "or": "'when' has no word 'or'; write 'any', with a list below it",
    "and": _NO_ALL.format(word="and"),
    "all": _NO_ALL.format(word="all"),
}
#: What other languages call the words of `when`.
OTHER_OPERATORS = {
    **dict.fromkeys(("=", "==", "any", "any_of", "eq", "equal", "equals", "in", "one_of"), "is"),
    **dict.fromkeys(("!=", "<>", "ne", "neq", "none_of", "not", "not_equals", "not_in"), "is_not"),
    **dict.fromkeys(("has", "include", "includes", "like"), "contains"),
    **dict.fromkeys(("begins_with", "prefix", "startswith"), "starts_with"),
    **dict.fromkeys(("pattern", "regex", "regexp"), "matches"),
    **dict.fromkeys((">", ">=", "above", "after", "from", "ge", "gt", "gte", "min", "more_than", "over"), "at_least"),
    **dict.fromkeys(("<", "<=", "before", "below", "le", "less_than", "lt", "lte", "max", "under", "until"), "at_most"),
    **dict.fromkeys(("exists", "filled", "present"), "given"),
    **dict.fromkeys(("exactly", "just"), "only"),
}


def _says(text: str) -> dict[str, str]:
    return {"description": text}


class _Refused(Named):
    """A key that does not exist, with what to write instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(allow_none=True)
        self.sentence = sentence

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del value, attr, data, kwargs
        raise ValidationError(OnKey(self.sentence))


class WhenField(Named):
    """Conditions: field names with what they are held against; `any` and `not` hold conditions again."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, dict):
            raise ValidationError("a condition wants keys; write a field, a ':' and what it should be")
        if not value:
            raise self.make_error("empty")
        return collect(value, self._shape_of)

    def _shape_of(self, key: str) -> Named:
        if key == "any":
            return named(Many(WhenField()), key, self)
        if key == "not":
            return named(WhenField(), key, self)
        if key in OTHER_CONDITIONS:
            return named(_Refused(OTHER_CONDITIONS[key]), key, self)
        return named(TestField(), key, self)


class TestField(Named):
    """What a field is held against: a text, any of a list, or words like at_least with their texts."""

    __test__ = False  # The name is the language's, not a test runner's.

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, dict):
            return named(_texts(), str(self.name), self).deserialize(value)
        if not value:
            raise self.make_error("empty")
        unknown = {word: [OnKey(_unknown_operator(word))] for word in value if word not in OPERATORS}
        if unknown:
            raise ValidationError(unknown)
        return collect(value, self._shape_of)

    def _shape_of(self, word: str) -> Named:
        shape = _yes_or_no() if word == "given" else _texts()
        return named(shape, word, self)


def _unknown_operator(word: str) -> str:
    meant = OTHER_OPERATORS.get(word.casefold())
    near = f"; did you mean '{meant}'?" if meant else did_you_mean(word, OPERATORS)
    cure = near or f"; it has {', '.join(OPERATORS)}"
    return f"'when' has no word '{word}'{cure}"


def _yes_or_no(**kwargs: Any) -> OneOf:
    return OneOf(*YES, *NO, says="yes or no", **kwargs)


def _texts(**kwargs: Any) -> Many:
    return Many(Text(), alone=True, **kwargs)


class FieldShape(Shape):
    """A field written at length."""

    candidates = _texts(
        data_key="from",
        required=True,
        metadata=_says("Answers to look in, the best first; filters may follow after '|'."),
    )
    values = Keys(Text(), metadata=_says("What a choice is called: the answer, ':' and what we say instead."))
    others = OneOf(
        "keep", says="only keep", metadata=_says("keep: an answer that 'values' does not list stays as it is.")
    )
    filters = _texts(metadata=_says("Changes to whichever answer was found, in this order."))
    default = Text(metadata=_says("What texts say when nothing was found."))
    required = _yes_or_no(metadata=_says("yes: without an answer, nothing is sent."))


class MediaShape(Shape):
    """An image, video or document."""

    url = Text(required=True, metadata=_says("The public https:// address of the file."))
    filename = Text(required=True, metadata=_says("The name that the person sees; may hold $names."))


class TagShape(Shape):
    """A tag with a condition."""

    tag = Text(required=True, metadata=_says("The tag's text; may hold $names."))
    when = WhenField(metadata=_says("Add the tag only if this holds."))


def _tags(says: str) -> Many:
    return Many(Either(Text(), Table(TagShape)), allow_none=True, metadata=_says(says))


class DefaultsShape(Shape):
    """The keys of a call, as AiSensy names them."""

    elsewhere = dict.fromkeys(("skip", "when"), "in a rule, at the height of 'name'")

    campaignName = Text(metadata=_says("The name of a live API campaign, exactly as in AiSensy."))  # noqa: N815 - AiSensy's.
    destination = Text(metadata=_says("$name of the field that holds the phone number."))
    userName = Text(allow_none=True, metadata=_says("What AiSensy calls the contact."))  # noqa: N815 - AiSensy's.
    source = Text(allow_none=True, metadata=_says("AiSensy's label for where the contact came from."))
    templateParams = Many(  # noqa: N815 - AiSensy's.
        Text(), allow_none=True, metadata=_says("The texts of the template's {{1}}, {{2}}, …, in order; blank: none.")
    )
    media = Table(MediaShape, allow_none=True, metadata=_says("The image, video or document of the template."))
    tags = _tags("Tags for the contact; they add to those of 'defaults'.")
    attributes = Keys(
        Text(allow_none=True),
        allow_none=True,
        metadata=_says("Attributes of the contact; a blank one takes a default's away."),
    )
    buttons = Many(
        Text(), allow_none=True, metadata=_says("The end of each button's address; needs AISENSY_VERSION=v2.")
    )


class CallShape(DefaultsShape):
    """A rule's call."""

    tags_only = _tags("Tags for the contact, instead of those of 'defaults'.")


_IN_CALL = dict.fromkeys(CallShape().fields, "under 'call', two spaces further in")


class RuleShape(Shape):
    """A branch: the first one whose `when` holds is taken."""

    elsewhere = _IN_CALL

    name = Text(required=True, metadata=_says("What this rule is called in lists and explanations."))
    when = WhenField(metadata=_says("Take this rule only if all of this holds; without it, always."))
    call = Table(CallShape, metadata=_says("What to send."))
    skip = Text(metadata=_says("Send nothing; the text says why."))


class MappingShape(Shape):
    """A whole file."""

    elsewhere = dict.fromkeys(_IN_CALL, "under 'defaults', or under a rule's 'call'") | dict.fromkeys(
        ("call", "when", "skip"), "in a rule, under 'rules'"
    )

    source = Text(required=True, metadata=_says("Where the leads come from, as in the webhook's address: facebook, …"))
    form = _texts(metadata=_says("The form's id, or a list of ids; without it, every form that no file names."))
    country = Text(metadata=_says("Country of phone numbers written without one, like IN."))
    fields_ = Keys(
        Either(_texts(), Table(FieldShape)),
        data_key="fields",
        required=True,
        metadata=_says("What to find among the answers, each under a name of its own."),
    )
    defaults = Table(DefaultsShape, metadata=_says("What every call of this file starts from."))
    rules = Many(
        Table(RuleShape), required=True, metadata=_says("What to say to whom; the first rule that holds wins.")
    )


def check_shape(root: Node, problems: Problems) -> None:
    """Note every value that has the wrong shape, and every unknown or missing key."""
    found = list(_sentences(MappingShape().validate(root.plain())))
    for path, sentence in found:
        node = root.at(path)
        missing = node is root.at(path[:-1])
        if missing and any(_stands_for(path, other, said) for other, said in found):
            continue
        at_key = isinstance(sentence, OnKey) or node.content is None or missing
        problems.add(node.key if at_key else node.place, str(sentence))


def _stands_for(path: Path, other: Path, said: str) -> bool:
    """Whether the key at `path` is missing only because `other` is a slip for it."""
    return other[:-1] == path[:-1] and said.endswith(f"did you mean '{path[-1]}'?")


def _sentences(messages: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    if isinstance(messages, dict):
        for step, inner in messages.items():
            yield from _sentences(inner, (*path, step))
    else:
        for sentence in messages:
            yield path, sentence
