"""The list of `gateway contracts`: what each campaign wants, who calls it, what AiSensy said last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.cli.common import ago, shorten
from gateway.cli.contracts.asking import User
from gateway.mapping.contracts import together, words
from gateway.model import Contract, Media
from gateway.store import contracts, held
from gateway.store.contracts import Told
from gateway.store.ledger import Ledger


def listing(
    known: Mapping[str, Contract], users: Mapping[str, Sequence[User]], ledger: Ledger | None
) -> list[dict[str, Any]]:
    """One row a campaign, for programs. Without a ledger, "aisensy" and "held" are None."""
    told: dict[str, Told] = {}
    kept: dict[str, int] = {}
    if ledger:
        with ledger.read() as connection:
            told, kept = contracts.all_of(connection), held.by_campaign(connection)
    return [
        {
            "campaign": name,
            "params": known[name].params if name in known else None,
            "media": str(known[name].media) if name in known else None,
            "used_by": _used_by(users.get(name, ())),
            "aisensy": _aisensy(known.get(name), told[name]) if name in told else None,
            "held": kept.get(name, 0) if ledger else None,
        }
        for name in sorted({*known, *users})
    ]


def _used_by(users: Sequence[User]) -> list[dict[str, Any]]:
    """The rules, each once, however many of its calls name the campaign."""
    rules = dict.fromkeys((user.file, user.rule.line, user.rule.name) for user in users)
    return [{"file": file, "line": line, "rule": rule} for file, line, rule in rules]


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


def row(each: Mapping[str, Any]) -> dict[str, Any]:
    """The same for people. The columns that come from the ledger are there only with one."""
    rules_of = ", ".join(f"{use['file'].rpartition('/')[2]} {use['rule']}" for use in each["used_by"])
    found = {
        "campaign": each["campaign"],
        "params": "not known" if each["params"] is None else each["params"],
        "media": each["media"],
        "used by": shorten(rules_of, 50) or "no rule",
    }
    if each["held"] is None:
        return found
    return found | {"AiSensy's last word": _word(each["aisensy"]), "held": each["held"] or ""}


def _word(aisensy: Mapping[str, Any] | None) -> str:
    if aisensy is None:
        return "not asked yet"
    if aisensy["missing"]:
        said = "no such campaign"
    elif aisensy["params"] is None:
        said = shorten(aisensy["says"], 50) or "no answer yet"
    elif aisensy["same"]:
        said = "the same"
    else:
        said = words(Contract(aisensy["params"], Media(aisensy["media"])))
    status = f", {aisensy['status']}" if aisensy["status"] else ""
    return f"{said}{status} ({ago(aisensy['at'])})"
