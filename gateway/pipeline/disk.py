"""How much room the ledger takes, and how much is left for it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from gateway.settings import Settings
from gateway.store.ledger import Ledger

#: Less than this part of a disk, or so many bytes, is little; with so much left nobody is warned.
_PART, _LEAST, _ENOUGH = 0.05, 500_000_000, 20_000_000_000


@dataclass(frozen=True, slots=True)
class Room:
    """In bytes."""

    ledger: int  #: Of the ledger's files; 0 where it is kept elsewhere.
    free: int
    whole: int

    @property
    def low(self) -> bool:
        """Whether somebody should make room."""
        return self.free < _LEAST or self.free < min(_PART * self.whole, _ENOUGH)


def room(ledger: Ledger, settings: Settings) -> Room | None:
    """Of the disk that holds the ledger; on PostgreSQL, of this machine's own folder. None: nobody can say."""
    wanted = ledger.file.parent if ledger.on_sqlite else Path(settings.text("GATEWAY_DATA"))
    folder = next(place for place in (wanted.absolute(), *wanted.absolute().parents) if place.is_dir())
    try:
        disk = shutil.disk_usage(folder)
        own = sum(path.stat().st_size for path in folder.glob(f"{ledger.file.name}*")) if ledger.on_sqlite else 0
    except OSError:
        return None
    return Room(own, disk.free, disk.total)
