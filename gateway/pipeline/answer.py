"""A call that left, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.model import Delivery, Outcome


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
