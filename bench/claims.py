"""What a claim and a page cost by themselves, without the processes around them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import stage
from click.testing import CliRunner
from fill import add_due
from measure import MILLI, PATIENCE
from sqlalchemy import Connection
from system import StandIn

from gateway import cli
from gateway.app import open_http, open_sources
from gateway.engine import open_engine
from gateway.outbound.aisensy import AiSensy
from gateway.settings import Settings
from gateway.store.ledger import Ledger
from gateway.worker import Worker

#: Calls that are due at once, and the worker's threads for them.
_CALLS = 32

#: How often; the first time is not counted, as it fills caches.
_TIMES = 6

#: Seconds that AiSensy takes: none comes back while the others are claimed.
_UPSTREAM = 0.3


class _Timed(Ledger):
    """A ledger that knows how long its claims took."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.claims: list[float] = []

    @contextmanager
    def write(self, name: str = "", *, door: bool = False) -> Iterator[Connection]:
        with super().write(name, door=door) as connection:
            began = time.perf_counter()
            yield connection
        if name == "claim":
            self.claims.append((time.perf_counter() - began) * MILLI)


def claim(folder: Path, first: int) -> float:
    """Milliseconds of a transaction that claims 32 calls, from its lock to its commit; the middle of some.

    `first`: the number of the first of their leads, which nobody has.
    """
    with stage.stand_in(folder, _UPSTREAM) as upstream:
        settings = Settings.load(stage.environment_of(folder, upstream) | {"GATEWAY_THREADS": f"{_CALLS}"}, None)
        ledger = _Timed(settings.database_url)
        worker = Worker(
            settings,
            ledger,
            open_sources(settings),
            AiSensy(settings, open_http(settings)),
            open_engine(ledger, settings),
        )
        working = threading.Thread(target=worker.run)
        working.start()
        try:
            found = [_once(ledger, worker, upstream, first + time * _CALLS) for time in range(_TIMES)]
        finally:
            worker.stop()
            worker.engine.wake()
            working.join()
            ledger.close()
    return median(found[1:])


def _once(ledger: _Timed, worker: Worker, upstream: StandIn, first: int) -> float:
    """The longest claim while 32 calls become due together."""
    ledger.claims.clear()
    wanted = upstream.count() + _CALLS
    add_due(ledger, _CALLS, first)
    worker.engine.wake()
    deadline = time.monotonic() + PATIENCE
    while upstream.count() < wanted or worker.threads.out:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{_CALLS} calls that were due have not left")
        time.sleep(0.02)
    return max(ledger.claims)


def page(folder: Path, words: str) -> float:
    """Milliseconds that `gateway …` takes to list, once its program is loaded; the middle of some."""
    runner = CliRunner(env={"GATEWAY_DATA": str(folder / "data"), "GATEWAY_MAPPINGS": str(stage.ROOT / "mappings")})
    found = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        done = runner.invoke(cli.gateway, words.split(), catch_exceptions=False)
        found.append((time.perf_counter() - began) * MILLI)
        if done.exit_code:
            raise RuntimeError(f"gateway {words} failed: {done.output}")
    return median(found[1:])
