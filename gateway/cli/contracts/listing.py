"""The list of `gateway contracts`: what each campaign wants, who calls it, what AiSensy said last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.cli.common import ago, shorten
from gateway.mapping.contracts import words
from gateway.model import Contract, Media
from gateway.pipeline.campaigns import User, listing
from gateway.store.ledger import Ledger


def rows(
    known: Mapping[str, Contract], users: Mapping[str, Sequence[User]], ledger: Ledger | None
) -> list[dict[str, Any]]:
    """One row a campaign, for programs."""
    if ledger is None:
        return listing(known, users, None)
    with ledger.read() as connection:
        return listing(known, users, connection)


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
