"""A person is taken out of the ledger: found wherever their number stands, then blanked in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from sqlalchemy import Connection

from gateway.errors import GatewayError
from gateway.model import DeliveryState, EventState
from gateway.pipeline import following
from gateway.pipeline.person import Number, is_of
from gateway.pipeline.planning import Live
from gateway.store import deliveries, erasures, leads, phones, rows, suppressions
from gateway.store.deliveries import NOT_LEFT, Next
from gateway.store.erasures import ERASED
from gateway.store.tables import events, receipts

#: So much of a text is looked at in one go, and so much of it once more in the next: no number is cut.
_PIECE, _OVERLAP = 2_000, 100

_AGAIN = "try again in a minute"

#: Id, state and text of the next rows after an id.
_Loose = Callable[[Connection, int, int], list[tuple[int, str, bytes]]]


@dataclass(frozen=True, slots=True)
class Found:
    """Where a person stands in the ledger."""

    number: str  #: E.164.
    leads: tuple[int, ...]
    events: tuple[int, ...]  #: Those that brought the leads.
    shared: tuple[int, ...]  #: Of those, the ones that also brought others' leads.
    loose: tuple[int, ...]  #: Events that became no lead.
    deliveries: tuple[int, ...]
    attempts: int
    receipts: tuple[int, ...]
    suppressed: bool  #: The list of suppressed numbers names it.

    @property
    def nothing(self) -> bool:
        return not (self.leads or self.loose or self.receipts or self.suppressed)


def find(connection: Connection, number: Number, live: Live) -> Found:
    """All that is known of a number. Raises GatewayError while some of it is about to be read."""
    theirs = _leads(connection, number, live)
    made = [one for lead_id in theirs for one in deliveries.of_lead(connection, lead_id)]
    ids = tuple(one.id for one in made)
    _refuse_if_out(sum(one.state is DeliveryState.SENDING for one in made))
    brought, shared = _events(connection, theirs)
    told = set(erasures.receipts_of(connection, number.e164, ids))
    told |= set(_holding(connection, number, live, erasures.loose_receipts, "r"))
    return Found(
        number.e164,
        tuple(theirs),
        brought,
        shared,
        tuple(_holding(connection, number, live, erasures.loose_events, "e")),
        ids,
        erasures.count_attempts(connection, ids),
        tuple(sorted(told)),
        any(row["number"] for row in suppressions.listing(connection, number=number.e164)),
    )


def erase(connection: Connection, found: Found, now: datetime) -> None:
    """Blank it all; what has not left is cancelled. Raises GatewayError, and changes nothing, if some of it moved."""
    ids = erasures.lock(connection, found.leads)
    _refuse_if_out(erasures.out_now(connection, ids))
    for table, changed in ((events, found.loose), (receipts, found.receipts)):
        if erasures.renewed(connection, table, changed):
            raise GatewayError(f"Something of this number is about to be read again: {_AGAIN}.")
    _cancel(connection, ids, now)
    erasures.blank_attempts(connection, ids)
    for batch in rows.batches(ids):
        erasures.blank_deliveries(connection, deliveries.load(connection, batch))
    erasures.blank_leads(connection, found.leads, now)
    erasures.blank_events(connection, [*found.events, *found.loose])
    erasures.blank_receipts(connection, found.receipts)
    suppressions.erase(connection, found.number)


def _refuse_if_out(count: int) -> None:
    if count:
        messages = "A message" if count == 1 else f"{count} messages"
        raise GatewayError(f"{messages} to this number is being sent at this moment: {_AGAIN}.")


def _leads(connection: Connection, number: Number, live: Live) -> list[int]:
    """As `gateway why` finds them, and those of which a message goes to the number."""
    sent = set(erasures.sent_to(connection, number.e164))
    typed = set(phones.leads_of(connection, number.ending))
    found = set(sent)
    for batch in rows.batches(sorted(typed - sent)):
        found |= {one.lead.id for one in leads.load(connection, batch) if is_of(connection, number, one, live)}
    return sorted(found)


def _events(connection: Connection, ids: list[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The events that brought these leads; and those of them that brought others as well."""
    brought: set[int] = set()
    for batch in rows.batches(ids):
        brought |= {one.event_id for one in leads.load(connection, batch)}
    whose = {event_id: {one.lead.id for one in leads.of_event(connection, event_id)} for event_id in brought}
    shared = tuple(sorted(event_id for event_id, all_ in whose.items() if all_ - set(ids)))
    return tuple(sorted(brought)), shared


def _holding(connection: Connection, number: Number, live: Live, loose: _Loose, kind: str) -> Iterator[int]:
    """The events or receipts that nobody could read, but that hold the number. Raises GatewayError for new ones."""
    after = 0
    while batch := loose(connection, after, rows.TOGETHER):
        for row_id, state, posted in batch:
            if _holds(posted, number, live.country):
                if state == EventState.NEW:
                    raise GatewayError(
                        f"{kind}{row_id} holds this number and is not read yet: start the gateway, or {_AGAIN}."
                    )
                yield row_id
        after = batch[-1][0]


def _holds(posted: bytes, number: Number, country: str) -> bool:
    plain = posted.decode("utf-8", "replace")
    return any(
        number.fits(typed, country)
        for text in dict.fromkeys((plain, unquote_plus(plain)))
        for start in range(0, len(text), _PIECE - _OVERLAP)
        for typed in phones.numbers([text[start : start + _PIECE]])
    )


def _cancel(connection: Connection, ids: list[int], now: datetime) -> None:
    for batch in rows.batches(ids):
        for one in deliveries.load(connection, batch):
            if one.state in NOT_LEFT:
                following.stop(connection, one, Next(DeliveryState.CANCELLED, ERASED, "erased"), now)
