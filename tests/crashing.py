"""An ordeal for a gateway: leads of every source keep coming, processes are killed, and in the end all must add up."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from harness import environment, wait_for
from senders import LOST, Posted, lead, send
from serving import Serving, serving

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import books, deliveries
from gateway.store.ledger import Ledger

#: Whom kill -9 may hit.
VICTIMS = ("parent", "worker", "web master", "web worker", "everything")

#: Leads posted around one kill: as many of each source.
BATCH = 6

#: A wait this long without success lets 150 seconds pass on the gateway's clock: rests, leases and retries end.
NUDGE, LEAP = 1.5, 150.0

#: Ends of a delivery, for calls that the sandbox never refuses.
ENDS = {"accepted", "uncertain"}

_SLOW = {"delay": 0.4, "times": 0}


@dataclass(frozen=True, slots=True)
class Moment:
    """When to kill: the fault that makes the moment last, and how to see that it has come."""

    name: str
    seen: Callable[[Ordeal], int]  #: Counts up; since the leads were posted it must have grown by `times`.
    times: int = 1
    fault: dict[str, Any] = field(default_factory=dict)
    fresh: bool = False  #: Everything is killed and started again first.


MOMENTS = (
    Moment("while it starts", lambda _: 0, 0, fresh=True),
    Moment("after the first 200", lambda ordeal: ordeal.answered),
    Moment("after the third 200", lambda ordeal: ordeal.answered, 3),
    Moment("with a look-up out", lambda ordeal: ordeal.seen("graph"), 1, _SLOW | {"on": "graph"}),
    Moment("with one call out", lambda ordeal: ordeal.seen("send"), 1, _SLOW),
    Moment("with three calls out", lambda ordeal: ordeal.seen("send"), 3, _SLOW),
    Moment("with a call taken, not answered", lambda ordeal: len(ordeal.calls()), 1, {"hang": "after", "seconds": 0.5}),
    Moment("with a call written down", lambda ordeal: ordeal.states()["accepted"]),
)


@dataclass(slots=True)
class Tally:
    """What came of an ordeal."""

    posted: int = 0
    answered: int = 0
    states: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)  #: Every broken promise, as a sentence.


@dataclass
class Ordeal:
    """A gateway under fire, and everything that was posted to it."""

    box: Sandbox
    ledger: Ledger
    gateway: Serving
    clock_file: Path
    posted: list[Posted] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(2 * BATCH))
    posting: list[Future[None]] = field(default_factory=list)

    def kill_at(self, moment: Moment, victim: str, later: float = 0.0) -> None:
        """Post leads, wait for the moment (and so many seconds more), kill; then see that something runs again."""
        if moment.fresh:
            self.gateway.kill_everything()
        self._keep_running()
        before = moment.seen(self)
        if moment.fault:
            self._control("POST", "faults", moment.fault)
        self.post(BATCH)
        self.wait(lambda: moment.seen(self) >= before + moment.times)
        time.sleep(later)  # moves the blow, waits for nothing
        self._kill(victim)
        self._control("DELETE", "faults")
        self._keep_running()

    def _kill(self, victim: str) -> None:
        if victim == "everything":
            self.gateway.kill_everything()
        else:
            self.wait(lambda: self.gateway.strike(victim) > 0)

    def _keep_running(self) -> None:
        """Start it again if its parent is dead, or has given up after five deaths."""
        if not self.gateway.alive:
            self.gateway.start()

    def post(self, count: int) -> None:
        """Post so many leads at once, each from a person of its own; their senders do not wait for one another."""
        for _ in range(count):
            made = lead(len(self.posted), lambda found: self._control("POST", "graph/leads", found))
            self.posted.append(made)
            self.posting.append(self.pool.submit(self._send, made))

    def _send(self, posted: Posted) -> None:
        """Post until the lead is answered, or until its sender would not try again."""
        while not self.over.is_set():
            status = send(self.gateway.port, posted)
            if status == 200:
                posted.answered = True
                return
            if status == LOST and not posted.comes_again:
                return
            time.sleep(0.05)  # the pace of a sender, not a wait for anything

    def _control(self, method: str, path: str, body: Any = None) -> None:
        requests.request(method, f"{self.box.url}/{path}", json=body, timeout=10).raise_for_status()

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.posted)

    def seen(self, kind: str) -> int:
        """How many requests of a kind the sandbox saw, whatever became of them."""
        return int(requests.get(f"{self.box.url}/seen", timeout=10).json()[kind])

    def calls(self) -> list[str]:
        """The phone numbers of every call that the sandbox took."""
        return [call["number"] for call in requests.get(f"{self.box.url}/calls", timeout=10).json()["calls"]]

    def states(self) -> Counter[str]:
        """How many deliveries are in each state."""
        with self.ledger.read() as connection:
            return Counter(str(one.state) for one in deliveries.listing(connection, limit=None))

    def wait(self, look: Callable[[], bool]) -> None:
        """Wait until it is so; every while, some minutes pass on the gateway's clock."""
        for _ in range(20):
            self._keep_running()
            try:
                wait_for(look, patience=NUDGE)
            except AssertionError:
                clock.move(self.clock_file, LEAP)
            else:
                return
        raise AssertionError(f"it never came to that; the log ends with\n{self.gateway.log[-3000:]}")

    def settle(self) -> None:
        """Wait until every sender is done and nothing moves any more."""
        self._keep_running()
        self.wait(lambda: all(sender.done() for sender in self.posting))
        for sender in self.posting:
            sender.result()
        self.wait(self._still)

    def _still(self) -> bool:
        with self.ledger.read() as connection:
            found = books.audit(connection)
        return "new" not in found.events and "waiting" not in found.leads and set(found.planned) <= ENDS

    def verdict(self) -> Tally:
        """Hold what was posted against the ledger, and the ledger against what the sandbox saw."""
        with self.ledger.read() as connection:
            promised = deliveries.listing(connection, limit=None)
            mistakes = books.audit(connection).mistakes
        tally = Tally(len(self.posted), self.answered, Counter(str(one.state) for one in promised), list(mistakes))
        of = Counter(one.destination for one in promised)
        state = {one.destination: str(one.state) for one in promised}
        calls = Counter(self.calls())
        sent = Counter(requests.get(f"{self.box.url}/seen", timeout=10).json()["destinations"])
        for one in self.posted:
            phone = one.phone
            tally.wrong += _judge(one, of[phone], state.get(phone, ""), calls[phone], sent[phone])
        return tally


def _judge(posted: Posted, promised: int, state: str, calls: int, sent: int) -> Iterator[str]:
    """What is wrong about one lead."""
    who = f"{posted.source} lead {posted.phone}"
    if posted.answered and not promised:
        yield f"{who} was answered 200 and is lost"
    if promised > 1:
        yield f"{who} has {promised} deliveries"
    if calls > 1 or sent > 1:
        yield f"{who}: {sent} requests left, {calls} were taken"
    if state == "accepted" and calls != 1:
        yield f"{who} is accepted, and {calls} calls were taken"
    if not promised and sent:
        yield f"{who} was messaged, and the ledger knows nothing of it"


@contextmanager
def ordeal(ledger: Ledger, box: Sandbox, folder: Path) -> Iterator[Ordeal]:
    """An ordeal on a migrated ledger; nothing of it is left running afterwards."""
    url = ledger.url.render_as_string(hide_password=False)
    settings = environment(box, folder, url)
    with serving(settings, folder) as gateway:
        found = Ordeal(box, ledger, gateway, Path(settings["GATEWAY_CLOCK_FILE"]))
        try:
            yield found
        finally:
            found.over.set()
            found.pool.shutdown()
