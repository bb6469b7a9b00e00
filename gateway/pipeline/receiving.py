"""Receipts → what they mean: for the delivery they speak of, for its follow-ups, and for who wants no more messages."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

from gateway import clock, phone
from gateway.errors import Unreadable
from gateway.outbound import receipts as told
from gateway.outbound.opt_out import OptOut
from gateway.outbound.receipts import Kind, Receipt
from gateway.pipeline import arrivals, following
from gateway.settings import Settings
from gateway.store import held, receipts, suppressions
from gateway.store.ledger import Ledger
from gateway.store.receipts import Settled, Stored

log = logging.getLogger(__name__)


def let_go(connection: Connection, now: datetime) -> None:
    """What waits for the first receipt ever goes on, once there is one; another worker may just have held it."""
    if held.by(connection, held.RECEIPTS, 1) and receipts.ever(connection):
        following.receipts_came(connection, now)


class Receiving:
    """Reads the receipts that came in."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger = ledger
        self.opt_out = OptOut(settings.secrets("GATEWAY_OPT_OUT"))

    def read(self, ids: Sequence[int]) -> None:
        """Read these, in one transaction; those that another worker has read meanwhile are left alone."""
        with self.ledger.read() as connection:
            found = [(stored, _read(stored)) for stored in receipts.load(connection, ids)]
        with self.ledger.write("receipts") as connection:
            for stored, receipt in found:
                self._enter(connection, stored, receipt)
            let_go(connection, clock.now())

    def _enter(self, connection: Connection, stored: Stored, receipt: Receipt | str) -> None:
        """Each in its own savepoint: an odd one must not stop those behind it."""
        try:
            with connection.begin_nested():
                self._settle(connection, stored, receipt)
        except (InterfaceError, OperationalError):
            raise  # the database is away: all of them are read later
        except Exception as error:
            log.exception("receipt r%d cannot be read", stored.id)
            reason = f"a fault of the gateway: {type(error).__name__}"
            receipts.settle(connection, stored.id, Settled("unreadable", reason))

    def _settle(self, connection: Connection, stored: Stored, receipt: Receipt | str) -> None:
        if isinstance(receipt, str):
            receipts.settle(connection, stored.id, Settled("unreadable", receipt))
        elif receipt.kind is None:
            receipts.settle(connection, stored.id, Settled("ignored", receipt.reason, number=receipt.number))
        else:
            self._take(connection, stored, receipt, receipt.kind)

    def _take(self, connection: Connection, stored: Stored, receipt: Receipt, kind: Kind) -> None:
        happened = min(receipt.happened or stored.received, stored.received)
        joined = arrivals.join(connection, receipt, happened)
        doubt = arrivals.doubt(joined, receipt)
        about = joined.delivery if joined and not doubt else None
        settled = Settled(
            "read",
            doubt or receipt.reason,
            kind=kind,
            number=receipt.number,
            campaign=receipt.campaign,
            happened=happened,
            message_id=receipt.provider_id,
            delivery_id=about.id if about else None,
        )
        if not receipts.settle(connection, stored.id, settled):
            return
        if kind is Kind.REPLY:
            self._heed(connection, receipt, happened, clock.now())
        elif about:
            arrivals.note(connection, about, receipt, kind, happened)

    def _heed(self, connection: Connection, receipt: Receipt, wrote: datetime, now: datetime) -> None:
        """A person wrote: their follow-ups that ask for it end, and after a STOP nothing leaves any more."""
        if not receipt.number:
            return
        if not self.opt_out.says(receipt.text):
            following.replied(connection, receipt.number, wrote, now)
            return
        reason = f"replied '{receipt.text}'"
        suppressions.add(connection, receipt.number, reason, now)
        following.opted_out(connection, receipt.number, now, reason)
        who = phone.mask(receipt.number)
        log.warning("%s opted out by replying '%s': nothing more is sent to it", who, receipt.text)


def _read(stored: Stored) -> Receipt | str:
    """What a receipt says, or why nobody can tell."""
    try:
        return told.read(stored.body)
    except Unreadable as error:
        return str(error)
    except Exception as error:  # a fault of ours must not stop the receipts behind this one
        log.exception("receipt r%d cannot be read", stored.id)
        return f"a fault of the gateway: {type(error).__name__}"
