"""An ordeal for a gateway: leads of every source keep coming while things go wrong, and in the end all must add up."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
from harness import environment
from senders import LOST, Posted, lead, send
from serving import Serving, serving
from verdicts import Verdict, judge, still_to_do

from gateway import clock, crash
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: Clients that post at one time.
CLIENTS = 16

#: A wait this long in which nothing moves lets minutes pass on the gateway's clock: rests, leases and retries end.
NUDGE, LEAP = 0.3, 3700.0

#: On PostgreSQL what is due is looked for every second: a shorter wait says nothing.
LONG_NUDGE = 2.0

#: Seconds between lures: what was lured has had the time to come.
LURED = 2.5

#: So many nudges in vain, and a wait has failed.
NUDGES = 100

#: Seconds in which a late answer may still settle what was taken for lost.
LATE = 5.0

#: Seconds that the worker may take to see new mappings.
PUBLISHING = 4.0

#: The token of AiSensy's receipts.
RECEIPTS = "receipts"

#: What the gateway's mappings say in an ordeal; `docs/` and `mappings/` may say what they like.
MAPPING = """source: {source}
form: {form}
fields:
  phone: {phone}
  name: {name}
rules:
  - name: Everyone
    if_uncertain: {if_uncertain}
    call:
      campaignName: goa_villas_welcome
      destination: $phone
      userName: $name
      templateParams:
        - $name
