"""The parent process: keeps its children alive, and ends them so that nothing is lost."""

from __future__ import annotations

import logging
import os
import select
import signal
import socket
import sys
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import FrameType

from gateway import clock
from gateway.errors import GatewayError

log = logging.getLogger(__name__)

#: What asks a process to end.
ENDINGS = (signal.SIGTERM, signal.SIGINT)

#: A child that dies this often within a minute cannot be helped by another start.
DEATHS, MINUTE = 5, 60.0


@dataclass(slots=True)
class Child:
    """One process that the parent keeps alive."""

    name: str
    run: Callable[[], None]
    grace: float
    pid: int = 0
    start_at: float = 0.0
    deaths: deque[float] = field(default_factory=lambda: deque(maxlen=DEATHS))


class Parent:
    """`gateway serve`: starts the children, starts a dead one again, and gives up loudly when that is no use."""

    def __init__(self, children: list[Child]) -> None:
        self.children = children
        self.stopping = False
        self._heard, self._said = socket.socketpair()

    def run(self) -> int:
        """Until SIGTERM or SIGINT: exit code 0; 1 when a child cannot be kept alive."""
        for number in ENDINGS:
            signal.signal(number, self._stop)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)  # it only ends a wait
        self._hear_signals()
        code = 0
        while not self.stopping:
            for child in self.children:
                self._care(child)
            if any(_hopeless(child) for child in self.children):
                code = 1
                break
            self._wait()
        for child in self.children:
            _end(child)
        return code

    def _hear_signals(self) -> None:
        """From now on every signal leaves a byte to read, also one that comes just before a wait."""
        for end in (self._heard, self._said):
            end.setblocking(False)
        signal.set_wakeup_fd(self._said.fileno(), warn_on_full_buffer=False)

    def _wait(self) -> None:
        """Until a signal comes (a child died, or all shall end), or a dead child may start again."""
        starts = [child.start_at for child in self.children if not child.pid]
        seconds = max(0.0, min(starts) - clock.monotonic()) if starts else None
        if select.select([self._heard], [], [], seconds)[0]:
            self._heard.recv(4096)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _care(self, child: Child) -> None:
        now = clock.monotonic()
        if not child.pid and now >= child.start_at:
            child.pid = _fork(child)
        elif child.pid and _has_ended(child):
            child.deaths.append(now)
            wait = 0.1 * 2 ** len(child.deaths)
            child.pid, child.start_at = 0, now + wait
            log.error("the %s process died; it starts again in %.1f s", child.name, wait)


def _hopeless(child: Child) -> bool:
    deaths = child.deaths
    if len(deaths) < DEATHS or deaths[-1] - deaths[0] > MINUTE:
        return False
    log.critical("the %s process died %d times within a minute; giving up", child.name, DEATHS)
    return True


def _fork(child: Child) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)  # one that came in between would be lost on the child
    pid = os.fork()
    if not pid:
        signal.set_wakeup_fd(-1)
        for number in (*ENDINGS, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)
    if pid:
        return pid
    os._exit(_run_child(child))


def _run_child(child: Child) -> int:
    try:
        child.run()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 1
    except GatewayError as error:
        log.critical("%s: %s", child.name, error)
        return 1
    except BaseException:
        log.critical("the %s process cannot go on", child.name, exc_info=True)
        return 1
    return 0


def _has_ended(child: Child) -> bool:
    try:
        return os.waitpid(child.pid, os.WNOHANG)[0] != 0
    except ChildProcessError:
        return True


def _end(child: Child) -> None:
    """Ask a child to finish, and end it if it does not within its grace."""
    if not child.pid:
        return
    os.kill(child.pid, signal.SIGTERM)
    deadline = clock.monotonic() + child.grace
    while not _has_ended(child):
        if clock.monotonic() > deadline:
            log.error("the %s process does not end by itself", child.name)
            os.kill(child.pid, signal.SIGKILL)
            os.waitpid(child.pid, 0)
            return
        time.sleep(0.05)
