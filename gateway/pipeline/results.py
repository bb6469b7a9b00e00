"""What came back from the threads, written down."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from gateway.pipeline.answer import Answer
from gateway.pipeline.questions import Result
from gateway.pipeline.settling import Settling

log = logging.getLogger(__name__)

#: What a thread brings back: the answer to a call, or what enters that to another question.
Brought = Answer | Result


def enter(connection: Connection, settling: Settling, results: Sequence[tuple[str, Brought]]) -> None:
    """Write down results, each with the name of what it was asked as.

    The answers to calls go in together. One that cannot be written down, by a fault of ours, takes no other with it:
    its lease runs out, and its delivery is uncertain.
    """
    answers = [(name, result) for name, result in results if isinstance(result, Answer)]
    every = [answer for _name, answer in answers]
    if len(answers) > 1 and _entered(connection, partial(settling.settle, answers=every), "some calls together"):
        answers = []
    for name, answer in answers:
        _entered(connection, partial(settling.settle, answers=[answer]), name)
    for name, result in results:
        if not isinstance(result, Answer):
            _entered(connection, result, name)


def _entered(connection: Connection, change: Callable[[Connection], None], name: str) -> bool:
    try:
        with connection.begin_nested():
            change(connection)
    except (InterfaceError, OperationalError):
        raise  # the database is away: all of them are written down later
    except Exception:
        if connection.invalidated:
            raise  # the same: the connection itself is gone
        log.exception("the result of %s cannot be written down", name)
        return False
    return True
