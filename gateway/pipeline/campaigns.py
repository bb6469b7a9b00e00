"""Every campaign that is known: what it wants, who calls it, what AiSensy said of it last, what is held of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from gateway.mapping import rules
from gateway.mapping.call import Call
from gateway.mapping.contracts import together
from gateway.model import Contract
from gateway.store import contracts, held
from gateway.store.contracts import Told


class User(NamedTuple):
    """A call that names a campaign."""

    file: str
    rule: rules.Rule
    call: Call


def campaigns_of(mappings: Mapping[str, rules.Mapping]) -> dict[str, list[User]]:
    """Campaign → the calls that name it, each with its file and its rule."""
    found: dict[str, list[User]] = {}
    for file, mapping in sorted(mappings.items()):
        for rule in mapping.rules:
            for call in rule.calls:
                found.setdefault(call.campaign.template, []).append(User(file, rule, call))
    return found


def listing(
    known: Mapping[str, Contract], users: Mapping[str, Sequence[User]], connection: Connection | None
) -> list[dict[str, Any]]:
    """One row a campaign. Without a ledger, "aisensy" and "held" are None.

    {"campaign", "params", "media", "used_by": [{"file", "line", "rule"}], "held",
    "aisensy": {"at", "same", "params", "media", "missing", "status", "says"}}
    """
    told = contracts.all_of(connection) if connection else {}
    kept = held.by_campaign(connection) if connection else {}
    return [
        {
            "campaign": name,
            "params": known[name].params if name in known else None,
            "media": str(known[name].media) if name in known else None,
            "used_by": _used_by(users.get(name, ())),
            "aisensy": _aisensy(known.get(name), told[name]) if name in told else None,
            "held": kept.get(name, 0) if connection else None,
        }
        for name in sorted({*known, *users})
    ]


def _used_by(users: Sequence[User]) -> list[dict[str, Any]]:
    """The rules, each once, however many of its calls name the campaign."""
    found = dict.fromkeys((user.file, user.rule.line, user.rule.name) for user in users)
    return [{"file": file, "line": line, "rule": rule} for file, line, rule in found]


def _aisensy(known: Contract | None, told: Told) -> dict[str, Any]:
    contract = told.seen.contract
    now = together({"": known} if known else {}, {"": contract})[""] if contract else None
    return {
        "at": told.at,
        "same": now == known if now else None,
        "params": now.params if now else None,
        "media": str(now.media) if now else None,
        "missing": told.seen.missing,
        "status": told.seen.status,
        "says": told.seen.says,
    }
