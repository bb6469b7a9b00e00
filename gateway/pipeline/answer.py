"""A call that left, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.model import Delivery, Outcome, OutcomeKind


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is marked as sending, and the call to make for it."""

    delivery: Delivery
    token: str
    call: Mapping[str, Any]
    started: datetime
    probe: str = ""  #: The hold that this one tries; "" for none.


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call."""

    claimed: Claimed
    outcome: Outcome


def never_left(claimed: Claimed) -> Answer:
    """What came of a call that no thread could be had for."""
    sentence = "the call could not be made: this machine is out of threads"
    return Answer(claimed, Outcome(OutcomeKind.TRANSIENT, "network", sentence))
