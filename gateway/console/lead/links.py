"""Links from a lead to where its message is written."""

from __future__ import annotations

from typing import Any

from flask import url_for


def mapping_link(file: str, line: int = 0, lead_id: int = 0, **new: Any) -> str:
    """The editor at a line of a mapping, with the lead as its preview; without a file, a new one (`source`, `form`)."""
    if not file:
        return url_for("console.mappings.new", **new)
    return url_for("console.mappings.edit", file=file, line=line or None, lead=lead_id or None)
