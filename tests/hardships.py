"""What goes wrong while no process dies: faults of AiSensy and Graph, and of the machine that the gateway runs on."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import psutil
from crashing import Ordeal, Trial
from sqlalchemy import create_engine, text
from steps import INTERRUPTED

#: Why a call that got no plain answer is uncertain.
NO_ANSWER = frozenset({"timeout", "http_5xx", "not_json"})

#: Deliveries that AiSensy refuses alone, or for too long, fail.
REFUSED = frozenset({"failed"})

#: What the sandbox does to some requests, and what may come of it: doubts, other ends.
FAULTS: tuple[tuple[str, dict[str, Any], frozenset[str], frozenset[str]], ...] = (
    ("400 without a known word", {"status": 400}, frozenset(), REFUSED),
    ("401", {"status": 401}, frozenset(), REFUSED),
    ("404", {"status": 404}, frozenset(), REFUSED),
    ("408", {"status": 408}, NO_ANSWER, frozenset()),
    ("429 with Retry-After", {"status": 429, "retry_after": 2}, frozenset(), frozenset()),
    ("500", {"status": 500}, NO_ANSWER, frozenset()),
    ("503", {"status": 503}, frozenset(), frozenset()),
    ("a page with 502", {"html": True}, NO_ANSWER, frozenset()),
    ("a page with 200", {"html": True, "status": 200}, NO_ANSWER, frozenset()),
    ("200 that says no", {"status": 200, "body": {"success": False}}, frozenset(), REFUSED),
    ("cut before it is taken", {"cut": "before"}, NO_ANSWER, frozenset()),
    ("cut after it is taken", {"cut": "after"}, NO_ANSWER, frozenset()),
    ("silence before it is taken", {"hang": "before", "seconds": 1}, NO_ANSWER, frozenset()),
    ("silence after it is taken", {"hang": "after", "seconds": 1}, NO_ANSWER, frozenset()),
    ("answered, then closed", {"close": True}, frozenset(), frozenset()),
    ("slow", {"delay": 0.3}, frozenset(), frozenset()),
    ("look-up: 500", {"on": "graph", "status": 500}, frozenset(), frozenset()),
    ("look-up: cut", {"on": "graph", "cut": "before"}, frozenset(), frozenset()),
    ("look-up: a page", {"on": "graph", "html": True}, frozenset(), frozenset()),
)

#: Requests that one fault meets.
MET = 4

#: Seconds that the database is locked: short, and longer than any writer waits.
LOCKED = (1.0, 11.0)


def _faulty(fault: dict[str, Any], ordeal: Ordeal, leads: int) -> None:
    ordeal.fault(**{"times": MET} | fault)
    ordeal.post(leads)
    ordeal.settle()
    ordeal.mend()


def _without(switch: str, ordeal: Ordeal, leads: int) -> None:
    """The account has no credit or no plan for a while."""
    ordeal.fault(**{switch: "none"})
    before = ordeal.seen("send")
    ordeal.post(leads)
    ordeal.wait(lambda: ordeal.seen("send") > before)
    ordeal.leap()
    ordeal.fault(**{switch: "back"})


def _not_live(ordeal: Ordeal, leads: int) -> None:
    """The campaign is paused for a while."""
    ordeal.control("PUT", "campaigns/goa_villas_welcome", {"live": False})
    before = ordeal.seen("send")
    ordeal.post(leads)
    ordeal.wait(lambda: ordeal.seen("send") > before)
    ordeal.control("PUT", "campaigns/goa_villas_welcome", {"live": True})


def _locked(seconds: float, ordeal: Ordeal, leads: int) -> None:
    """Another connection keeps every writer out."""
    ordeal.post(leads // 2)
    with _lock(ordeal):
        ordeal.post(leads - leads // 2)
        time.sleep(seconds)  # that long the lock lasts


@contextmanager
def _lock(ordeal: Ordeal) -> Iterator[None]:
    if ordeal.ledger.on_sqlite:
        with _held(sqlite3.connect(ordeal.ledger.file, timeout=30, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")
        return
    with ordeal.ledger.write(door=True) as found:  # somebody who knows nothing of our own lock, nor of its time limit
        found.execute(text("LOCK TABLE events, leads, deliveries, attempts IN ACCESS EXCLUSIVE MODE"))
        yield


@contextmanager
def _held(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    try:
        yield connection
    finally:
        connection.close()


def _full(seconds: float, ordeal: Ordeal, leads: int) -> None:
    """No process can write a byte to any file."""
    ordeal.post(leads // 2)
    _limit(ordeal, 0)
    before = ordeal.statuses[503]
    ordeal.post(leads - leads // 2)
    time.sleep(seconds)  # that long the disk is full
    ordeal.wait(lambda: ordeal.statuses[503] > before, lambda: None)
    _limit(ordeal, psutil.RLIM_INFINITY)


def _limit(ordeal: Ordeal, size: int) -> None:
    """The largest file that the processes may write; the hard limit stays, so that it can be lifted again."""
    for pid in ordeal.gateway.family():
        with suppress(psutil.NoSuchProcess):
            psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))


def _hung_up(seconds: float, ordeal: Ordeal, leads: int) -> None:
    """The database ends every connection, again and again."""
    engine = create_engine(ordeal.ledger.url, isolation_level="AUTOCOMMIT")
    ordeal.post(leads)
    end = time.monotonic() + seconds
    with engine.connect() as connection:
        others = "pid <> pg_backend_pid() AND datname = current_database() AND application_name = ''"
        while time.monotonic() < end:
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
            time.sleep(0.1)  # the pace of the blows
    engine.dispose()


def _stepped(seconds: float, ordeal: Ordeal, leads: int) -> None:
    """The clock jumps while leads come and calls are out."""
    ordeal.post(leads // 2)
    ordeal.wait(lambda: ordeal.answered)
    ordeal.leap(seconds)
    ordeal.post(leads - leads // 2)


def _storm(ordeal: Ordeal, leads: int) -> None:
    """Every client posts the same leads at the same moment."""
    ordeal.post_at_once(max(3, leads // 4))


def trials(*, long: bool) -> Iterator[Trial]:
    """Every hardship; `long`: in full length."""
    for name, fault, doubts, ends in FAULTS:
        yield Trial(f"AiSensy: {name}" if "on" not in fault else name, partial(_faulty, fault), "", doubts, ends)
    yield Trial("no credit", partial(_without, "credit"))
    yield Trial("no plan", partial(_without, "plan"))
    yield Trial("the campaign is paused", _not_live)
    for seconds in LOCKED if long else LOCKED[:1]:
        yield Trial(f"the database is locked for {seconds:g} s", partial(_locked, seconds))
    yield Trial("the disk is full", partial(_full, 6.0 if long else 1.5), only="SQLite")
    yield Trial("the database hangs up", partial(_hung_up, 4.0 if long else 1.0), "", INTERRUPTED, only="PostgreSQL")
    yield Trial("the clock goes an hour ahead", partial(_stepped, 3600.0))
    yield Trial("the clock goes back an hour", partial(_stepped, -3600.0))
    yield Trial("16 clients post the same", _storm)
