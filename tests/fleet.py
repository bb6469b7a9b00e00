"""Many machines on one PostgreSQL ledger, any of which may die at any moment."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import requests
from crashing import RECEIPTS, Ordeal
from harness import environment, wait_for
from senders import lead
from serving import Serving, run_command, serving
from steps import INTERRUPTED
from verdicts import Verdict, judge, still_to_do

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: So many of each.
WORKERS, WEBS = 3, 2

#: Seconds in which nothing moved, and those that then pass on the clock: leases and rests end.
STILL, MINUTE = 2.5, 60.0

#: Seconds in which all that came must be worked off.
PATIENCE = 300.0

#: Seconds between two kills, and between two leads.
BETWEEN_KILLS, BETWEEN_LEADS = 2.5, 0.025


@dataclass(slots=True)
class Endured:
    """What came of a storm."""

    verdict: Verdict
    killed: dict[str, int]
    seconds: float
    gap: float  #: The longest time between two calls that were taken, in seconds, while leads kept coming.


@dataclass
class Fleet(Ordeal):
    """Workers and web processes, each on its own as if on a machine of its own."""

    workers: list[Serving] = field(default_factory=list)
    webs: list[Serving] = field(default_factory=list)
    turn: Iterator[int] = field(default_factory=itertools.count)

    @property
    def port(self) -> int:
        """Requests are shared out among the web processes."""
        return self.webs[next(self.turn) % len(self.webs)].port

    def keep_running(self) -> None:
        for web in self.webs:
            if not web.alive:
                web.start("web", "--bind", f"127.0.0.1:{web.port}")
        for worker in self.workers:
            if not worker.alive:
                worker.start("worker")

    def wait_until_well(self) -> None:
        self.keep_running()
        for web in self.webs:
            web.wait_until_well()
        wait_for(lambda: requests.get(f"{self.gateway.url}/healthz", timeout=5).json().get("workers"), _are_all)

    def storm(self, seconds: float, chance: random.Random, *, kills: bool = True) -> Endured:
        """Leads keep coming while one process after the other is killed, and started again."""
        self.wait_until_well()
        killed = {"worker": 0, "web": 0}
        end, kill_at = time.monotonic() + seconds, time.monotonic() + BETWEEN_KILLS
        began = clock.now()
        while time.monotonic() < end:
            self._post_one()
            if kills and time.monotonic() > kill_at:
                kill_at += BETWEEN_KILLS
                who = chance.choice([*self.workers, *self.webs])
                who.kill_everything()
                killed["worker" if who in self.workers else "web"] += 1
                self.keep_running()
            time.sleep(BETWEEN_LEADS)  # the pace of the leads
        ended = clock.now()
        self.settle()
        return Endured(self._verdict(), killed, seconds, self._gap(began, ended))

    def _work_off(self) -> None:
        """Wait until nothing is left to do; once nothing moves any more, time passes on the fleet's clock."""
        left, since = still_to_do(self.ledger), time.monotonic()
        deadline = since + PATIENCE
        while any(left):
            assert time.monotonic() < deadline, f"unread, waiting and moving: {left}"
            self.keep_running()
            time.sleep(0.1)
            before, left = left, still_to_do(self.ledger)
            if left != before:
                since = time.monotonic()
            elif time.monotonic() - since > STILL:
                since = time.monotonic()
                self.leap()

    def leap(self, seconds: float = MINUTE) -> None:
        """Let time pass on every clock."""
        for file in {one.environment["GATEWAY_CLOCK_FILE"] for one in (*self.workers, *self.webs)}:
            clock.move(Path(file), seconds)

    def _post_one(self) -> None:
        """One lead; its sender does not wait for the others."""
        made = lead(len(self.posted))
        if made.at_graph:
            self.control("POST", "graph/leads", [made.at_graph])
        self.posted.append(made)
        self.posting.append(self.pool.submit(self._send, made))

    def _verdict(self) -> Verdict:
        found = judge(self.ledger, self.box.url, self.posted, doubts=INTERRUPTED, ends=frozenset())
        audit = run_command(self.gateway.environment, self.gateway.folder, "audit")
        found.wrong += audit.stdout.splitlines() if audit.returncode else []
        return found

    def _gap(self, began: datetime, ended: datetime) -> float:
        calls = requests.get(f"{self.box.url}/calls", timeout=30).json()["calls"]
        moments = [moment for call in calls if began <= (moment := datetime.fromisoformat(call["at"])) <= ended]
        return max((later - before).total_seconds() for before, later in pairwise([began, *moments, ended]))


def _are_all(workers: int | None) -> bool:
    return workers == WORKERS


@contextmanager
def fleet(ledger: Ledger, box: Sandbox, folder: Path, **more: str) -> Iterator[Fleet]:
    """A fleet on a migrated ledger, its mappings published; nothing of it is left running afterwards."""
    url = ledger.url.render_as_string(hide_password=False)
    settings = environment(box, folder, url)
    settings |= {"AISENSY_WEBHOOK_TOKEN": RECEIPTS, "GATEWAY_FOLLOW": "no", "GATEWAY_DEADLINE": "8"} | more
    with ExitStack() as family:
        webs = [family.enter_context(serving(settings, folder)) for _ in range(WEBS)]
        workers = [family.enter_context(serving(settings, folder)) for _ in range(WORKERS)]
        found = Fleet(box, ledger, webs[0], webs=webs, workers=workers)
        with found.under_way():
            published = run_command(settings, folder, "publish")
            assert published.returncode == 0, published.stderr
            yield found
