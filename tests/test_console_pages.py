"""Every page of the console as people meet it: on a phone and on a desk, by light and dark, by keyboard, and by weight.

Set GATEWAY_SCREENSHOTS to a folder to get a picture of every page from it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Literal

import pytest
from browsing import DESKTOP, PHONE, enter, violations, window
from consoling import Browser as Person
from consoling import sign_in
from filled import STATES, fill, pages
from harness import Running, running
from playwright.sync_api import Browser, Page

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: The most bytes of a page with its styles and scripts.
MOST_BYTES = 100_000

#: How far the browser is asked for a page that is too wide.
_TOO_WIDE = """() => {
  const page = document.scrollingElement, wide = page.clientWidth + 1;
  if (page.scrollWidth <= wide) return [];
  return [...document.querySelectorAll("main *")].filter((one) => one.getBoundingClientRect().right > wide)
    .slice(0, 5).map((one) => one.tagName + "." + one.className);
}"""

#: Nothing renews itself while a page is looked at.
_STILL = (
    "const later = setTimeout; setTimeout = (does, wait, ...more) => wait >= 5000 ? 0 : later(does, wait, ...more);"
)

#: Notes what the keyboard comes to, and whether that can be seen.
_WATCH = """() => {
  const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0;
  const inGroup = (one) => one.type === "radio" && !one.checked
    && document.querySelector(`input[type=radio][name="${one.name}"]:checked`);
  const stops = "a[href], button, input, select, textarea, summary";
  window.wanted = [...document.querySelectorAll(stops)].filter((one) => shown(one) && !inGroup(one));
  window.met = []; window.unseen = [];
  document.addEventListener("focusin", ({ target }) => {
    if (!window.wanted.includes(target)) return;
    window.met.push(target);
    const places = [target, target.parentElement, target.closest(".editor")].filter((one) => one);
    const hasRing = (ring) => ring.outlineStyle !== "none" && parseFloat(ring.outlineWidth) >= 1;
    if (!places.some((one) => hasRing(getComputedStyle(one)))) window.unseen.push(target.outerHTML.slice(0, 90));
  });
  document.activeElement.blur();
  return window.wanted.length;
}"""
_MET = """() => {
  const first = [...new Set(window.met)], missed = window.wanted.filter((one) => !first.includes(one));
  const places = first.map((one) => window.wanted.indexOf(one));
  const inOrder = places.filter((one, at) => at && one < places[at - 1]).length <= 1;  // it may begin in the middle
  return [missed.map((one) => one.outerHTML.slice(0, 90)), inOrder, window.unseen];
}"""


@dataclass(frozen=True, slots=True)
class House:
    """A gateway with something of everything in it, and where its pages are."""

    gateway: Running
    paths: tuple[str, ...]  #: The parts behind /console/.


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("pages")
    ledger = Ledger(f"sqlite:///{folder / 'data' / 'gateway.db'}")
    ledger.migrate()
    with Sandbox() as box, running(ledger, box, folder) as gateway:
        found = fill(gateway)
        assert found.keys() == {*STATES}
        yield House(gateway, tuple(pages(found)))
    clock.follow(None)
    ledger.close()


@contextmanager
def signed_in(browser: Browser, house: House, size: tuple[int, int] = DESKTOP) -> Iterator[Page]:
    """A window of somebody who may change things."""
    code = house.gateway.command("console", "code", "--name", "Asha").output.split()[0]
    with window(browser, size) as page:
        page.add_init_script(_STILL)
        page.emulate_media(reduced_motion="reduce")  # else colours are seen half-way between light and dark
        enter(page, house.gateway.url, code)
        yield page


def goto(page: Page, house: House, path: str) -> None:
    answer = page.goto(f"{house.gateway.url}/console/{path}")
    assert answer, path
    assert answer.status == 200, (path, answer.status)


def picture(page: Page, path: str, name: str) -> None:
    """A picture of the whole page, where somebody asked for them."""
    if folder := os.environ.get("GATEWAY_SCREENSHOTS"):
        file = Path(folder) / f"{re.sub(r'[^a-z0-9]+', '-', path.lower()).strip('-')}-{name}.png"
        page.screenshot(path=file, full_page=True)


@pytest.mark.parametrize(("size", "scheme"), [(PHONE, "dark"), (DESKTOP, "light")])
def test_every_page_fits_can_be_read_and_says_what_it_is(
    house: House, browser: Browser, size: tuple[int, int], scheme: Literal["dark", "light"]
) -> None:
    wrong: list[str] = []
    with signed_in(browser, house, size) as page:
        page.emulate_media(color_scheme=scheme)
        for path in house.paths:
            goto(page, house, path)
            wrong += [f"{path} is too wide: {one}" for one in page.evaluate(_TOO_WIDE)]
            wrong += [f"{path} {one}" for one in violations(page)]
            picture(page, path, "phone" if size == PHONE else "desk")
            headings = page.locator("h1").count()
            wrong += [f"{path} has {headings} h1"] if headings != 1 else []
    assert not wrong, "\n".join(wrong)


def test_the_keyboard_comes_to_everything_in_the_order_of_the_page_and_one_sees_where(
    house: House, browser: Browser
) -> None:
    wrong: list[str] = []
    with signed_in(browser, house) as page:
        for path in house.paths:
            goto(page, house, path)
            for _ in range(page.evaluate(_WATCH) + 12):  # a scroller that one can scroll by keys is a stop, too
                if page.evaluate("document.activeElement.tagName") == "TEXTAREA":
                    page.keyboard.press("Escape")  # in the editor Tab writes, and says how to get out
                page.keyboard.press("Tab")
            missed, in_order, unseen = page.evaluate(_MET)
            wrong += [f"{path}: Tab never comes to {one}" for one in missed]
            wrong += [] if in_order else [f"{path}: Tab goes another way than the page"]
            wrong += [f"{path}: the focus is not to be seen on {one}" for one in unseen]
    assert not wrong, "\n".join(wrong)


def test_every_page_with_its_styles_and_scripts_is_light(house: House) -> None:
    asha = sign_in(house.gateway, "Ravi")
    heavy = {path: weight for path in house.paths if (weight := _weight(asha, path)) > MOST_BYTES}
    assert heavy == {}


def _weight(person: Person, path: str) -> int:
    """Bytes of a page and of all that it loads."""
    page = person.page(path)
    loads = re.findall(r'<(?:link|script|img)\b[^>]*\b(?:href|src)="([^"]+)"', page)
    assert all(one.startswith("/console/static/") for one in loads), loads
    parts = {unescape(one).removeprefix("/console/") for one in loads}
    return len(page.encode()) + sum(len(person.get(one).content) for one in parts)
