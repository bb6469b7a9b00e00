"""The benchmark, in its shortest form: that it runs, keeps count and says what it found. No figure is judged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = "# Performance\n\n<!-- results: written by bench/run.py -->\nold\n<!-- end of results -->\n\nThe end.\n"


def _run(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "bench" / "run.py"), "--rounds", "1", "--seconds", "0.5", "--leads", "40"]
    return subprocess.run(
        [*command, "--folder", str(tmp_path), *arguments], capture_output=True, text=True, timeout=300, check=False
    )


def test_a_short_run_prints_its_table_and_puts_it_into_the_page(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(PAGE)

    done = _run(tmp_path, "--only", "steady", "--only", "drain", "--write", str(page))

    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("|")]
    assert rows[0] == "| | gateway | beside | ratio |"
    assert any("post to call, p99" in row for row in rows)
    assert any("seconds from the first post to the last call" in row for row in rows)
    assert "every one is in the ledger, each has one call, and the books balance" in done.stdout
    assert "journal_mode=wal, synchronous=FULL" in done.stdout
    assert page.read_text() == PAGE.replace("old\n", done.stdout)


def test_the_growth_is_measured_on_ledgers_that_are_filled_first(tmp_path: Path) -> None:
    done = _run(tmp_path, "--only", "growth", "--sizes", "20", "60")

    assert done.returncode == 0, done.stderr
    assert "| a claim of 32, ms, 60 leads |" in done.stdout
    assert "the books balance" in done.stdout


def test_a_page_without_a_place_for_results_is_refused_before_anything_runs(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("# Performance\n")

    done = _run(tmp_path, "--write", str(page))

    assert done.returncode == 2
    assert "lacks the lines" in done.stderr
    assert page.read_text() == "# Performance\n"


def test_the_pages_of_the_console_are_timed_and_weighed(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "bench" / "console.py"), "--leads", "60", "--times", "2"]
    done = subprocess.run(
        [*command, "--folder", str(tmp_path)], capture_output=True, text=True, timeout=300, check=False
    )

    assert "60 leads are in the ledger" in done.stderr, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if line.startswith("| ")]
    assert [row[0] for row in rows[:2]] == ["| Page", "| Today"]
    assert any(row[0].startswith("| Search by a phone number") for row in rows)
    assert (done.returncode == 1) == ("too much" in done.stdout)
