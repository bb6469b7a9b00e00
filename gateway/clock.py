"""One clock for every process. Tests move it through a file, so that hours pass in milliseconds.

The file holds the seconds to add to the host's time. Settings honour it only while every upstream
address is loopback.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

_file: Path | None = None
_read: tuple[int, float] = (0, 0.0)
_aligned = timedelta()

#: What is seen of another clock is as old as the answer; by less than this ours is not moved, so that it goes evenly.
_UNSURE = timedelta(seconds=0.1)


def follow(file: Path | None) -> None:
    """Move with the seconds written in `file`; None follows the host alone."""
    global _file, _read
    _file, _read = file, (0, 0.0)


def is_moved() -> bool:
    """Whether somebody may move this clock, so that hours may pass at any moment."""
    return _file is not None


def _offset() -> float:
    global _read  # noqa: PLW0603 - remembers what the file said at its last change
    if _file is None:
        return 0.0
    try:
        changed = _file.stat().st_mtime_ns
        if changed != _read[0]:
            _read = (changed, float(_file.read_text() or 0))
    except (OSError, ValueError):
        pass  # not there yet, or being written: the last offset holds
    return _read[1]


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC) + _aligned + timedelta(seconds=_offset())


def align(ahead: timedelta) -> None:
    """Go by a clock that is so far ahead of this host's: the database's, where several machines share one."""
    global _aligned  # noqa: PLW0603 - a process has one clock
    if abs(ahead - _aligned) > _UNSURE:
        _aligned = ahead


def move(file: Path, seconds: float) -> None:
    """Put every process that follows `file` that many seconds further ahead of the host."""
    before = float(file.read_text() or 0) if file.exists() else 0.0
    fresh = file.with_suffix(".next")
    fresh.write_text(str(before + seconds))
    fresh.replace(file)


monotonic = time.monotonic
