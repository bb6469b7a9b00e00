"""JSON that a stranger wrote: read within limits, cleaned of what a database refuses, written steadily."""

from __future__ import annotations

import json
import re
from typing import Any

#: Deeper nesting than any form has; parsers give up on their own somewhere beyond.
MAX_DEPTH = 100

# A string that never ends is taken to the end of the body, so that no byte is looked at twice.
_STRING_OR_BRACKET = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)
_NUL_OR_SURROGATE = re.compile("[\x00\ud800-\udfff]")
# Whole UTF-8 holds no surrogate and JSON no bare NUL: both come in by their numbers alone.
_BY_NUMBER = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")

_DECODER = json.JSONDecoder(parse_float=str, parse_constant=str)
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def _is_deep(body: bytes) -> bool:
    """Whether it is nested too deep; most bodies have fewer brackets than that in all."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return False
    depth = 0
    for match in _STRING_OR_BRACKET.finditer(body):
        first = match.group()[:1]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif first in b"]}":
            depth -= 1
    return False


def clean(text: str) -> str:
    """Replace what no database keeps as text: NUL and lone surrogates.

    >>> clean("a\\x00b\\ud800")
    'a\ufffdb\ufffd'
    """
    return text if text.isprintable() else _NUL_OR_SURROGATE.sub("\ufffd", text)


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {clean(key): _cleaned(item) for key, item in value.items()}
    return value


def loads(body: bytes | str) -> Any:
    """Read JSON; fractions stay the text that was written, so that no digit of a phone number is lost.

    Raises ValueError with a sentence: too deep, broken UTF-8, or no JSON.

    >>> loads(b'{"a": 9.876543210e9, "b": [1, true]}')
    {'a': '9.876543210e9', 'b': [1, True]}
    """
    raw = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body
    if _is_deep(raw):
        raise ValueError(f"its JSON is nested deeper than {MAX_DEPTH} levels")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start + 1})") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except (RecursionError, ValueError):
        raise ValueError("its JSON cannot be read") from None
    return _cleaned(value) if _BY_NUMBER.search(text) else value


def dumps(value: Any) -> str:
    """Compact JSON in readable characters, keys in the order given."""
    return _ENCODER.encode(value)
