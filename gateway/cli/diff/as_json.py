"""What `gateway diff` found, as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

from gateway.cli.diff.found import Found
from gateway.model import DeliveryState
from gateway.pipeline.differing import Change, Kind, Side
from gateway.pipeline.radius import Group, Tally, Touched

#: What may become of a delivery that has not left, and the counts' names for it.
_BECOMES = ("replanned", str(DeliveryState.CANCELLED), str(DeliveryState.HELD), "released")


def as_json(found: Found) -> dict[str, Any]:
    """Every count and every change, under keys that stay."""
    sides, radius = found.sides, found.radius
    after = {"version": None, "folder": sides.folder} if sides.folder else {"version": sides.live, "folder": None}
    return {
        "before": {"version": sides.before.version},
        "after": after,
        "files": sides.files,
        "leads": _counts(radius.leads) | {"changes": _changes(found, radius.leads)},
        "deliveries": _counts(radius.deliveries)
        | _becomes(radius.deliveries)
        | {"changes": _changes(found, radius.deliveries)},
        "waiting": _counts(radius.waiting) | {"changes": _changes(found, radius.waiting)},
        "unexpected": found.unexpected,
        "seconds": round(found.seconds, 3),
    }


def _counts(tally: Tally) -> dict[str, Any]:
    return {"compared": tally.compared, "same": tally.same} | {str(kind): tally.count(kind) for kind in Kind}


def _becomes(tally: Tally) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for group in tally.groups:
        counts[_outcome(group.change)] += group.count
    return {name: counts[name] for name in _BECOMES}


def _outcome(change: Change) -> str:
    """What becomes of a delivery; "" when it stays where it is."""
    names = {Kind.NOTHING: change.after.state, Kind.SOMETHING: "released", Kind.REASON: ""}
    return names.get(change.kind, "replanned")


def _changes(found: Found, tally: Tally) -> list[dict[str, Any]]:
    return [_group(found, group) for group in tally.groups]


def _group(found: Found, group: Group) -> dict[str, Any]:
    change = group.change
    return {
        "kind": str(change.kind),
        "file": change.file,
        "rule": change.rule,
        "expected": change.kind is Kind.REASON or found.meant(change),
        "count": group.count,
        "before": _side(change.before),
        "after": _side(change.after),
        "touched": [_touched(found, one) for one in group.touched],
    }


def _side(side: Side) -> dict[str, str]:
    return {
        "state": str(side.state),
        "reason": side.reason,
        "file": side.file,
        "rule": side.rule,
        "campaign": side.campaign,
    }


def _touched(found: Found, one: Touched) -> dict[str, Any]:
    places = [{"place": place.name, "before": place.before, "after": place.after} for place in found.places(one)]
    return {"id": one.id, "lead": one.lead, "who": one.who, "phone": found.number(one.number), "places": places}
