"""What completion knows beside the text: of the leads that came, the campaigns, and the other files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection

from gateway.console.desk import Desk
from gateway.inbound.source import names
from gateway.mapping.completing import Outline, offer
from gateway.mapping.contracts import together, words
from gateway.mapping.starter import Form, look
from gateway.model import Lead
from gateway.pipeline.beside import lock_of
from gateway.pipeline.contracts import campaigns
from gateway.pipeline.publishing import told
from gateway.pipeline.saving import Ground
from gateway.store import answered

#: So many of the latest leads say what a form asks.
_LOOKED_AT = 60


class Ledgered:
    """What the ledger and the other files know. Asked at most once for each."""

    def __init__(self, desk: Desk, connection: Connection, outline: Outline) -> None:
        self.desk = desk
        self.connection = connection
        self.outline = outline

    def sources(self) -> Sequence[str]:
        return names()

    def forms(self, source: str) -> Sequence[str]:
        return [form for form in answered.forms(self.connection, source) if form]

    def seen(self) -> Form | None:
        found = latest(self.desk, self.connection, self.outline, _LOOKED_AT)
        return look(found) if found else None

    def campaigns(self) -> Mapping[str, str]:
        """By `contracts.yaml` and AiSensy, and those that the live mappings name."""
        locked, _ = lock_of(Ground.of(self.connection, self.desk.settings).files)
        known = {
            name: f"Wants {words(contract)}." for name, contract in together(locked, told(self.connection)).items()
        }
        named = campaigns(self.desk.live(self.connection).mappings)
        return dict.fromkeys(named, "A mapping that is live calls it.") | dict(sorted(known.items()))


def latest(desk: Desk, connection: Connection, outline: Outline, count: int) -> list[Lead]:
    """The newest leads that a file, as its lines show it, is for; the newest first."""
    if not outline.source:
        return []
    named = {form for mapping in desk.live(connection).mappings for form in mapping.forms}
    asked = outline.forms or [form for form in answered.forms(connection, outline.source) if form not in named]
    return answered.latest(connection, outline.source, asked, count)


def complete(desk: Desk, connection: Connection, file: str, text: str, at: int) -> dict[str, Any]:
    """What may stand at the `at`-th sign of the text."""
    return asdict(offer(file, text, at, Ledgered(desk, connection, Outline(text))))
