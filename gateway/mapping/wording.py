"""How warnings and reasons quote what people typed."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.mapping.clean import for_whatsapp
from gateway.model import Value

#: Longer quotations are cut: a reason must stay one readable sentence.
_LONGEST = 60


def choices(value: Value) -> tuple[str, ...]:
    """The texts of a value: none, one, or the choices of a multi-select.

    >>> choices(""), choices("Pune"), choices(("Pune", "Goa"))
    ((), ('Pune',), ('Pune', 'Goa'))
    """
    if isinstance(value, tuple):
        return value
    return (value,) if value else ()


def joined(value: Value) -> str:
    """A value as one text.

    >>> joined(("Pune", "Goa"))
    'Pune, Goa'
    """
    return ", ".join(choices(value))


def short(text: str) -> str:
    """`text` on one line, cut if it is long."""
    return "".join(for_whatsapp([text[: _LONGEST * 20]], _LONGEST))


def listed(texts: Iterable[str], last: str, mark: str = "'") -> str:
    """Texts in a row, each between two `mark`; `last` stands before the last one.

    >>> listed(["Pune", "Goa", "Delhi"], "or")
    "'Pune', 'Goa' or 'Delhi'"
    """
    *head, tail = [f"{mark}{short(text)}{mark}" for text in texts] or [mark * 2]
    return f"{', '.join(head)} {last} {tail}" if head else tail


def spoken(place: str) -> str:
    """A place of a call in a marketer's words, counted from 1.

    >>> spoken("templateParams[0]"), spoken("userName")
    ('parameter 1', "'userName'")
    """
    key, _, at = place.rstrip("]").partition("[")
    words = {"templateParams": "parameter", "buttons": "button", "tags": "tag"}
    return f"{words[key]} {int(at) + 1}" if at else f"'{place}'"
