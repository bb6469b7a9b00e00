"""Opening the ledger: connections, transactions, and its version."""

from __future__ import annotations

import fcntl
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from gateway import crash
from gateway.errors import GatewayError, SchemaMismatch
from gateway.store import encoding, moved
from gateway.store.bell import Bell
from gateway.store.jobs import schema

#: Seconds to wait for another writer, twice, before giving up (the sender is then asked to come again).
BUSY_SECONDS = 5

#: Seconds between two tries to be the one who writes: at first, and after many.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.0001, 0.0003

_MIGRATION_LOCK = 7_201_946

#: PostgreSQL: waits until no other writer is at work. One that falls silent (its machine is gone) is thrown out.
_ALONE = text("SELECT pg_advisory_xact_lock(7201947), set_config('idle_in_transaction_session_timeout', '10s', true)")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config


class Ledger:
    """One database; every process opens its own after any fork."""

    def __init__(self, url: str, *, connections: int = 10, must_exist: bool = False) -> None:
        """Raises GatewayError when the URL is none, or the file is not there although it must be."""
        self.url: URL = _read_url(url)
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        if self.on_sqlite and must_exist and not self.file.is_file():
            raise GatewayError(f"There is no ledger at {self.file} yet; `gateway serve` makes it.")
        if self.on_sqlite:
            self._make_folder()
        self.engine = self._open(connections)
        self.bell = Bell(self.bell_file) if self.on_sqlite else None

    def _make_folder(self) -> None:
        if not self.url.database:
            raise GatewayError("DATABASE_URL names no file; write sqlite:////folder/gateway.db")
        try:
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise GatewayError(f"The folder {self.file.parent} cannot be made: {error.strerror}.") from None

    def _open(self, connections: int) -> Engine:
        if not self.on_sqlite:
            return create_engine(
                self.url,
                isolation_level="READ COMMITTED",  # who waited for the lock must see what was done meanwhile
                pool_size=connections,
                pool_pre_ping=True,
                hide_parameters=True,
                connect_args={"client_encoding": "utf8"},  # a SQL_ASCII database gives bytes otherwise
            )
        engine = create_engine(
            self.url, pool_size=connections, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS}
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    @property
    def file(self) -> Path:
        """The SQLite file."""
        return Path(self.url.database or "")

    @property
    def bell_file(self) -> Path:
        """What wakes the worker of a SQLite ledger."""
        return self.file.with_suffix(".bell")

    def hush(self) -> None:
        """Wake nobody after a commit: this is the ledger of the one who would be woken."""
        if self.bell:
            self.bell.close()
        self.bell = None

    @contextmanager
    def write(self, name: str = "", *, door: bool = False) -> Iterator[Connection]:
        """One transaction that may write; it is durable once this returns. `name`: for tests that crash at it.

        One at a time on a ledger, on whichever machine, so that whoever decides sees all that was decided before.
        `door`: this one only adds what comes in, and waits for nobody (on SQLite every writer waits for the others).
        """
        with self.engine.begin() as connection:
            if not (self.on_sqlite or door):
                connection.execute(_ALONE)
            yield connection
            crash.here(f"before the commit: {name}")
        crash.here(f"after the commit: {name}")
        if self.bell:
            self.bell.ring()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look that never waits for a writer."""
        options: dict[str, Any] = {"only_reads": True}
        if not self.on_sqlite:
            options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        with self.engine.connect().execution_options(**options) as connection:
            yield connection

    def forget(self) -> bool:
        """Let no file keep what has been deleted; False while somebody still reads what was there before."""
        if not self.on_sqlite:
            return True
        raw = self.engine.raw_connection()
        try:
            [(busy, *_pages)] = raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()
        return not busy

    def close(self) -> None:
        self.hush()
        self.engine.dispose()

    def version(self) -> str | None:
        """The revision the database is at; None when it is empty. Raises GatewayError when it cannot be
        opened, was moved to another, or cannot hold every letter."""
        with self._in_a_sentence("opened"), self.read() as connection:
            if self.on_sqlite:
                moved.refuse(connection)
            else:
                encoding.refuse_others(connection)
            return MigrationContext.configure(connection).get_current_revision()

    def check_version(self) -> None:
        """Raises SchemaMismatch unless the database is at this program's revision."""
        found = self.version()
        _refuse_newer(found)
        if found != wanted_version():
            raise SchemaMismatch(f"The ledger is older than this program ({found or 'empty'}): run `gateway migrate`.")
        if not self.on_sqlite:
            with self.read() as connection:
                schema.check(connection)

    def migrate(self) -> None:
        """Bring the database to this program's revision, one process at a time; on PostgreSQL the tables of jobs, too.
        All of it or nothing. Raises SchemaMismatch if newer, GatewayError when the database refuses."""
        _refuse_newer(self.version())
        with self._in_a_sentence("migrated"), self._migration_lock(), self.write("migration", door=True) as connection:
            if not self.on_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            if not self.on_sqlite:
                schema.prepare(connection)

    @contextmanager
    def _in_a_sentence(self, done: str) -> Iterator[None]:
        """Raises GatewayError with what the database says, when it lets something not be done."""
        try:
            yield
        except (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error) as error:
            raise GatewayError(f"The ledger cannot be {done}: {_cause(error)}.") from None

    @contextmanager
    def _migration_lock(self) -> Iterator[None]:
        if not self.on_sqlite:
            yield
            return
        with self.file.with_suffix(".migrating").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _read_url(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise GatewayError(
            "DATABASE_URL cannot be read; write postgresql+psycopg://user:password@host:5432/name."
        ) from None


def _cause(error: Exception) -> str:
    """The first line of what the database says; it names hosts and files, never a password."""
    said = str(getattr(error, "orig", None) or error).splitlines()
    return said[0].rstrip(".") if said else type(error).__name__


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise SchemaMismatch(f"The ledger was made by a newer program ({found}): install that version again.")


def wanted_version() -> str:
    """The revision this program works with."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, below
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("only_reads"):
        connection.exec_driver_sql("BEGIN")
        return
    raw: Any = connection.connection.dbapi_connection
    raw.execute("PRAGMA busy_timeout = 0")  # SQLite's own waits grow to 100 ms and let some writers starve
    try:
        _begin_writing(raw)
    finally:
        raw.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    if not raw.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_writing(raw: sqlite3.Connection) -> None:
    """Try until no other writer is at work, or it has been long enough; soon at first, as most commits are short."""
    deadline = time.monotonic() + BUSY_SECONDS
    pause = _FIRST_PAUSE
    while time.monotonic() < deadline:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                return  # the caller's own try says it in SQLAlchemy's words
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)
        else:
            return
