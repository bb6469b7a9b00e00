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


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for match in _STRING_OR_BRACKET.finditer(body):
        first = match.group()[:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def clean(text: str) -> str:
    """Replace what no database keeps as text: NUL and lone surrogates.

    >>> clean("a\\x00b\\ud800")
    'a\ufffdb\ufffd'
    """
    return _NUL_OR_SURROGATE.sub("\ufffd", text)


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
    if _depth(raw) > MAX_DEPTH:
        raise ValueError(f"its JSON is nested deeper than {MAX_DEPTH} levels")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 (byte {error.start + 1})") from None
    try:
        return _cleaned(json.loads(text, parse_float=str, parse_constant=str))
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except (RecursionError, ValueError):
        raise ValueError("its JSON cannot be read") from None


def dumps(value: Any) -> str:
    """Compact JSON in readable characters, keys in the order given."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
