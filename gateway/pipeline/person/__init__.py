"""One person: every lead that typed a phone number, and all that came of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping

from gateway import phone
from gateway.errors import GatewayError
from gateway.mapping.reader.check import choose
from gateway.model import Delivery, LeadState, Plan, Value
from gateway.pipeline.planning import Live
from gateway.store import attempts, deliveries, leads, phones, receipts, rows, suppressions
from gateway.store.leads import StoredLead
from gateway.store.receipts import Stored

#: Of one ending, so many leads are looked at for those of one person.
_LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Number:
    """The phone number that is asked for."""

    written: str  #: As it was written.
    digits: str = ""  #: With its country code; "" when the country is not known.

    @property
    def ending(self) -> str:
        return phones.ending(self.written)

    @property
    def e164(self) -> str:
        """The whole number; "" when the country is not known."""
        return f"+{self.digits}" if self.digits else ""

    def fits(self, typed: str, country: str) -> bool:
        """Whether `typed` means this number. `country`: of numbers without one, "" for none."""
        if not self.ending.endswith(phones.ending(typed)):
            return False
        if not self.digits:
            return True
        read = phone.read(typed, country).e164
        if read:
            return read == self.e164
        bare = phones.digits(typed).lstrip("0")
        return bare == self.digits if _has_country(typed) else self.digits.endswith(bare)


@dataclass(frozen=True, slots=True)
class Message:
    """A delivery with every try."""

    delivery: Delivery
    attempts: Sequence[RowMapping]  #: Rows as `store.attempts.of` gives them.
    receipts: Sequence[Stored] = ()  #: What WhatsApp said of it, replies to it too.


@dataclass(frozen=True, slots=True)
class Chapter:
    """One lead of the person, and what came of it."""

    stored: StoredLead
    messages: tuple[Message, ...]  #: The oldest first.

    @property
    def made(self) -> list[Delivery]:
        return [message.delivery for message in self.messages]

    @property
    def first(self) -> Delivery | None:
        return first(self.stored, self.made)

    @property
    def plan(self) -> Plan | None:
        return self.first.plan if self.first else self.stored.plan


@dataclass(frozen=True, slots=True)
class Other:
    """Another lead of a person."""

    stored: StoredLead
    state: str  #: Its own, or that of its first delivery.


@dataclass(frozen=True, slots=True)
class Story:
    """All that is known of one person."""

    number: Number | None  #: None: a lead was named, and it typed no number.
    count: int  #: How many leads there are.
    chapters: tuple[Chapter, ...]  #: The latest of them, the oldest first.
    suppressed: str = ""  #: Why nothing is sent to this number any more; "" when it is not suppressed.


def first(stored: StoredLead, made: Sequence[Delivery]) -> Delivery | None:
    """The delivery whose state a planned lead shows."""
    firsts = [one for one in made if one.step == 0] if stored.state is LeadState.PLANNED else []
    return firsts[-1] if firsts else None


def read_number(written: str, country: str) -> Number:
    """The number that a person asks for, however written. Raises GatewayError when it is none."""
    if len(phones.digits(written)) < phones.ENDING:
        cure = (
            f"write its last {phones.ENDING} digits at least, better all of it like +919876543210, or a lead like l34"
        )
        raise GatewayError(f"'{written}' is no whole phone number; {cure}.")
    return _read(written, country)


def _read(written: str, country: str) -> Number:
    read = phone.read(written, country).e164
    return Number(written, phones.digits(read or written).lstrip("0") if read or _has_country(written) else "")


def tell(connection: Connection, number: Number, live: Live, limit: int) -> Story:
    """The story of a number: its latest leads, `limit` at most."""
    ids = phones.leads_of(connection, number.ending)
    found: list[int] = []
    for batch in rows.batches(ids):
        loaded = leads.load(connection, batch)
        found += [one.lead.id for one in loaded if _is_of(number, one, _made(connection, one), live)]
    suppressed = suppressions.suppressed(connection, [number.e164]).get(number.e164, "") if number.digits else ""
    return Story(number, len(found), _chapters(connection, found[-limit:]), suppressed)


def tell_of_lead(connection: Connection, lead_id: int, live: Live, limit: int) -> Story:
    """The story of the person behind a lead. Raises GatewayError when there is no such lead."""
    found = leads.load(connection, [lead_id])
    if not found:
        raise GatewayError(f"There is no l{lead_id} in the ledger.")
    number = _number_of(found[0], _made(connection, found[0]), live)
    if number is None:
        return Story(None, 1, _chapters(connection, [lead_id]))
    return tell(connection, number, live, limit)


def chapter(connection: Connection, lead_id: int) -> Chapter | None:
    """One lead, and what came of it; None when there is no such lead."""
    return next(iter(_chapters(connection, [lead_id])), None)


def number_of(one: Chapter, live: Live) -> Number | None:
    """The number of a lead's person; None: it typed none."""
    return _number_of(one.stored, one.made, live)


