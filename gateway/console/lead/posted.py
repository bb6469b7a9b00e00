"""What was posted, asked and answered, laid out so that a person can read it."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

from gateway import jsontext
from gateway.model import Event

#: More of a text is not shown: a page stays light.
LONGEST = 12_000

_FORM = "application/x-www-form-urlencoded"


def posted(event: Event) -> str:
    """The body of an event: JSON with its lines apart, a form with a line for each field."""
    text = event.body.decode("utf-8", "replace")
    fields = _fields(text) if event.content_type.lower().startswith(_FORM) else ""
    return _cut(fields or pretty(text))


def pretty(text: str) -> str:
    """JSON with its lines apart; whatever else as it is."""
    try:
        return _cut(json.dumps(jsontext.loads(text), ensure_ascii=False, indent=2))
    except ValueError:
        return _cut(text)


def query(event: Event) -> str:
    """What stood after the question mark of the address."""
    return _cut(_fields(event.query) or event.query)


def _fields(text: str) -> str:
    return "\n".join(f"{name}: {value}" for name, value in parse_qsl(text, keep_blank_values=True))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}\n… {len(text) - LONGEST:,} more characters"
