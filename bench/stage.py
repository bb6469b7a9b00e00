"""What runs during a benchmark: the sandbox, and the gateway or the bare app, each as processes of their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil
import requests
from load import number_in

from gateway.app import WEB_PROCESSES, WEB_THREADS
from gateway.samples import INVENTED
from gateway.settings import Settings
from gateway.store import books, events
from gateway.store.ledger import Ledger

ROOT = Path(__file__).parent.parent
TOKEN = INVENTED["WEBSITE_TOKEN"]

#: What our processes get of this environment; PYTHONPATH, so that another checkout can be measured.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")

#: Seconds that a process has to start, and that the last calls have to be made.
PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Box:
    """The sandbox, seen from outside."""

    url: str
    session: requests.Session = field(default_factory=requests.Session)

    def count(self) -> int:
        """How many calls came."""
        return int(self._get("/seen")["send"])

    def calls(self) -> list[tuple[int, float]]:
        """The number of the lead behind each call, and when it came, in seconds since 1970."""
        return [_call(call) for call in self._get("/calls")["calls"]]

    def forget(self) -> None:
        self.session.delete(f"{self.url}/calls", timeout=10).raise_for_status()

    def _get(self, path: str) -> Any:
        return self.session.get(self.url + path, timeout=60).json()


def _call(call: dict[str, Any]) -> tuple[int, float]:
    return number_in(call["body"]["attributes"]["message"]), datetime.fromisoformat(call["at"]).timestamp()


@dataclass(frozen=True, slots=True)
class System:
    """What is measured, running."""

    name: str
    port: int
    box: Box
    process: psutil.Popen
    ledger: Ledger | None  #: None: it stores nothing.

    def cpu(self) -> float:
        """Seconds of CPU that its processes have taken until now; the sandbox's are not counted."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(sum(process.cpu_times()[:2]) for process in family)

    def stored(self) -> set[int]:
        """The numbers of the leads in the ledger."""
        if self.ledger is None:
            return set()
        with self.ledger.read() as connection:
            found = events.listing(connection, limit=None)
        return {number_in(_message(event.body)) for event in found}

    def mistakes(self) -> tuple[str, ...]:
        """What the audit of the books says; nothing when they balance."""
        if self.ledger is None:
            return ()
        with self.ledger.read() as connection:
            return books.audit(connection).mistakes


def _message(body: bytes) -> str:
    return body.partition(b'"message": "')[2][:20].decode()


@contextmanager
def gateway(folder: Path) -> Iterator[System]:
    """`gateway serve` without a rate, else with its default settings, and a fresh SQLite ledger in `folder`."""
    with _sandbox(folder) as box:
        port = free_port()
        environment = _environment(box) | {
            "WEBSITE_TOKEN": TOKEN,
            "GATEWAY_DATA": str(folder / "data"),
            "GATEWAY_MAPPINGS": str(ROOT / "mappings"),
            "GATEWAY_RATE": "off",
        }
        command = [sys.executable, "-m", "gateway", "serve", "--bind", f"127.0.0.1:{port}"]
        with _process(command, folder, environment, f"http://127.0.0.1:{port}/healthz") as process:
            ledger = Ledger(Settings.load(environment, None).database_url)
            yield System("gateway", port, box, process, ledger)
            ledger.close()


@contextmanager
def bare(folder: Path) -> Iterator[System]:
    """The bare app under gunicorn, with as many processes and threads as the gateway has."""
    with _sandbox(folder) as box:
        port = free_port()
        options = ["--workers", str(WEB_PROCESSES), "--threads", str(WEB_THREADS), "--keep-alive", "5"]
        place = ["--bind", f"127.0.0.1:{port}", "--chdir", str(Path(__file__).parent), "--no-control-socket"]
        command = [sys.executable, "-m", "gunicorn", "--log-level", "warning", *options, *place, "bare:app"]
        with _process(command, folder, _environment(box), f"http://127.0.0.1:{port}/") as process:
            yield System("bare app", port, box, process, None)


@contextmanager
def _sandbox(folder: Path) -> Iterator[Box]:
    address = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gateway", "--no-env", "sandbox", "--bind", address]
    with _process(command, folder, {}, f"http://{address}/"):
        yield Box(f"http://{address}")


def _environment(box: Box) -> dict[str, str]:
    return {"AISENSY_API_KEY": "bench-key", "AISENSY_BASE_URL": f"{box.url}/campaign/t1/api"}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _process(command: list[str], folder: Path, environment: dict[str, str], url: str) -> Iterator[psutil.Popen]:
    """A process that is up once `url` answers; away from any .env and any key of this environment."""
    keep = {name: os.environ[name] for name in _KEPT if name in os.environ}
    with (folder / "processes.log").open("ab") as log:
        process = psutil.Popen(command, cwd=folder, env=keep | environment, stdout=log, stderr=log)
    try:
        _wait_until_up(process, url, folder)
        yield process
    finally:
        process.terminate()
        _end(process)


def _wait_until_up(process: psutil.Popen, url: str, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(url, timeout=2).status_code < requests.codes.server_error:
                return
        except requests.RequestException:
            pass  # not listening yet
        time.sleep(0.05)
    sys.exit("A process did not start:\n" + (folder / "processes.log").read_text())


def _end(process: psutil.Popen) -> None:
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
