"""`$name` in a text: where the blanks are, and what fills them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from gateway.mapping.clean import LIMIT, blank, for_whatsapp
from gateway.mapping.fields import Found
from gateway.mapping.wording import joined
from gateway.model import Part


@lru_cache(maxsize=256)
def _pattern(names: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(f"\\$({'|'.join(map(re.escape, longest_first)) or '(?!)'})")


@lru_cache(maxsize=4096)
def split(template: str, names: frozenset[str]) -> tuple[tuple[str, str], ...]:
    """The pieces of a template: (text, field), field "" for literal text.

    The longest field name after a `$` counts; a `$` before anything else is a dollar.

    >>> split("_$name_ pays $5", frozenset({"name", "na"}))
    (('_', ''), ('$name', 'name'), ('_ pays $5', ''))
    """
    texts = _pattern(names).split(template)
    pieces = [(f"${text}", text) if at % 2 else (text, "") for at, text in enumerate(texts)]
    return tuple(piece for piece in pieces if piece[0])


@lru_cache(maxsize=4096)
def blanks(templates: tuple[str, ...], names: frozenset[str]) -> frozenset[str]:
    """The fields that stand in some templates."""
    return frozenset(field for template in templates for _, field in split(template, names) if field)


@dataclass(frozen=True, slots=True)
class Filled:
    """A template with its blanks filled, not cleaned yet."""

    parts: tuple[Part, ...]
    empty: tuple[Found, ...] = ()  #: Blanks that nothing fills.


def fill(template: str, found: Mapping[str, Found], names: frozenset[str], *, defaults: bool) -> Filled:
    """Fill every blank of `template`. `defaults`: whether a field's default serves where no answer does."""
    pieces = split(template, names)
    parts = tuple(_part(found[field], defaults=defaults) if field else Part(text) for text, field in pieces)
    empty = tuple(found[field] for (_, field), part in zip(pieces, parts, strict=True) if field and blank(part.text))
    return Filled(parts, empty)


def _part(found: Found, *, defaults: bool) -> Part:
    name = found.field.name
    if found.value or not (defaults and found.field.default):
        return Part(joined(found.value), name, found.answer, found.typed, found.filters, found.line or found.field.line)
    line = found.field.default_line or found.field.line
    return Part(found.field.default, name, found.answer, found.typed, found.filters, line, defaulted=True)


def cleaned(parts: Sequence[Part], limit: int = LIMIT) -> tuple[Part, ...]:
    """Parts as WhatsApp takes their whole text."""
    texts = for_whatsapp([part.text for part in parts], limit)
    pairs = zip(parts, texts, strict=True)
    return tuple(part if part.text == text else replace(part, text=text) for part, text in pairs)
