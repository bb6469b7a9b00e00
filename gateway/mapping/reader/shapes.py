"""The few shapes that values of a mapping have, as marshmallow fields that speak plainly."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from gateway.mapping.reader.problems import NO_KEY_HERE, did_you_mean


class OnKey(str):
    """A sentence that is about a key rather than its value."""

    __slots__ = ()


def says(text: str, *examples: str) -> dict[str, Any]:
    """What a person is told of a key: in `metadata`, and so in their editor."""
    return {"description": text, "examples": list(examples)} if examples else {"description": text}


class Named(fields.Field[Any]):
    """A field whose error messages may name it."""

    default_error_messages = {  # noqa: RUF012 - marshmallow's own way to say it.
        "required": "{name} is missing here; add a line for it",
        "null": "{name} is blank; write what it should be, or take the line out",
        "text": "{name} wants one text, not a list; write one text after the ':'",
        "text_of_keys": "{name} wants a text, not keys; if the ':' belongs to the text, put quotes around all of it",
        "texts": "{name} wants one text, or a list with each item on its own line after '- '",
        "list": "{name} wants a list; write each item on its own line after '- '",
        "dash": "a dash is missing in {name}; write '- {first}: …', and line up the keys below it with '{first}'",
        "keys": "{name} wants keys, each on its own line below it, with a ':' and a value",
        "empty": "{name} is empty; write something below it, or take the line out",
    }

    is_item = False  #: It stands in a list, and shares the list's name.

    @property
    def called(self) -> str:
        """How sentences name it."""
        name = self.data_key or self.name
        return f"an item of '{name}'" if self.is_item else f"'{name}'"

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return super().make_error(key, **{"name": self.called, **kwargs})


def named(field: Named, name: str, parent: Named) -> Named:
    """A copy of `field` that calls itself `name`."""
    twin = copy.deepcopy(field)
    twin._bind_to_schema(name, parent)  # noqa: SLF001 - marshmallow's hook for fields that hold fields.
    return twin


def collect(values: Mapping[Any, Any], shape_of: Any) -> dict[Any, Any]:
    """Load each value by `shape_of(key)`; raises ValidationError with the mistakes of all."""
    loaded, mistakes = {}, {}
    for key, value in values.items():
        try:
            loaded[key] = shape_of(key).deserialize(value)
        except ValidationError as error:
            mistakes[key] = error.messages
    if mistakes:
        raise ValidationError(mistakes)
    return loaded


class Text(Named):
    """One text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, list):
            raise self.make_error("text")
        if isinstance(value, dict):
            raise self.make_error("text_of_keys")
        return super()._deserialize(value, attr, data, **kwargs)


class OneOf(Text):
    """One of a few words; `says` names those that a sentence should offer."""

    def __init__(self, *words: str, says: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.words = words
        self.says = says

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text.casefold() not in self.words:
            raise ValidationError(f"{self.called} can be {self.says}, not '{text}'")
        return text


class Many(Named):
    """A list; with `alone`, one item may stand for a list of one."""

    def __init__(self, inner: Named, *, alone: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner
        self.alone = alone

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        inner = named(self.inner, str(self.name), self)
        inner.is_item = True
        if isinstance(value, str) and self.alone:
            return [inner.deserialize(value)]
        if isinstance(value, dict) and isinstance(inner, Table) and inner.first in value:
            raise self.make_error("dash", first=inner.first)
        if not isinstance(value, list):
            raise self.make_error("texts" if self.alone else "list")
        if not value:
            raise self.make_error("empty")
        return list(collect(dict(enumerate(value)), lambda _: inner).values())


def texts(**kwargs: Any) -> Many:
    """One text, or a list of texts."""
    return Many(Text(), alone=True, **kwargs)


class Keys(Named):
    """Any keys, all values of one shape."""

    def __init__(self, inner: Named, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.inner = inner

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, dict):
            raise self.make_error("keys")
        if not value:
            raise self.make_error("empty")
        return collect(value, lambda key: named(self.inner, key, self))


class Table(Named):
    """The keys of one schema."""

    def __init__(self, schema: type[Schema], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.schema = schema

    @property
    def first(self) -> str:
        """The key that it starts with."""
        return next((shape.data_key or name for name, shape in self.schema().fields.items() if shape.required), "")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if not isinstance(value, dict):
            raise self.make_error("keys")
        return self.schema().load(value)


class Either(Named):
    """A short form, or keys that say the same at length."""

    def __init__(self, short: Named, long: Named, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.short = short
        self.long = long

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        shape = named(self.long if isinstance(value, dict) else self.short, str(self.name), self)
        shape.is_item = self.is_item
        return shape.deserialize(value)


class Shape(Schema):
    """A set of keys; any other is a mistake, with the key that was probably meant."""

    class Meta:
        unknown = EXCLUDE

    #: Keys of which there must be one, and only one; none: it does not matter.
    exactly_one: tuple[str, ...] = ()
    #: Keys that people put here although they belong elsewhere, and where that is.
    elsewhere: Mapping[str, str] = {}

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_unknown_keys(self, loaded: Any, original: Mapping[str, Any], **kwargs: Any) -> None:
        del loaded, kwargs
        known = [field.data_key or name for name, field in self.fields.items()]
        mistakes = {key: [OnKey(self._about(key, known))] for key in original if key not in known}
        if mistakes:
            raise ValidationError(mistakes)

    def _about(self, key: str, known: list[str]) -> str:
        if key.casefold().replace("_", "") == "apikey":
            return NO_KEY_HERE
        if key in self.elsewhere:
            return f"'{key}' does not belong here; write it {self.elsewhere[key]}"
        return f"unknown key '{key}'{did_you_mean(key, known) or self._choice(known)}"

    @staticmethod
    def _choice(known: list[str]) -> str:
        return f"; here go {', '.join(known)}"
