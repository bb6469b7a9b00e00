"""Every named step of the gateway at which a process can be made to die, and how to lure one there."""

from __future__ import annotations

import ast
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from crashing import RECEIPTS, Ordeal, Trial

GATEWAY = Path(__file__).parent.parent / "gateway"

#: What a dead worker leaves behind: calls that were out.
INTERRUPTED = frozenset({"interrupted"})

Lure = Callable[[Ordeal], None]


@dataclass(frozen=True, slots=True)
class Place:
    """Something that a process does, with a step before and after it."""

    name: str
    who: str  #: The processes that do it.
    lure: Lure
    doubts: frozenset[str] = frozenset()  #: Why calls may be uncertain, beside those that a dead worker leaves.
    only: str = ""  #: The store on which it happens; "" for both.


def _people(ordeal: Ordeal) -> None:
    """One lead of each source."""
    ordeal.post(3)


def _stranger(ordeal: Ordeal) -> None:
    ordeal.knock("hooks/website/price-list", method="POST", data={"name": "x"}, headers={"X-Gateway-Token": "wrong"})


def _look_at_health(ordeal: Ordeal) -> None:
    ordeal.knock("healthz")


def _start_worker(ordeal: Ordeal) -> None:
    ordeal.gateway.strike("worker")


def _start_everything(ordeal: Ordeal) -> None:
    ordeal.gateway.kill_everything()
    ordeal.gateway.start()
    ordeal.wait(lambda: not ordeal.gateway.alive or ordeal.gateway.health() == 200, lambda: None)


def _receipt(ordeal: Ordeal) -> None:
    """AiSensy tells something of a message."""
    number = time.monotonic_ns()
    body = {"id": f"ntf_{number}", "topic": "message.status.updated", "data": {"message": {"id": f"ais_{number}"}}}
    ordeal.knock(f"hooks/aisensy?token={RECEIPTS}", method="POST", json=body)


def _end_worker(ordeal: Ordeal) -> None:
    """Ask the worker to end while calls are out."""
    ordeal.mend()
    ordeal.fault(delay=0.5, times=6)
    before = ordeal.seen("send")
    ordeal.post(6)
    ordeal.wait(lambda: ordeal.seen("send") > before)
    ordeal.gateway.strike("worker", signal.SIGTERM)


def _trouble(ordeal: Ordeal) -> None:
    """AiSensy answers nothing but 503 for a while; once its rest is over, it is asked whether it answers."""
    ordeal.mend()
    ordeal.fault(status=503, times=12)
    ordeal.post(12)
    ordeal.wait(lambda: not ordeal.seen("send") < 2)
    ordeal.leap()


def _new_answer(ordeal: Ordeal) -> None:
    """A form has a new question."""
    ordeal.post(12, **{f"question {len(ordeal.posted)}": "yes"})
    ordeal.wait(lambda: all(sender.done() for sender in ordeal.posting), lambda: None)
    ordeal.leap(61)


#: Write transactions, by the names that `Ledger.write` is given.
COMMITS = (
    Place("migration", "parent", _start_everything, INTERRUPTED),
    Place("event", "web", _people),
    Place("refusals", "web", _stranger),
    Place("pulse", "web", _look_at_health),
    Place("receipt", "web", _receipt),
    Place("start", "worker", _start_worker),
    Place("beat", "worker", lambda _: None),
    Place("mappings", "worker", Ordeal.touch_mappings),
    Place("new version", "worker", Ordeal.touch_mappings, only="two workers"),
    Place("drift", "worker", _new_answer),
    Place("reading", "worker", _people),
    Place("receipts", "worker", _receipt),
    Place("claim", "worker", _people),
    Place("announcing", "worker", _trouble, only="PostgreSQL"),
    Place("last results", "worker", _end_worker),
    Place("stopping", "worker", _end_worker),
    Place("stopped", "worker", _end_worker),
)

#: What leaves, by the names that calls out are given.
CALLS = (
    Place("call", "worker", _people),
    Place("look-up", "worker", _people),
    Place("question", "worker", _trouble),
)


def trials() -> Iterator[Trial]:
    """A crash at every step."""
    for place in COMMITS:
        for step in (f"before the commit: {place.name}", f"after the commit: {place.name}"):
            yield _trial(step, place)
    for place in CALLS:
        for step in (f"before the {place.name} leaves", f"while the {place.name} is out"):
            yield _trial(step, place)
        yield _trial(f"after the {place.name} is answered", place)


def _trial(step: str, place: Place) -> Trial:
    doubts = place.doubts | (INTERRUPTED if place.who == "worker" else frozenset())
    return Trial(step, partial(_crash, step, place.lure), place.who, doubts, only=place.only)


def _crash(step: str, lure: Lure, ordeal: Ordeal, leads: int) -> None:
    """Some leads come before, some while the process dies, some after."""
    third = leads // 3
    ordeal.post(third)
    ordeal.die_at(step, lure)
    ordeal.mend()
    ordeal.post(leads - third)


#: Steps below them that nothing but a command or a click comes to.
BY_PEOPLE = frozenset({"console code", "replay", "save a mapping"})


def in_the_code() -> set[str]:
    """The names of the transactions and calls of the processes that run, as the code writes them."""
    return {name for _path, call in _calls() for name in _names(call)}


def without_a_name() -> list[str]:
    """Write transactions that no crash can be aimed at: file and line."""
    return [f"{path.name}:{call.lineno}" for path, call in _calls() if _is_transaction(call) and not call.args]


def _calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in GATEWAY.rglob("*.py"):
        if {"cli", "console"} & set(path.parts):
            continue  # a command or a click that dies is one that a person tries again
        tree = ast.parse(path.read_text(encoding="utf-8"))
        yield from ((path, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def _names(call: ast.Call) -> Iterator[str]:
    """The name that a transaction or a call out is given, where it stands in the code."""
    for argument in call.args:
        if _has_name(call) and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            yield argument.value


def _has_name(call: ast.Call) -> bool:
    return _is_transaction(call) or (isinstance(call.func, ast.Attribute) and call.func.attr in ("_post", "_stepwise"))


def _is_transaction(call: ast.Call) -> bool:
    """Whether this is `….ledger.write(…)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr != "write":
        return False
    owner = call.func.value
    return (isinstance(owner, ast.Attribute) and owner.attr == "ledger") or (
        isinstance(owner, ast.Name) and owner.id in ("ledger", "self")
    )
