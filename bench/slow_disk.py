"""A disk whose every sync takes 5 ms longer, for processes that are started with its environment."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from statistics import median

from commits import MILLI, commits

#: Milliseconds by which every sync is slowed.
SLOWER = 5.0

#: Why it cannot be had, where there is no compiler.
MISSING = "Slow syncs are not measured: the shim that makes them needs a C compiler (gcc), and there is none."

_TIMES = 200


def slow_disk(folder: Path) -> dict[str, str] | None:
    """The environment of a slow disk; its shim is put into `folder`. None without a compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        return None
    shim = folder / "slow_sync.so"
    source = Path(__file__).with_name("slow_sync.c")
    subprocess.run([compiler, "-shared", "-fPIC", "-O2", "-o", shim, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(shim), "SLOW_SYNC_US": f"{SLOWER * MILLI:.0f}"}


def one_a_commit(folder: Path, environment: dict[str, str]) -> tuple[float, float]:
    """Rows a second with one row a commit, and the milliseconds that the middle commit took."""
    times = commits(folder, _TIMES, os.environ | environment)
    return len(times) / sum(times) * MILLI, median(times)
