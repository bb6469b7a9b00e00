"""Plans as JSON: in the ledger, in `.expected.json` files, in `--json` output."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from gateway import jsontext
from gateway.model import LeftOut, Part, PassedOver, Plan, PlanKind, Word


def to_dict(plan: Plan) -> dict[str, Any]:
    """Plain JSON values, every key present."""
    return _flat(plan) | {
        "words": [_flat(word) | {"parts": [_flat(part) for part in word.parts]} for word in plan.words],
        "left_out": [_flat(left) for left in plan.left_out],
        "passed_over": [_flat(passed) for passed in plan.passed_over],
    }


def _flat(noun: Plan | Word | Part | LeftOut | PassedOver) -> dict[str, Any]:
    """The fields of one noun; `dataclasses.asdict` copies deeply, which costs ten times as much."""
    return {field.name: getattr(noun, field.name) for field in fields(noun)}


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
    )


def _word(raw: dict[str, Any]) -> Word:
    parts = tuple(Part(**(part | {"filters": tuple(part["filters"])})) for part in raw["parts"])
    return Word(raw["place"], raw["text"], parts, raw["line"])


def dumps(plan: Plan) -> str:
    return jsontext.dumps(to_dict(plan))


def loads(text: str) -> Plan:
    return from_dict(json.loads(text))
