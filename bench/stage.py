"""What runs during a benchmark: the stand-in for AiSensy, and the gateway or the bare app, each as processes of
their own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import requests
from system import StandIn, System, newest_event

from gateway.samples import INVENTED
from gateway.settings import Settings
from gateway.store.ledger import Ledger

BENCH = Path(__file__).parent
#: Of the bare app.
BARE_PROCESSES, BARE_THREADS = 2, 8

ROOT = BENCH.parent
TOKEN = INVENTED["WEBSITE_TOKEN"]

#: What our processes get of this environment; PYTHONPATH, so that another checkout can be measured.
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "PYTHONPATH")

#: Seconds that a process has to start.
_PATIENCE = 120.0

#: Seconds between two looks whether a process is up.
_LOOK = 0.01


@contextmanager
def stand_in(folder: Path, seconds: float) -> Iterator[StandIn]:
    """The stand-in for AiSensy, which takes `seconds` over each answer."""
    port = free_port()
    with process([sys.executable, str(BENCH / "stand_in.py"), str(port), str(seconds)], folder, {}) as started:
        _wait_until_up(started, f"http://127.0.0.1:{port}/count", folder)
        yield StandIn(f"http://127.0.0.1:{port}")


@contextmanager
def gateway(folder: Path, seconds: float = 0.0, settings: Mapping[str, str] | None = None) -> Iterator[System]:
    """`gateway serve` without a rate, else with its default settings and those given; its ledger is in `folder`."""
    with stand_in(folder, seconds) as upstream:
        port = free_port()
        environment = environment_of(folder, upstream) | dict(settings or {})
        began = time.monotonic()
        with process(command("serve", "--bind", f"127.0.0.1:{port}"), folder, environment) as started:
            _wait_until_up(started, f"http://127.0.0.1:{port}/healthz", folder)
            started_in = time.monotonic() - began
            with opened(environment) as ledger:
                yield System("gateway", port, upstream, [started], started_in, ledger, newest_event(ledger))


@contextmanager
def bare(folder: Path, seconds: float = 0.0) -> Iterator[System]:
    """The bare app under gunicorn, with as many processes and threads as the gateway has."""
    with stand_in(folder, seconds) as upstream:
        port = free_port()
        options = ["--workers", str(BARE_PROCESSES), "--threads", str(BARE_THREADS), "--keep-alive", "5"]
        place = ["--bind", f"127.0.0.1:{port}", "--chdir", str(BENCH), "--no-control-socket"]
        gunicorn = [sys.executable, "-m", "gunicorn", "--log-level", "warning", *options, *place, "bare:app"]
        began = time.monotonic()
        with process(gunicorn, folder, _upstream(upstream)) as started:
            _wait_until_up(started, f"http://127.0.0.1:{port}/", folder)
            yield System("bare app", port, upstream, [started], time.monotonic() - began)


@contextmanager
def parts(folder: Path, upstream: StandIn, environment: Mapping[str, str], workers: int) -> Iterator[System]:
    """`gateway web` and so many `gateway worker`, none or more, on a ledger that is prepared."""
    port = free_port()
    commands = [command("web", "--bind", f"127.0.0.1:{port}"), *[command("worker")] * workers]
    began = time.monotonic()
    with ExitStack() as family:
        started = [family.enter_context(process(one, folder, environment)) for one in commands]
        page = "healthz" if workers else ""
        _wait_until_up(started[0], f"http://127.0.0.1:{port}/{page}", folder)
        started_in = time.monotonic() - began
        with opened(environment) as ledger:
            yield System("gateway", port, upstream, started, started_in, ledger, newest_event(ledger))


def environment_of(folder: Path, upstream: StandIn) -> dict[str, str]:
    """The settings of a gateway whose data are in `folder`."""
    return _upstream(upstream) | {
        "WEBSITE_TOKEN": TOKEN,
        "GATEWAY_DATA": str(folder / "data"),
        "GATEWAY_MAPPINGS": str(ROOT / "mappings"),
        "GATEWAY_RATE": "off",
    }


def _upstream(upstream: StandIn) -> dict[str, str]:
    return {"AISENSY_API_KEY": "bench-key", "AISENSY_BASE_URL": f"{upstream.url}/campaign/t1/api"}


def command(*arguments: str) -> list[str]:
    """`gateway …` of this checkout."""
    return [sys.executable, "-m", "gateway", *arguments]


def run(folder: Path, environment: Mapping[str, str], *arguments: str) -> None:
    """Run `gateway …` to its end; what it says goes to the log, and a failure ends the benchmark."""
    with (folder / "processes.log").open("ab") as log:
        done = subprocess.run(
            command(*arguments), cwd=folder, env=_clean(environment), stdout=log, stderr=log, check=False
        )
    if done.returncode:
        sys.exit(f"gateway {' '.join(arguments)} failed:\n" + (folder / "processes.log").read_text())


def told(folder: Path, environment: Mapping[str, str], *arguments: str) -> str:
    """What `gateway …` says."""
    words, clean = command(*arguments), _clean(environment)
    return subprocess.run(words, cwd=folder, env=clean, capture_output=True, text=True, check=True).stdout


@contextmanager
def opened(environment: Mapping[str, str]) -> Iterator[Ledger]:
    """The ledger of a gateway with these settings."""
    ledger = Ledger(Settings.load(environment, None).database_url)
    try:
        yield ledger
    finally:
        ledger.close()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _clean(environment: Mapping[str, str]) -> dict[str, str]:
    """Away from any key of this environment."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ} | dict(environment)


@contextmanager
def process(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Iterator[psutil.Popen]:
    """A process that ends with the block; away from any .env."""
    with (folder / "processes.log").open("ab") as log:
        started = psutil.Popen(words, cwd=folder, env=_clean(environment), stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.terminate()
        _end(started)


def _wait_until_up(started: psutil.Popen, url: str, folder: Path) -> None:
    """Until `url` answers with anything that is no fault: /healthz is 503 until all is well."""
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline and started.poll() is None:
        try:
            if requests.get(url, timeout=2).status_code < requests.codes.server_error:
                return
        except requests.RequestException:
            pass  # not listening yet
        time.sleep(_LOOK)
    sys.exit("A process did not start:\n" + (folder / "processes.log").read_text())


def _end(started: psutil.Popen) -> None:
    try:
        started.wait(timeout=30)
    except subprocess.TimeoutExpired:
        started.kill()
        started.wait()
