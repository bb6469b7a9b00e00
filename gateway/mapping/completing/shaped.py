"""From a path of keys to the shapes that may stand at its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from gateway.mapping import contracts, limits
from gateway.mapping.completing.outline import ITEM
from gateway.mapping.reader.conditions import TestField, WhenField
from gateway.mapping.reader.contracts import SHAPE
from gateway.mapping.reader.limits_schema import CommonShape
from gateway.mapping.reader.schema import MappingShape
from gateway.mapping.reader.shapes import Either, Keys, Many, Named, Table, texts
from gateway.mapping.when import OPERATORS

#: The shape of a whole file, by its name; of any other it is a mapping's.
_FILES: Mapping[str, Named] = {contracts.FILE: SHAPE, limits.FILE: Table(CommonShape)}
_MAPPING = Table(MappingShape)


def at(file: str, path: Sequence[str]) -> list[Named]:
    """What may stand at a path; [] where nothing may."""
    found = [_FILES.get(file, _MAPPING)]
    for step in path:
        found = [inner for shape in found for inner in _inside(shape, step)]
    return [each for shape in found for each in _forms(shape)]


def keys(shape: Named) -> dict[str, Named]:
    """The keys that a shape has by name."""
    if isinstance(shape, Table):
        fields = shape.schema().fields
        return {field.data_key or name: field for name, field in fields.items() if isinstance(field, Named)}
    if isinstance(shape, WhenField):
        return {key: shape.shape_of(key) for key in ("any", "not")}
    if isinstance(shape, TestField):
        return {word: shape.shape_of(word) for word in OPERATORS}
    return {}


def _forms(shape: Named) -> Iterator[Named]:
    """A shape, or those that it is one of; what stands alone may be a list too."""
    for each in (shape.short, shape.long) if isinstance(shape, Either) else (shape,):
        yield each
        if isinstance(each, Many) and each.alone:
            yield each.inner


def _inside(shape: Named, step: str) -> Iterator[Named]:
    """What a step leads to."""
    for form in _forms(shape):
        if step == ITEM:
            if isinstance(form, Many):
                yield form.inner
            elif isinstance(form, TestField):
                yield texts().inner
        elif isinstance(form, Keys):
            yield form.inner
        elif isinstance(form, WhenField):
            yield form.shape_of(step)
        elif step in (known := keys(form)):
            yield known[step]
