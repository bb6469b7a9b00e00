"""What every page of the console works with."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection

from gateway import clock
from gateway.console import here
from gateway.pipeline.planning import Live
from gateway.settings import Settings
from gateway.store import versions
from gateway.store.console import acts
from gateway.store.console.acts import Act
from gateway.store.ledger import Ledger


class Desk:
    """The settings, the ledger, and the mappings that are live. One for each web process, used by all its threads."""

    def __init__(self, settings: Settings, ledger: Ledger) -> None:
        self.settings = settings
        self.ledger = ledger
        self.lock = threading.Lock()
        self.known: Live | None = None

    @property
    def folder(self) -> Path:
        """Of the mapping files."""
        return Path(self.settings.text("GATEWAY_MAPPINGS"))

    def live(self, connection: Connection) -> Live:
        """The mappings that are live now; read anew only when another version is."""
        number = versions.newest(connection)
        with self.lock:
            if self.known is None or self.known.version != number:
                self.known = Live.of(*versions.live(connection), self.settings)
            return self.known

    def note(self, connection: Connection, did: str, about: str = "") -> None:
        """Enter what the person at the browser does into the audit list, in the transaction that does it.

        `did`: a sentence without its subject ("replayed it"). `about`: "l34", "website.yaml", …
        """
        acts.note(connection, Act(here.member().name, here.address(), did, about), clock.now())
