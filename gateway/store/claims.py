"""Deliveries whose requests are about to leave: marked as sending, each with its attempt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from gateway.model import Delivery, DeliveryState
from gateway.store import attempts, rows
from gateway.store.deliveries import NOT_LEFT, UNCHANGED


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that has not left, and the request that leaves for it."""

    delivery: Delivery
    token: str  #: New, and of this try alone.
    request: Mapping[str, Any]  #: Without the key.


def write(connection: Connection, claims: Sequence[Claim], *, now: datetime, until: datetime) -> None:
    """Mark some as sending until a lease ends, before their requests leave.

    Raises RuntimeError when one of them has left or was changed since it was loaded: then none may leave.
    """
    same = {"state": DeliveryState.SENDING, "lease_until": until, "changed_at": now, "hold": "", "left_at": now}
    free = [one for one in claims if one.delivery.state in NOT_LEFT]
    changes = [
        {"this": one.delivery.id, "was": one.delivery.state, "had": one.delivery.token, "token": one.token} | same
        for one in free
    ]
    if rows.change(connection, UNCHANGED, changes) != len(claims):
        raise RuntimeError("a delivery that was to leave is not free any more")
    attempts.begin(connection, [(one.delivery.id, one.token, one.request) for one in claims], now)
