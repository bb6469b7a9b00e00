"""Named steps at which a test makes a process die, as a power cut would.

A file holds the name of a step. The first process that comes to this step takes the file away and dies, so that one
dies, and once. Settings honour the file only while every upstream address is loopback; without it a step costs one
look at a variable.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_file: Path | None = None


def follow(file: Path | None) -> None:
    """Die at the step that is written in `file`; None: never."""
    global _file  # noqa: PLW0603 - a process dies by one file
    _file = file


def here(step: str) -> None:
    """This process has come to a step."""
    if _file is not None and _is_wanted(step, _file):
        os.kill(os.getpid(), signal.SIGKILL)


def _is_wanted(step: str, file: Path) -> bool:
    """Whether this process shall die here, and no other came first: only one can take the file away."""
    try:
        if file.read_text() != step:
            return False
        file.rename(taken(file))
    except OSError:
        return False
    return True


def taken(file: Path) -> Path:
    """Where the file goes when a process dies by it."""
    return file.with_suffix(".taken")
