"""The two ends of a move: what must be true of them before a row is carried."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, inspect

from gateway.cli.common import Context
from gateway.engine.one import only_worker
from gateway.errors import GatewayError
from gateway.store.ledger import Ledger

_POSTGRESQL = "postgresql+psycopg://"

#: PostgreSQL's own port is not worth a word.
_USUAL_PORT = 5432


def source_of(context: Context) -> Ledger:
    """The SQLite ledger of the settings, at this program's version. Raises GatewayError when there is none."""
    if not context.settings.database_url.startswith("sqlite:"):
        raise GatewayError(
            "DATABASE_URL names PostgreSQL already. A move starts from the SQLite ledger: leave DATABASE_URL as it "
            "was until the move is done."
        )
    return context.ledger


def target_at(url: str) -> Ledger:
    """The database that a person named. Raises GatewayError when it is no PostgreSQL, or cannot be read."""
    if not url.startswith(_POSTGRESQL):
        raise GatewayError(f"--to takes a PostgreSQL database: {_POSTGRESQL}user@host:5432/name.")
    try:
        return Ledger(url, connections=2)
    except GatewayError:  # it speaks of DATABASE_URL
        raise GatewayError(f"--to cannot be read; write {_POSTGRESQL}user@host:5432/name.") from None


def place_of(url: URL) -> str:
    """A database in words, without user and password.

    >>> from sqlalchemy import make_url
    >>> place_of(make_url("postgresql+psycopg://gateway:secret@db.example.com:5432/leads"))
    'leads on db.example.com'
    """
    host = url.host or url.query.get("host") or "this machine"
    port = f":{url.port}" if url.port not in (None, _USUAL_PORT) else ""
    return f"{url.database or url.username} on {host}{port}"


def is_bare(target: Ledger, place: str) -> bool:
    """Whether the database has no tables yet. Raises GatewayError when it can never take this ledger, or not now."""
    try:
        if target.version() is not None:
            target.check_version()
            return False
    except GatewayError as error:
        raise GatewayError(f"{place} cannot be used. {error}") from None
    with target.read() as connection:
        strange = inspect(connection).get_table_names()
    if strange:
        raise GatewayError(f"{place} is not empty (it has a table {strange[0]}); name an empty database.")
    return True


@contextmanager
def nobody_works_on(source: Ledger) -> Iterator[None]:
    """No worker reads, plans or sends until the block ends. Raises GatewayError when one is running."""
    try:
        lock = only_worker(source)
    except GatewayError:
        raise GatewayError(f"A worker is running on {source.file}; stop the gateway, then move.") from None
    with lock:
        yield