"""

FORMS = (
    {"source": "website", "form": "price-list", "phone": "phone", "name": "name", "if_uncertain": "hold"},
    {"source": "typeform", "form": "AbC123xy", "phone": "phone", "name": "name", "if_uncertain": "send again"},
    {
        "source": "facebook",
        "form": "120213456789012345",
        "phone": "phone_number",
        "name": "full_name",
        "if_uncertain": "hold",
    },
)


@dataclass(frozen=True, slots=True)
class Trial:
    """One thing that goes wrong, and what may come of it."""

    name: str
    go: Callable[[Ordeal, int], None]  #: Posts so many leads, lets it go wrong, and sees it end.
    who: str = ""  #: The process that it befalls; "" where no process dies.
    doubts: frozenset[str] = frozenset()  #: Why a call may be uncertain afterwards, as the deliveries' tags say it.
    ends: frozenset[str] = frozenset()  #: How deliveries may end, beside accepted and uncertain.
    only: str = ""  #: The store it is for; "" for both.


@dataclass
class Ordeal:
    """A gateway under fire, and everything that was posted to it."""

    box: Sandbox
    ledger: Ledger
    gateway: Serving
    second: Serving | None = None  #: A second worker, on a ledger that takes more than one.
    posted: list[Posted] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CLIENTS))
    posting: list[Future[None]] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)  #: What the posted leads were answered.
    judged: int = 0  #: So many of those posted had their verdict.
    versions: int = 0  #: Of the mappings that were written here.
    touched: float = 0.0  #: When the last one was.

    @property
    def clock_file(self) -> Path:
        return Path(self.gateway.environment["GATEWAY_CLOCK_FILE"])

    @property
    def crash_file(self) -> Path:
        return Path(self.gateway.environment["GATEWAY_CRASH_FILE"])

    @property
    def port(self) -> int:
        """Where the next lead is posted to."""
        return self.gateway.port

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """Its clock is followed and its mappings are live; afterwards nobody posts any more."""
        clock.follow(self.clock_file)
        self.touch_mappings()
        try:
            yield
        finally:
            clock.follow(None)
            self.over.set()
            self.pool.shutdown(cancel_futures=True)

    def go_through(self, trial: Trial, leads: int) -> Verdict:
        """One trial, start to end: what goes wrong does, all that came is worked off, and then it is judged."""
        self.keep_running()
        trial.go(self, leads)
        self.settle()
        since, self.judged = self.judged, len(self.posted)
        deadline = time.monotonic() + LATE
        while True:
            found = judge(self.ledger, self.box.url, self.posted[since:], doubts=trial.doubts, ends=trial.ends)
            if not found.broken or time.monotonic() > deadline:
                return found
            time.sleep(0.2)
            self._work_off()  # a late no may have opened one again, whose next try is minutes away

    def keep_running(self) -> None:
        """Start it again if its parent is dead, or has given up after five deaths."""
        if not self.gateway.alive:
            self.gateway.start()
        if self.second and not self.second.alive:
            self.second.start("worker")

    def post(self, count: int, **answers: str) -> None:
        """Post so many leads, each from a person of its own; their senders do not wait for one another."""
        made = [lead(len(self.posted) + number, **answers) for number in range(count)]
        if at_graph := [one.at_graph for one in made if one.at_graph]:
            self.control("POST", "graph/leads", at_graph)
        self.posted += made
        self.posting += [self.pool.submit(self._send, one) for one in made]

    def post_at_once(self, count: int) -> None:
        """Post so many leads, each by every client at the same moment."""
        made = [lead(len(self.posted) + number) for number in range(count)]
        self.control("POST", "graph/leads", [one.at_graph for one in made if one.at_graph] or {})
        self.posted += made
        for one in made:
            together = threading.Barrier(CLIENTS)
            self.posting += [self.pool.submit(self._storm, one, together) for _ in range(CLIENTS)]

    def _storm(self, posted: Posted, together: threading.Barrier) -> None:
        together.wait(timeout=60)
        self._send(posted)

    def _send(self, posted: Posted) -> None:
        """Post until the lead is answered, or until its sender would not try again."""
        while not self.over.is_set():
            status = send(self.port, posted)
            self.statuses[status] += 1
            if status == 200:
                posted.answered = True
                return
            if status == LOST and not posted.comes_again:
                return
            time.sleep(0.05)  # the pace of a sender, not a wait for anything

    def control(self, method: str, path: str, body: Any = None) -> None:
        requests.request(method, f"{self.box.url}/{path}", json=body, timeout=10).raise_for_status()

    def fault(self, **fault: Any) -> None:
        """Ask the sandbox for a fault."""
        self.control("POST", "faults", fault)

    def mend(self) -> None:
        self.control("DELETE", "faults")

    @property
    def answered(self) -> int:
        return sum(one.answered for one in self.posted)

    def seen(self, kind: str) -> int:
        """How many requests of a kind the sandbox saw, whatever became of them."""
        return int(requests.get(f"{self.box.url}/seen", timeout=10).json()[kind])

    def taken(self) -> int:
        """How many calls the sandbox took."""
        return len(requests.get(f"{self.box.url}/calls", timeout=10).json()["calls"])

    def knock(self, path: str, **request: Any) -> None:
        """Ask the gateway something, and do not care for the answer."""
        with suppress(requests.RequestException):
            requests.request(request.pop("method", "GET"), f"{self.gateway.url}/{path}", timeout=5, **request)

    def touch_mappings(self) -> None:
        """Write every mapping anew, so that there is a new version of them; not while the last one is looked at."""
        if time.monotonic() - self.touched < PUBLISHING:
            return
        self.versions, self.touched = self.versions + 1, time.monotonic()
        for form in FORMS:
            text = f"# version {self.versions}\n{MAPPING.format(**form)}"
            path = Path(self.gateway.environment["GATEWAY_MAPPINGS"], f"{form['source']}.yaml")
            fresh = path.with_suffix(".new")
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(path)

    def leap(self, seconds: float = LEAP) -> None:
        """Let time pass on the gateway's clock."""
        clock.move(self.clock_file, seconds)

    def wait(self, look: Callable[[], object], lure: Callable[[], object] | None = None) -> None:
        """Wait until it is so. Every while the lure is thrown; without one, the gateway's clock leaps."""
        for _ in range(NUDGES):
            self.keep_running()
            if _comes(look, LURED if lure else self._nudge):
                return
            (lure or self.leap)()
        raise AssertionError(f"it never came to that; the log ends with\n{self.gateway.log[-3000:]}")

    @property
    def _nudge(self) -> float:
        return NUDGE if self.ledger.on_sqlite else LONG_NUDGE

    def settle(self) -> None:
        """Wait until every sender is done and nothing moves any more."""
        self.wait(lambda: all(sender.done() for sender in self.posting), lambda: None)
        for sender in self.posting:
            sender.result()
        self.posting.clear()
        self._work_off()

    def _work_off(self) -> None:
        """Wait until nothing is left to do; the clock leaps only while nothing moves."""
        before = still_to_do(self.ledger)
        for _ in range(NUDGES):
            self.keep_running()
            if _comes(lambda: not any(still_to_do(self.ledger)), self._nudge):
                return
            left = still_to_do(self.ledger)
            if left == before:
                self.leap()
            before = left
        raise AssertionError(f"it never came to an end; the log ends with\n{self.gateway.log[-3000:]}")

    def die_at(self, step: str, lure: Callable[[Ordeal], None]) -> None:
        """Let a process come to a step, and die there."""
        crash.taken(self.crash_file).unlink(missing_ok=True)
        self.crash_file.write_text(step)
        lure(self)
        self.wait(crash.taken(self.crash_file).exists, lambda: lure(self))


def _comes(look: Callable[[], object], seconds: float) -> bool:
    """Whether it is so within some seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if look():
            return True
        time.sleep(0.02)
    return False


@contextmanager
def ordeal(ledger: Ledger, box: Sandbox, folder: Path, workers: int = 1) -> Iterator[Ordeal]:
    """An ordeal on a migrated ledger; nothing of it is left running afterwards."""
    url = ledger.url.render_as_string(hide_password=False)
    settings = environment(box, folder, url)
    settings |= {
        "AISENSY_WEBHOOK_TOKEN": RECEIPTS,
        "GATEWAY_CRASH_FILE": str(folder / "crash"),
        "GATEWAY_DEADLINE": "8",
    }
    with serving(settings, folder) as gateway, serving(settings, folder) as other:
        found = Ordeal(box, ledger, gateway, other if workers > 1 else None)
        with found.under_way():
            yield found
