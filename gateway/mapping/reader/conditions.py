"""The shape of `when`: which words it has, and which are a slip for one of them."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError

from gateway.mapping.reader.problems import did_you_mean
from gateway.mapping.reader.shapes import Many, Named, OneOf, OnKey, collect, named, says, texts
from gateway.mapping.when import EXTRAS, OPERATORS

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


class _Refused(Named):
    """A key that does not exist, with what to write instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(error_messages={"null": sentence})
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
        return collect(value, self.shape_of)

    def shape_of(self, key: str) -> Named:
        """What stands below one key of a condition."""
        if key == "any":
            return named(Many(WhenField(), metadata=says("One of these is enough.")), key, self)
        if key == "not":
            return named(WhenField(metadata=says("This must not hold.")), key, self)
        if key in OTHER_CONDITIONS:
            return named(_Refused(OTHER_CONDITIONS[key]), key, self)
        return named(TestField(metadata=says(EXTRAS[key]) if key in EXTRAS else {}), key, self)


class TestField(Named):
    """What a field is held against: a text, any of a list, or words like at_least with their texts."""

    __test__ = False  # The name is the language's, not a test runner's.

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, dict):
            return named(texts(), str(self.name), self).deserialize(value)
        if not value:
            raise self.make_error("empty")
        unknown = {word: [OnKey(_unknown_operator(word))] for word in value if word not in OPERATORS}
        if unknown:
            raise ValidationError(unknown)
        return collect(value, self.shape_of)

    def shape_of(self, word: str) -> Named:
        """What stands behind one word of OPERATORS."""
        shape = yes_or_no if word == "given" else texts
        return named(shape(metadata=says(OPERATORS[word])), word, self)


def _unknown_operator(word: str) -> str:
    meant = OTHER_OPERATORS.get(word.casefold())
    near = f"; did you mean '{meant}'?" if meant else did_you_mean(word, OPERATORS)
    cure = near or f"; it has {', '.join(OPERATORS)}"
    return f"'when' has no word '{word}'{cure}"


def yes_or_no(**kwargs: Any) -> OneOf:
    return OneOf(*YES, *NO, says="yes or no", **kwargs)
