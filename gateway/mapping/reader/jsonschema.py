"""The shape of a mapping file as a JSON schema (draft-07), for editors to complete and check by.

Made of the shapes that `check_shape` holds files against, so that an editor refuses what it would refuse.
"""

from __future__ import annotations

import json
from functools import singledispatch
from typing import Any

from marshmallow import Schema

from gateway.mapping.reader.conditions import OTHER_CONDITIONS, TestField, WhenField
from gateway.mapping.reader.schema import MappingShape
from gateway.mapping.reader.shapes import Either, Keys, Many, Named, OneOf, Table, Text, texts
from gateway.mapping.when import EXTRAS, OPERATORS

#: The schema's name beside the mappings.
FILE = "schema.json"
#: The first line of a mapping that names it.
MODELINE = f"# yaml-language-server: $schema={FILE}"

#: What editors may take one text for: `0123` is a number to them, `true` a boolean.
_TEXT = ("string", "number", "boolean")

_Fits = dict[str, Any]


def mapping_schema() -> _Fits:
    """What a whole mapping file may hold."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A mapping of the lead gateway",
        **_keys(MappingShape),
        "definitions": {"when": _when(), "test": _test()},
    }


def as_text() -> str:
    """The same as it stands in FILE."""
    return json.dumps(mapping_schema(), ensure_ascii=False, indent=2) + "\n"


def _described(shape: Named) -> _Fits:
    """What fits a shape, and what its author says of it."""
    fits = _fits(shape)
    if shape.allow_none:
        fits["type"] = [*fits["type"], "null"]
    return {**shape.metadata, **fits}


@singledispatch
def _fits(shape: Named) -> _Fits:
    """What fits a shape. Each lists its types, so that two can be put together."""
    raise TypeError(f"no JSON schema is known for {type(shape).__name__}")


@_fits.register
def _(shape: Text) -> _Fits:
    del shape
    return {"type": [*_TEXT]}


@_fits.register
def _(shape: OneOf) -> _Fits:
    spelt = "|".join("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in shape.words)
    types = ["string", "boolean"] if "true" in shape.words else ["string"]
    return {"type": types, "pattern": f"^({spelt})$", "examples": [shape.words[0]]}


@_fits.register
def _(shape: Many) -> _Fits:
    item = _described(shape.inner)
    examples = {"examples": shape.metadata["examples"]} if "examples" in shape.metadata else {}
    several = {"items": {**item, **examples}, "minItems": 1}
    return {**item, **several, "type": [*item["type"], "array"]} if shape.alone else {"type": ["array"], **several}


@_fits.register
def _(shape: Keys) -> _Fits:
    return {"type": ["object"], "additionalProperties": _described(shape.inner), "minProperties": 1}


@_fits.register
def _(shape: Table) -> _Fits:
    return _keys(shape.schema)


@_fits.register
def _(shape: Either) -> _Fits:
    short, long = _described(shape.short), _described(shape.long)
    return {**short, **long, "type": [*short["type"], *long["type"]]}


@_fits.register
def _(shape: WhenField) -> _Fits:
    del shape
    return {"$ref": "#/definitions/when"}


@_fits.register
def _(shape: TestField) -> _Fits:
    del shape
    return {"$ref": "#/definitions/test"}


def _keys(schema: type[Schema]) -> _Fits:
    shapes = {shape.data_key or name: shape for name, shape in schema().fields.items()}
    required = [key for key, shape in shapes.items() if shape.required]
    alternatives = [{"required": [key]} for key in getattr(schema, "exactly_one", ())]
    return {
        "type": ["object"],
        "properties": {key: _described(shape) for key, shape in shapes.items() if isinstance(shape, Named)},
        **({"required": required} if required else {}),
        **({"oneOf": alternatives} if alternatives else {}),
        "additionalProperties": False,
    }


def _when() -> _Fits:
    words = {key: _described(WhenField().shape_of(key)) for key in ("any", "not", *EXTRAS)}
    return {
        "type": ["object"],
        "properties": words | dict.fromkeys(OTHER_CONDITIONS, False),
        "additionalProperties": _fits(TestField()),
        "minProperties": 1,
    }


def _test() -> _Fits:
    short = _fits(texts())
    return {
        **short,
        "type": [*short["type"], "object"],
        "properties": {word: _described(TestField().shape_of(word)) for word in OPERATORS},
        "additionalProperties": False,
        "minProperties": 1,
    }
