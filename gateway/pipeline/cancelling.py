"""A person takes messages back before they leave."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from gateway import clock
from gateway.errors import GatewayError
from gateway.model import Delivery, DeliveryState
from gateway.pipeline import following
from gateway.pipeline.replaying import read_id
from gateway.pipeline.replaying.calls import may_have_left, sent
from gateway.store import deliveries, leads
from gateway.store.deliveries import COUNTS, NOT_LEFT, Next

#: Why it does not leave.
TAKEN_BACK = Next(DeliveryState.CANCELLED, "a person took it back", "person")


@dataclass(frozen=True, slots=True)
class Cancelled:
    """What came of one wish, in a sentence; `done` is False when there was nothing to take back."""

    id: str
    done: bool
    says: str


def cancel(connection: Connection, name: str, *, follow_ups: bool = False) -> list[Cancelled]:
    """Take back d12, or all that has not left of l34; `follow_ups`: only these. Raises GatewayError: no such thing."""
    kind, number = read_id(name, "ld")
    found = _one(connection, number) if kind == "d" else _of_lead(connection, number)
    if kind == "d" and not found:
        raise GatewayError(f"There is no {name} in the ledger.")
    wanted = [one for one in found if _wanted(one, kind, follow_ups=follow_ups)]
    done = [_take_back(connection, one) for one in sorted(wanted, key=lambda one: -one.step)]
    return done[::-1] or [Cancelled(name, False, _why_nothing(found))]


def _one(connection: Connection, delivery_id: int) -> list[Delivery]:
    """A delivery; with one that may have arrived, and so does not end what comes after it, all that comes."""
    found = deliveries.load(connection, [delivery_id])
    doubtful = [one for one in found if one.step == 0 and one.state in NOT_LEFT and may_have_left(connection, one)]
    later = deliveries.of_lead(connection, doubtful[0].lead_id) if doubtful else []
    return found + [one for one in later if one.step and one.round == found[0].round and one.state in NOT_LEFT]


def _of_lead(connection: Connection, lead_id: int) -> list[Delivery]:
    if not leads.load(connection, [lead_id]):
        raise GatewayError(f"There is no l{lead_id} in the ledger.")
    return deliveries.of_lead(connection, lead_id)


def _wanted(one: Delivery, kind: str, *, follow_ups: bool) -> bool:
    return (one.state in NOT_LEFT or kind == "d") and (one.step > 0 or not follow_ups)


def _take_back(connection: Connection, one: Delivery) -> Cancelled:
    name = f"d{one.id}"
    stopped = one.state in NOT_LEFT and following.stop(connection, one, TAKEN_BACK, clock.now())
    if stopped and may_have_left(connection, one):
        return Cancelled(name, True, "is not sent again; it may have arrived, so it is uncertain")
    if stopped:
        return Cancelled(name, True, "is taken back" + (" with all its follow-ups" if one.step == 0 else ""))
    [now] = deliveries.load(connection, [one.id])
    if now.state in COUNTS:
        return Cancelled(name, False, f"{sent(now)}, so it cannot be taken back")
    return Cancelled(
        name, False, f"does not leave anyway: it is {now.state}" + (f": {now.reason}" if now.reason else "")
    )


def _why_nothing(made: list[Delivery]) -> str:
    if left := [one for one in made if one.state in COUNTS]:
        return f"has nothing that has not left: d{left[-1].id} {sent(left[-1])}"
    return "has nothing that has not left" if made else "has no message"
