"""The demo, as a newcomer runs it."""

from __future__ import annotations

import os
import subprocess
import sys

from harness import ROOT


def test_the_demo_posts_every_sample_and_all_come_out_as_expected() -> None:
    misleading = {
        "AISENSY_API_KEY": "a-real-key",
        "AISENSY_BASE_URL": "https://backend.aisensy.com",
        "GATEWAY_COUNTRY": "XX",
    }

    done = subprocess.run(
        [sys.executable, "-m", "gateway", "demo", "--once"],
        cwd=ROOT,
        env=os.environ | misleading,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "came out as expected." in done.stdout
    assert "NOT AS EXPECTED" not in done.stdout
    assert "a-real-key" not in done.stdout + done.stderr
    for source in ("facebook", "typeform", "website"):
        assert any(line.startswith(source) and line.endswith("accepted") for line in done.stdout.splitlines())
    assert '"templateParams"' in done.stdout
