"""What the figures depend on: the disk's commit time, the CPUs, the versions, SQLite's settings."""

from __future__ import annotations

import os
import platform
import sqlite3
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median

import psutil
from commits import commits
from measure import MILLI, percentile

from gateway.store.ledger import Ledger

_PACKAGES = ("lead-gateway", "flask", "gunicorn", "sqlalchemy", "requests", "psycopg", "procrastinate")
_TIMES = 200
_SYNCHRONOUS = {0: "OFF", 1: "NORMAL", 2: "FULL", 3: "EXTRA"}


def facts(folder: Path) -> list[str]:
    """One line each; `folder` is on the disk that is used."""
    one, five, _ = os.getloadavg()
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    committed = _spread("a commit of one lead to a ledger", commits(folder, _TIMES, os.environ))
    ledger = Ledger(f"sqlite:///{folder / 'commits.db'}")
    system = f"{platform.machine()}, {platform.system()} {platform.release()}"
    synced = _spread("4 KB written and synced", _synced(folder))
    lines = [
        f"{os.cpu_count()} CPUs ({system}); load before the run {one:.1f} (1 min), {five:.1f} (5 min)",
        f"Disk ({_file_system(folder)}): {synced}; {committed}",
        f"SQLite {sqlite3.sqlite_version}: {_pragmas(ledger)}",
        f"Python {platform.python_version()}, {packages}",
    ]
    ledger.close()
    return lines


def _spread(what: str, times: list[float]) -> str:
    ordered = sorted(times)
    return f"{what} takes {median(ordered):.2f} ms, p95 {percentile(ordered, 95):.2f}"


def _timed(do: Callable[[], object]) -> list[float]:
    """Milliseconds of each of many times."""
    times = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        do()
        times.append((time.perf_counter() - began) * MILLI)
    return times


def _synced(folder: Path) -> list[float]:
    with (folder / "synced").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(bytes(4096))
            os.fsync(file.fileno())

        return _timed(write)


def _pragmas(ledger: Ledger) -> str:
    with ledger.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "wal_autocheckpoint")
        }
    found["synchronous"] = _SYNCHRONOUS.get(found["synchronous"], "unknown")
    return ", ".join(f"{name}={value}" for name, value in found.items())


def _file_system(folder: Path) -> str:
    mounts = {part.mountpoint: part.fstype for part in psutil.disk_partitions(all=True)}
    place = next((str(one) for one in (folder, *folder.parents) if str(one) in mounts), "")
    return mounts.get(place, "an unknown file system")
