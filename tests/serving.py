"""A real gateway in processes of its own, for tests: started, looked into, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests
from harness import wait_for

#: What of this environment a gateway needs; never a setting of the machine that runs the tests.
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")

#: Seconds a gateway may take to end after SIGTERM.
LEAVE = 25.0


def free_port() -> int:
    """A port that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_command(environment: dict[str, str], folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run `gateway …` to its end, away from any .env; `serve` on a port that nobody has."""
    if arguments == ("serve",):
        arguments = ("serve", "--bind", f"127.0.0.1:{free_port()}")
    return subprocess.run(
        _command(arguments),
        check=False,
        cwd=folder,
        env=_environment(environment),
        capture_output=True,
        text=True,
        timeout=60,
    )


def _command(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "gateway", *arguments]


def _environment(settings: dict[str, str]) -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ} | settings


@dataclass
class Serving:
    """`gateway serve` (or another command that stays), with its whole family of processes."""

    environment: dict[str, str]
    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """All that every start has written to stdout and stderr."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.folder / f"gateway-{self.port}.log"

    def start(self, *arguments: str) -> None:
        """Start, and do not wait; without arguments it is `serve` on this port."""
        command = _command(arguments or ("serve", "--bind", f"127.0.0.1:{self.port}"))
        with self._log.open("ab") as log:
            # A session of its own makes one group of the family, orphans included.
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=_environment(self.environment),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_until_well(self) -> None:
        wait_for(self.health, lambda status: status == 200)

    def health(self) -> int:
        """The status of /healthz; 0 when nobody answers."""
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code
        except requests.RequestException:
            return 0

    @property
    def pid(self) -> int:
        assert self.process is not None, "it was never started"
        return self.process.pid

    @property
    def alive(self) -> bool:
        """Whether the parent runs; its children may outlive it for some seconds."""
        return self.process is not None and self.process.poll() is None

    def find(self, who: str) -> list[psutil.Process]:
        """The processes of one part now: "parent", "worker", "web master" or "web worker"; [] when there is none."""
        try:
            parent = psutil.Process(self.pid)
            children = sorted(_running(parent.children()), key=lambda child: child.pid)
            master = _master(children)
            parts = {
                "parent": [parent],
                "worker": [child for child in children if child != master],
                "web master": [master] if master else [],
                "web worker": _running(master.children()) if master else [],
            }
        except psutil.NoSuchProcess:
            return []
        return parts[who]

    def family(self) -> list[int]:
        """Every living process of this gateway, orphans included."""
        return [one.pid for one in _running(psutil.process_iter()) if _group(one.pid) == self.pid]

    def kill(self, who: str) -> int:
        """kill -9 one process of a part as soon as there is one; its id."""
        return wait_for(lambda: self.strike(who))

    def strike(self, who: str, blow: int = signal.SIGKILL) -> int:
        """kill -9 one process of a part (or end it otherwise), if there is one now; its id, or 0."""
        found = self.find(who)
        if not found:
            return 0
        with suppress(psutil.NoSuchProcess):
            found[0].send_signal(blow)
        if who == "parent":
            self._bury()
        wait_for(lambda: not _running(found[:1]))
        return found[0].pid

    def kill_everything(self) -> None:
        """kill -9 the whole family at once."""
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._bury()

    def _bury(self) -> None:
        assert self.process is not None
        self.process.wait(timeout=10)

    def terminate(self) -> None:
        """Ask it to end, and do not wait."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)

    def wait(self, patience: float = LEAVE) -> int:
        """Wait for the parent's end; its exit code."""
        assert self.process is not None
        return self.process.wait(timeout=patience)


def _running(found: Iterator[psutil.Process] | Sequence[psutil.Process]) -> list[psutil.Process]:
    """Those that still run: a zombie only waits for its parent to look."""
    return [one for one in found if _status(one) not in ("", psutil.STATUS_ZOMBIE)]


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return ""


def _group(pid: int) -> int:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return 0


def _master(children: Sequence[psutil.Process]) -> psutil.Process | None:
    """The child that has children; before there are any, the one that is started second."""
    with_children = [child for child in children if child.children()]
    return next(iter(with_children), children[1] if len(children) > 1 else None)


@contextmanager
def serving(environment: dict[str, str], folder: Path) -> Iterator[Serving]:
    """A gateway that is not started yet; whatever is left of it afterwards is killed."""
    found = Serving(environment, folder)
    try:
        yield found
    finally:
        found.kill_everything()