def others(connection: Connection, one: Chapter, number: Number, live: Live, limit: int) -> list[Other]:
    """The latest other leads of one lead's person, the newest first; `limit` at most."""
    found: list[Other] = []
    ids = [lead_id for lead_id in phones.leads_of(connection, number.ending)[::-1] if lead_id != one.stored.lead.id]
    for batch in rows.batches(ids[:_LOOKED_AT], limit):
        if len(found) < limit:
            loaded = [(each, _made(connection, each)) for each in leads.load(connection, batch)[::-1]]
            found += [_other(each, made) for each, made in loaded if _is_of(number, each, made, live)]
    return found[:limit]


def _other(stored: StoredLead, made: Sequence[Delivery]) -> Other:
    shown = first(stored, made)
    return Other(stored, str(shown.state if shown else stored.state))


def _chapters(connection: Connection, ids: Sequence[int]) -> tuple[Chapter, ...]:
    return tuple(Chapter(stored, _messages(connection, stored)) for stored in leads.load(connection, ids))


def _messages(connection: Connection, stored: StoredLead) -> tuple[Message, ...]:
    made = _made(connection, stored)
    told = {one.id: receipts.of_delivery(connection, one.id) if one.left else () for one in made}
    return tuple(Message(one, attempts.of(connection, one.id), told[one.id]) for one in made)


def _made(connection: Connection, stored: StoredLead) -> list[Delivery]:
    return deliveries.of_lead(connection, stored.lead.id)


def is_of(connection: Connection, number: Number, stored: StoredLead, live: Live) -> bool:
    """Whether a lead is this person's."""
    return _is_of(number, stored, _made(connection, stored), live)


def _is_of(number: Number, stored: StoredLead, made: Sequence[Delivery], live: Live) -> bool:
    """What a message went to decides; without one, what was typed. An ending alone may be another person's."""
    sent_to = [one.destination for one in made if phones.ending(one.destination) == number.ending]
    country = _country(stored, live)
    return any(number.fits(typed, country) for typed in sent_to or phones.numbers(_values(stored)))


def _number_of(stored: StoredLead, made: Sequence[Delivery], live: Live) -> Number | None:
    """The number of a lead: where its message went, else the first that can be read, else the first one typed."""
    typed = [one.destination for one in reversed(made)] or list(phones.numbers(_values(stored)))
    read = [_read(one, _country(stored, live)) for one in typed]
    return next((one for one in read if one.digits), read[0] if read else None)


def _country(stored: StoredLead, live: Live) -> str:
    mapping = choose(live.mappings, stored.lead.source, stored.lead.form)
    return (mapping.country if mapping else "") or live.country


def _values(stored: StoredLead) -> list[Value]:
    return [answer.value for answer in stored.lead.answers]


def _has_country(written: str) -> bool:
    return written.strip(" (").startswith(("+", "＋", "00"))
