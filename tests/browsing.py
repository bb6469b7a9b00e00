"""A real headless Chromium for the tests of pages.

It is looked for in GATEWAY_CHROMIUM, on the PATH, among Playwright's own, and installed from Debian's packages where
the tests run as root. Where there is none, tests that need it are skipped; under CI=true that is a failure.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: It asks for nothing outside, and runs as root.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
]

PHONE, DESKTOP = (390, 844), (1280, 900)

#: Milliseconds that Playwright waits for what a test asks for.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@cache
def chromium() -> str:
    """The browser's program; skips the test where there is none."""
    own = os.environ.get("GATEWAY_CHROMIUM", "")
    found = own or next(filter(None, map(shutil.which, _NAMES)), None) or _playwrights() or _debians()
    if found:
        return found
    says = "no Chromium was found: set GATEWAY_CHROMIUM to its program"
    if os.environ.get("CI") == "true":
        pytest.fail(says)
    pytest.skip(says)


def _playwrights() -> str:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else ""


def _debians() -> str:
    """Debian's package, where we may install it; one test process at a time."""
    if os.geteuid() or not shutil.which("apt-get"):
        return ""
    with Path(tempfile.gettempdir(), "gateway-tests-chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not shutil.which("chromium"):
            for command in ("update", "install -y --no-install-recommends chromium fonts-noto-core"):
                subprocess.run(
                    ["apt-get", "-q", *command.split()],
                    check=False,
                    capture_output=True,
                    timeout=400,
                    env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
                )
    return shutil.which("chromium") or ""


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser, until the block ends."""
    program = chromium()
    with sync_playwright() as playwright:
        yield _launched(playwright, program)


def _launched(playwright: Playwright, program: str) -> Browser:
    return playwright.chromium.launch(executable_path=program, headless=True, args=_FLAGS)


@contextmanager
def window(browser: Browser, size: tuple[int, int] = DESKTOP, *, dark: bool = False) -> Iterator[Page]:
    """One person's window with cookies of its own; fails when a page's script failed, or wanted what it may not."""
    context = _context(browser, size, dark=dark)
    page, faults = context.new_page(), list[str]()
    page.set_default_timeout(PATIENCE)
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    wrong = [fault for fault in faults if not re.search(r"status of 4\d\d", fault)]
    assert not wrong, wrong


def _context(browser: Browser, size: tuple[int, int], *, dark: bool) -> BrowserContext:
    return browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        device_scale_factor=2 if size == PHONE else 1,
        has_touch=size == PHONE,
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        timezone_id="Asia/Kolkata",
    )


def enter(page: Page, url: str, code: str, name: str = "Asha", password: str = "four words are easy") -> None:
    """Set the first password by a code, as a newcomer does."""
    page.goto(f"{url}/console/welcome")
    page.get_by_label("One-time code").fill(code)
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Set it and go in").click()
    page.wait_for_url("**/console/today")


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong with a page for people who see, hear or move otherwise."""
    found: list[dict[str, Any]] = Axe().run(page).response["violations"]
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in found for node in one["nodes"]]
