"""The benchmark, in its shortest form: that it runs, keeps count and says what it found. No figure is judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = "# Performance\n\n<!-- results: written by bench/ingest.py -->\nold\n<!-- end of results -->\n\nThe end.\n"


def _run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "ingest.py"), "--rounds", "1", "--seconds", "0.5"]
    return subprocess.run(
        [*command, "--folder", str(tmp_path), *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_a_short_run_prints_its_table_and_puts_it_into_the_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)

    done = _run(tmp_path, "--write", str(page))

    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert rows[0] == "| | gateway | bare app | ratio (rounds) |"
    assert any("leads accepted a second" in row for row in rows)
    assert any("post to call, p99" in row for row in rows)
    assert "every one is in the ledger, each has one call, and the books balance" in done.stdout
    assert "journal_mode=wal, synchronous=FULL" in done.stdout
    assert page.read_text() == PAGE.replace("old\n", done.stdout)


def test_a_page_without_a_place_for_results_is_refused_before_anything_runs(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("# Performance\n")

    done = _run(tmp_path, "--write", str(page))

    assert done.returncode == 2
    assert "lacks the lines" in done.stderr
    assert page.read_text() == "# Performance\n"
