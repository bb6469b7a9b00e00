"""Plans as JSON: in the ledger, in `.expected.json` files, in `--json` output."""

from __future__ import annotations

import json
from typing import Any

from gateway import jsontext
from gateway.model import After, LeftOut, Part, PassedOver, Plan, PlanKind, Word

#: What few plans have: left out where there is nothing to say.
_RARE = ("no_consent", "send_again", "too_late", "follow_ups", "after", "unless", "without_receipts")


def to_dict(plan: Plan) -> dict[str, Any]:
    """Plain JSON values; the keys of _RARE are there only where they say something."""
    flat = _flat(plan) | {
        "words": [_flat(word) | {"parts": [_flat(part) for part in word.parts]} for word in plan.words],
        "left_out": [_flat(left) for left in plan.left_out],
        "passed_over": [_flat(passed) for passed in plan.passed_over],
        "too_late": to_dict(plan.too_late) if plan.too_late else None,
        "follow_ups": [to_dict(later) for later in plan.follow_ups],
        "after": _flat(plan.after) if plan.after else None,
    }
    return {name: value for name, value in flat.items() if value or name not in _RARE}


def _flat(noun: Plan | Word | Part | LeftOut | PassedOver | After) -> dict[str, Any]:
    """The fields of one noun; `dataclasses.asdict` copies deeply, which costs ten times as much."""
    return {name: getattr(noun, name) for name in noun.__match_args__}


def from_dict(raw: dict[str, Any]) -> Plan:
    """The plan that `to_dict` wrote."""
    return Plan(
        kind=PlanKind(raw["kind"]),
        mapping=raw["mapping"],
        rule=raw["rule"],
        line=raw["line"],
        reason=raw["reason"],
        call=raw["call"],
        words=tuple(_word(word) for word in raw["words"]),
        left_out=tuple(LeftOut(**left) for left in raw.get("left_out", ())),  # plans of earlier versions have none
        passed_over=tuple(PassedOver(**passed) for passed in raw["passed_over"]),
        warnings=tuple(raw["warnings"]),
        no_consent=raw.get("no_consent", ""),
        send_again=raw.get("send_again", False),
        too_late=from_dict(raw["too_late"]) if "too_late" in raw else None,
        follow_ups=tuple(from_dict(later) for later in raw.get("follow_ups", ())),
        after=After(**raw["after"]) if "after" in raw else None,
        unless=tuple(raw.get("unless", ())),
        without_receipts=raw.get("without_receipts", False),
    )


def _word(raw: dict[str, Any]) -> Word:
    parts = tuple(Part(**(part | {"filters": tuple(part["filters"])})) for part in raw["parts"])
    return Word(raw["place"], raw["text"], parts, raw["line"])


def dumps(plan: Plan) -> str:
    return jsontext.dumps(to_dict(plan))


def loads(text: str) -> Plan:
    return from_dict(json.loads(text))
