"""A machine that is out of threads: what could not be asked was never asked, and is asked once there are some."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import urlencode

from harness import Running, somebody, wait_for

from gateway import clock
from gateway.model import Event
from gateway.store import events
from gateway.worker.threads import Threads

#: A stack that no machine has room for: a thread that wants it cannot be started.
HUGE = 1 << 60


@contextmanager
def out_of_threads() -> Iterator[None]:
    """No thread of this process can be started meanwhile."""
    threading.stack_size(HUGE)
    try:
        yield
    finally:
        threading.stack_size(0)


def bring_all(threads: Threads[str]) -> dict[str, str]:
    """What comes of all that is out."""

    def brought() -> int:
        threads.collect()
        return len(threads.brought)

    wait_for(brought, lambda count: count == len(threads.out))
    found = dict(threads.brought)
    threads.written()
    return found


def test_what_no_thread_could_be_had_for_is_never_asked_and_says_so_at_once() -> None:
    asked: list[str] = []
    threads = Threads[str](4, lambda: None)

    def ask(name: str) -> str:
        asked.append(name)
        return "asked"

    with out_of_threads():
        for name in ("a", "b", "c"):
            threads.start(name, partial(ask, name), lambda: "never")
        assert bring_all(threads) == {"a": "never", "b": "never", "c": "never"}

    threads.start("a", partial(ask, "a again"), lambda: "never")
    assert bring_all(threads) == {"a": "asked"}
    assert asked == ["a again"]
    threads.close()


def test_what_is_out_comes_back_though_no_further_thread_can_be_had() -> None:
    let = threading.Event()
    threads = Threads[str](4, lambda: None)
    threads.start("first", lambda: str(let.wait(20)), lambda: "never")
    with out_of_threads():
        threads.start("second", lambda: "asked", lambda: "never")
        let.set()
        assert bring_all(threads) == {"first": "True", "second": "never"}
    threads.close()


def test_after_a_shortage_as_many_are_asked_at_once_as_before() -> None:
    together = threading.Barrier(4, timeout=20)
    threads = Threads[str](4, lambda: None)

    def ask() -> str:
        together.wait()
        return "asked with the others"

    with out_of_threads():
        for name in "abcd":
            threads.start(name, lambda: "asked", lambda: "never")
    bring_all(threads)

    for name in "efgh":
        threads.start(name, ask, lambda: "never")

    assert bring_all(threads) == dict.fromkeys("efgh", "asked with the others")
    threads.close()


def test_calls_and_look_ups_that_no_thread_could_be_had_for_leave_later_each_once(gateway: Running) -> None:
    from_facebook = gateway.posting("facebook/one-lead-large-budget.json").body
    with out_of_threads():
        with gateway.ledger.write() as connection:  # the web application needs threads, too
            events.add(connection, [_form(number) for number in range(3)])
            events.add(connection, [Event("facebook", "", clock.now(), "application/json", "", from_facebook)])
        wait_for(gateway.deliveries, lambda found: [one.tries for one in found] == [1, 1, 1])
        wait_for(gateway.leads, lambda found: [one.tries for one in found if one.lead.source == "facebook"] == [1])
    assert gateway.seen()["graph"] == 0

    gateway.let_time_pass(400, 20)

    gateway.wait_for_states(accepted=4)
    assert len(gateway.calls()) == 4
    assert [_tries(gateway, number) for number in (1, 2, 3)] == [
        [("transient", "the call could not be made: this machine is out of threads"), ("accepted", "")]
    ] * 3


def _form(number: int) -> Event:
    body = urlencode(somebody(number)).encode()
    return Event("website", "price-list", clock.now(), "application/x-www-form-urlencoded", "", body)


def _tries(gateway: Running, delivery_id: int) -> list[tuple[str, str]]:
    return [
        (row["outcome"], row["text"] if row["outcome"] != "accepted" else "") for row in gateway.attempts(delivery_id)
    ]
