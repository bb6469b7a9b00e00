"""The bell beside a SQLite ledger: who has committed rings it, and the worker wakes at once.

It is a named pipe. Unlike a socket's its path may be long, it is never stale after a crash, and it outlives both
ends; who rings never waits, and where no worker listens it costs one failed look.
"""

from __future__ import annotations

import os
import select
import stat
import threading
from contextlib import suppress
from pathlib import Path

#: Bytes taken out of a pipe at once: more than it holds.
_ALL = 1 << 20

#: What a commit of another process leaves in the pipe, and what the worker's own threads do.
_COMMIT, _OWN = b"!", b"."


class Bell:
    """The end of those who commit."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._pipe = -1

    def ring(self) -> None:
        """Wake the worker, if there is one; a full pipe means that it has been rung for already."""
        with self._lock:
            try:
                self._open()
                os.write(self._pipe, _COMMIT)
            except BlockingIOError:
                pass
            except OSError:  # nobody listens, or not at this pipe any more
                self._close()

    def close(self) -> None:
        with self._lock:
            self._close()

    def _open(self) -> None:
        if self._pipe < 0:
            self._pipe = _opened(self._file, os.O_WRONLY)

    def _close(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
        self._pipe = -1


class Listener:
    """The worker's end; its own threads wake it by the same pipe."""

    def __init__(self, file: Path | None) -> None:
        """`file`: where others ring; None, or a file system without pipes: nobody but this process can."""
        named = _named(file) if file else None
        self.hears_others = named is not None
        self._ends: _Ends | None = _Ends(*os.pipe() if named is None else (named, named))
        self._poll = select.poll()
        self._poll.register(self._ends.reads, select.POLLIN)

    def wait(self, seconds: float) -> bool:
        """Return when it rings, at the latest after `seconds`; whether it rang since the last time."""
        rang = bool(self._poll.poll(seconds * 1000))
        if rang:
            self.count()
        return rang

    def count(self) -> int:
        """How often others rang since the last time, without waiting."""
        ends = self._ends
        try:
            return os.read(ends.reads, _ALL).count(_COMMIT) if ends else 0
        except BlockingIOError:
            return 0

    def wake(self) -> None:
        """End the wait; nothing once it is closed. Takes no lock, so a signal handler may call it."""
        if ends := self._ends:
            with suppress(BlockingIOError):
                os.write(ends.writes, _OWN)

    def close(self) -> None:
        self._ends = None


class _Ends:
    """The two ends of a pipe, closed when nobody has them any more. A thread that is just about to write keeps them
    open: else their numbers might by then be those of another file."""

    def __init__(self, reads: int, writes: int) -> None:
        self.reads = reads
        self.writes = writes
        for end in (reads, writes):
            os.set_blocking(end, False)

    def __del__(self) -> None:
        for end in {self.reads, self.writes}:
            os.close(end)


def _named(file: Path) -> int | None:
    """The pipe, open in both directions, so that it never looks closed; None where none can be made."""
    with suppress(OSError):
        os.mkfifo(file, 0o600)
    try:
        return _opened(file, os.O_RDWR)
    except OSError:
        return None


def _opened(file: Path, how: int) -> int:
    """Raises OSError when it is not there, when nobody listens, or when it is no pipe."""
    pipe = os.open(file, how | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
        os.close(pipe)
        raise FileNotFoundError(f"{file} is no pipe")
    return pipe
