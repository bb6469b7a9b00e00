"""What every search for needs goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from gateway.console.desk import Desk
from gateway.pipeline.campaigns import campaigns_of
from gateway.pipeline.planning import Live


@dataclass(frozen=True, slots=True)
class Look:
    """One moment: the ledger as it is, and the mappings that are live."""

    connection: Connection
    desk: Desk
    live: Live
    now: datetime

    def callers(self, campaign: str) -> list[str]:
        """The live files whose rules call a campaign."""
        users = campaigns_of({mapping.file: mapping for mapping in self.live.mappings})
        return list(dict.fromkeys(user.file for user in users.get(campaign, ())))
