"""Card details never reach the ledger: they are blanked before an event is stored."""

from __future__ import annotations

import json
import re
from typing import Any

_PAYMENT = "payment"
_CARD = ("last4", "name")


def _spelled(word: str) -> str:
    """The pattern of a word in JSON, where each letter may also be written by its number."""
    return "".join(rf"(?:{letter}|\\u00{ord(letter):02x})" for letter in word)


_PAYMENT_IN_BYTES = re.compile(_spelled(_PAYMENT).encode(), re.IGNORECASE)
_CARD_IN_BYTES = re.compile(
    rb'("(?:%s)"\s*+:\s*+)(?:"(?:[^"\\]|\\.)*+"?|[^",}\]\s]++)' % "|".join(map(_spelled, _CARD)).encode(),
    re.DOTALL | re.IGNORECASE,
)


def without_card(body: bytes) -> bytes:
    """Blank `last4` and `name` of every payment; a body without a payment stays as it is, byte for byte.

    >>> without_card(b'{"payment": {"amount": "1", "last4": "4242", "name": "M SAMPLE"}}')
    b'{"payment":{"amount":"1","last4":"","name":""}}'
    """
    payments: list[Any] = []

    def note(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """Of keys that stand twice only the last is kept, so that nothing hides behind it."""
        payments.extend(value for key, value in pairs if key == _PAYMENT and isinstance(value, dict | list))
        return dict(pairs)

    try:
        payload = json.loads(body, object_pairs_hook=note)
        for payment in payments:
            _blank(payment)
        return json.dumps(payload, separators=(",", ":")).encode() if payments else body
    except (ValueError, RecursionError):
        return _without_card_in_broken(body)


def _blank(value: Any) -> None:
    """Blank what tells of a card inside a payment, but for payments inside it, which are on the list themselves."""
    if isinstance(value, dict):
        value.update(dict.fromkeys(value.keys() & set(_CARD), ""))
        for key, inner in value.items():
            if key != _PAYMENT:
                _blank(inner)
    elif isinstance(value, list):
        for item in value:
            _blank(item)


def _without_card_in_broken(body: bytes) -> bytes:
    """No parser helps here: every such key is blanked, also where it is not about a payment."""
    return _CARD_IN_BYTES.sub(rb'\1""', body) if _PAYMENT_IN_BYTES.search(body) else body
