"""Which text of a mapping made a plan: its version, and the start of its hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.model import Delivery, Plan
from gateway.store.leads import StoredLead
from gateway.store.versions import Change, appeared

#: So many signs of a hash are shown.
SIGNS = 8

#: What `versions.changes` gives.
Changes = Mapping[str, Sequence[Change]]


def of_delivery(one: Delivery, changes: Changes) -> dict[str, Any]:
    """The text that planned it, and the one it follows now: another one when it was re-planned."""
    return _origins(one.mapping, one.first_version, one.mapping_version, changes)


def of_lead(stored: StoredLead, plan: Plan | None, changes: Changes) -> dict[str, Any]:
    """The same of the plan of a lead without a delivery."""
    version = stored.mapping_version if plan else None
    return _origins(plan.mapping if plan else "", version, version, changes)


def words(origins: Mapping[str, Any]) -> str:
    """The same for people; "" when no version is known."""
    planned, follows = origins["planned_by"], origins["follows"]
    if planned is None:
        return ""
    again = f", re-planned by version {follows['version']} ({follows['hash']})" if follows != planned else ""
    return f"planned by {planned['mapping']} version {planned['version']} ({planned['hash']}){again}"


def _origins(file: str, first: int | None, now: int | None, changes: Changes) -> dict[str, Any]:
    planned, follows = _origin(file, first, changes), _origin(file, now, changes)
    return {"planned_by": planned or follows, "follows": follows or planned}


def _origin(file: str, number: int | None, changes: Changes) -> dict[str, Any] | None:
    """Only versions in which the file itself changed count: the one that gave it the text of version `number`."""
    found = appeared(changes.get(file, ()), number)
    return {"mapping": file, "version": found.number, "hash": found.hash[:SIGNS]} if found else None
