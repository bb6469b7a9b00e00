"""Each campaign: what it wants, which rules call it, what AiSensy said of it, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateway.mapping.contracts import words
from gateway.model import Contract, Media
from gateway.pipeline.campaigns import campaigns_of, listing
from gateway.pipeline.holding import about
from gateway.pipeline.planning import Live
from gateway.store import holds


@dataclass(frozen=True, slots=True)
class Campaign:
    """One of them."""

    name: str
    wants: str  #: In words; "" while nobody knows.
    status: str  #: AiSensy's own word.
    says: str  #: AiSensy's sentence, where it told no contract.
    asked: datetime | None  #: When AiSensy was asked last.
    rules: Sequence[Mapping[str, Any]]  #: {"file", "line", "rule"}
    held: int
    problem: str  #: What is wrong, in a sentence; "" for nothing.


def campaigns(connection: Connection, live: Live) -> Iterator[Campaign]:
    """Those of the live mappings, and those that `contracts.yaml` names."""
    users = campaigns_of({mapping.file: mapping for mapping in live.mappings})
    stopped = {key: reason for key, reason, _since in holds.since(connection)}
    for row in listing(live.contracts, users, connection):
        yield _campaign(row, [stopped[key] for key in about(row["campaign"], stopped)])


def _campaign(row: Mapping[str, Any], stopped: Sequence[str]) -> Campaign:
    told = row["aisensy"] or {}
    return Campaign(
        row["campaign"],
        _wants(told) or _wants(row),
        told.get("status", ""),
        told.get("says", "") if told.get("params") is None else "",
        told.get("at"),
        row["used_by"],
        row["held"],
        _problem(told, stopped, called=bool(row["used_by"])),
    )


def _wants(row: Mapping[str, Any]) -> str:
    """AiSensy's word, or what `contracts.yaml` says."""
    return words(Contract(row["params"], Media(row["media"]))) if row.get("params") is not None else ""


def _problem(told: Mapping[str, Any], stopped: Sequence[str], *, called: bool) -> str:
    if stopped:
        return stopped[0]
    if told.get("missing") and called:
        return "AiSensy knows no campaign of this name"
    return ""
