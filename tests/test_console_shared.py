"""What many pages share is made by one thread, and keeps the others waiting for a bounded time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import wait_for
from werkzeug.exceptions import ServiceUnavailable

from gateway.console import shared
from gateway.console.shared import Shared


class Slow:
    """A computation that ends when it is told to; it counts how often it was begun."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.begun = 0

    def make(self) -> int:
        self.begun += 1
        number = self.begun
        assert self.goes_on.wait(20)
        return number


def taken(do: Callable[[], object]) -> float:
    start = time.monotonic()
    do()
    return time.monotonic() - start


def test_what_was_never_made_keeps_nobody_waiting_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_WAITS", 0.05)
    slow = Slow()
    thing = Shared(slow.make)
    with ThreadPoolExecutor(1) as others:
        first = others.submit(thing.get)
        wait_for(lambda: slow.begun == 1)
        with pytest.raises(ServiceUnavailable, match="Load the page again in a moment"):
            thing.get()
        slow.goes_on.set()
        assert first.result() == 1
    assert (thing.get(), slow.begun) == (1, 1)


def test_while_something_is_made_anew_the_others_get_the_last_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_WAITS", 0.05)
    slow = Slow()
    slow.goes_on.set()
    thing = Shared(slow.make, fresh=0.0)  # stale at once
    assert thing.get() == 1
    slow.goes_on.clear()
    with ThreadPoolExecutor(1) as others:
        second = others.submit(thing.get)
        wait_for(lambda: slow.begun == 2)
        assert taken(lambda: thing.get() == 1) < 5.0
        slow.goes_on.set()
        assert second.result() == 2


def test_what_could_not_be_made_is_made_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "_WAITS", 0.05)
    tries = iter((1, 7))

    def make() -> int:
        found = next(tries)
        if found == 1:
            raise OSError("no disk")
        return found

    thing = Shared(make)
    with pytest.raises(OSError, match="no disk"):
        thing.get()
    assert thing.get() == 7
