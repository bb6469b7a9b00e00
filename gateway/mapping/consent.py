"""Whether a person has agreed to be messaged, by the field that a mapping asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.mapping.fields import Found
from gateway.mapping.filters.consents import yes_no
from gateway.mapping.wording import choices, joined, short


def refused(fields: Iterable[str], found: Mapping[str, Found]) -> str:
    """Why nobody may message this person; "" when each of the fields says yes."""
    clauses = [_refusal(name, found.get(name)) for name in dict.fromkeys(fields) if name]
    return "; ".join(clause for clause in clauses if clause)


def _refusal(name: str, found: Found | None) -> str:
    if found is None:
        return f"the mapping has no field '{name}'"
    said = choices(found.value)
    if not said:
        return f"the field '{name}' is empty"
    agreed = all(yes_no(text) == "yes" for text in said)
    return "" if agreed else f"the field '{name}' says '{short(joined(said))}'"
