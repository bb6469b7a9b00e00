"""All that the ledger knows of one lead, read in one go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import abort
from sqlalchemy import Connection

from gateway import clock
from gateway.console.stopped import of_account
from gateway.model import DeliveryState, Event, LeadState, Plan
from gateway.pipeline import person
from gateway.pipeline.origins import Changes
from gateway.pipeline.person import Chapter, Number, Other
from gateway.pipeline.person.reasons import look, why_nothing
from gateway.pipeline.person.unsent import Why, World
from gateway.pipeline.planning import Live, who
from gateway.pipeline.replaying import sent_already
from gateway.store import events, leads, suppressions, versions
from gateway.store.console import acts
from gateway.store.console.acts import Act
from gateway.store.deliveries import NOT_LEFT
from gateway.store.holds import Hold
from gateway.store.leads import StoredLead

#: So many other leads of the person, and so many acts, are shown.
_OTHERS, _ACTS = 20, 50

#: States in which something moves by itself, soon.
_MOVES = (LeadState.WAITING, DeliveryState.SCHEDULED, DeliveryState.SENDING, DeliveryState.RETRYING)

#: Receipts come within this time, mostly.
_FRESH = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Whole:
    """One lead with all that lies around it."""

    chapter: Chapter
    event: Event
    beside: tuple[StoredLead, ...]  #: The other leads that its event brought.
    number: Number | None  #: Of its person; None: none was typed.
    others: tuple[Other, ...]  #: Of the same person, the newest first.
    suppressed: str  #: Why nothing is sent to the number any more; "" when it is not suppressed.
    world: World
    why: Why | None  #: Why it got no message; None when AiSensy took one.
    sent: tuple[str, ...]  #: Who was messaged already, or may have been: a sentence each.
    acts: tuple[Act, ...]  #: What people did with it, the newest first.
    changes: Changes  #: Of the mapping files.
    account: tuple[str, str]  #: Where the account is stopped: why, and what mends it; else empty texts.

    @property
    def id(self) -> int:
        return self.chapter.stored.lead.id

    @property
    def stored(self) -> StoredLead:
        return self.chapter.stored

    @property
    def state(self) -> str:
        first = self.chapter.first
        return str(first.state if first else self.stored.state)

    @property
    def plan(self) -> Plan | None:
        return self.chapter.plan

    @property
    def name(self) -> str:
        return who(self.stored.lead, self.plan)

    @property
    def phone(self) -> str:
        """In full, with its country where that is known; "" for none."""
        return (self.number.e164 or self.number.written) if self.number else ""

    @property
    def copies(self) -> list[StoredLead]:
        """The same submission, come again."""
        return [one.stored for one in self.others if one.stored.duplicate_of == self.id]

    @property
    def newest(self) -> str:
        """Its newest message, as the page shows it: a form that sends one more says which it knew; "" for none."""
        return f"d{max(one.id for one in self.chapter.made)}" if self.chapter.made else ""

    @property
    def moves(self) -> bool:
        """Whether the page may soon be another."""
        latest = max((one.changed for one in self.chapter.made), default=self.stored.lead.received)
        coming = any(one.state in NOT_LEFT and one.due < clock.now() + _FRESH for one in self.chapter.made)
        return self.state in _MOVES or coming or clock.now() - latest < _FRESH


def read(connection: Connection, lead_id: int, live: Live) -> Whole:
    """Answers 404 when there is no such lead."""
    chapter = person.chapter(connection, lead_id) or abort(404, f"There is no lead l{lead_id}.")
    number = person.number_of(chapter, live)
    others = person.others(connection, chapter, number, live, _OTHERS) if number else []
    world = look(connection, live, (chapter,))
    [event] = events.load(connection, [chapter.stored.event_id])
    beside = [one for one in leads.of_event(connection, event.id) if one.lead.id != lead_id]
    return Whole(
        chapter,
        event,
        tuple(beside),
        number,
        tuple(others),
        _suppressed(connection, number),
        world,
        why_nothing(chapter, world, "the message"),
        tuple(sent_already(connection, f"l{lead_id}")),
        tuple(acts.listing(connection, about=f"l{lead_id}", limit=_ACTS)),
        versions.changes(connection),
        _account(connection, chapter),
    )


def _account(connection: Connection, chapter: Chapter) -> tuple[str, str]:
    hold = chapter.first.hold if chapter.first else ""
    return of_account(connection, hold) if hold.startswith(f"{Hold.ACCOUNT} ") else ("", "")


def _suppressed(connection: Connection, number: Number | None) -> str:
    if number is None or not number.e164:
        return ""
    return suppressions.suppressed(connection, [number.e164]).get(number.e164, "")
