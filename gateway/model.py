"""The nouns that every stage shares; they know nothing of files, databases or HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

#: What a person typed or chose: one text, or the several choices of a multi-select.
Value = str | tuple[str, ...]


class EventState(StrEnum):
    NEW = "new"  #: Stored, not yet read.
    READ = "read"  #: Its leads are in the ledger.
    IGNORED = "ignored"  #: Nothing for us in it; the reason says what it was.
    UNREADABLE = "unreadable"  #: Kept, can be replayed after a fix.


class LeadState(StrEnum):
    WAITING = "waiting"  #: For a look-up or a clearer mapping; the reason says which.
    UNMAPPED = "unmapped"  #: Its form has no mapping.
    UNMATCHED = "unmatched"  #: No rule of its mapping matches.
    SKIPPED = "skipped"  #: A rule says so.
    TEST = "test"  #: Sent by the source's own test button; never messaged.
    DUPLICATE = "duplicate"  #: The same submission is here already.
    SUSPECTED = "suspected"  #: Looks like spam; a person may release it.
    FAILED = "failed"  #: No right call can be made of it; the reason says why.
    PLANNED = "planned"  #: Has deliveries; they carry the state.


class DeliveryState(StrEnum):
    SCHEDULED = "scheduled"  #: Leaves when it is due.
    SENDING = "sending"  #: Claimed; its request leaves or has left.
    RETRYING = "retrying"  #: A definite no for now; tried again when due.
    HELD = "held"  #: The account, the campaign or the mapping is stopped; nothing is wrong with this lead.
    ACCEPTED = "accepted"  #: AiSensy took the call.
    FAILED = "failed"  #: Refused for good.
    UNCERTAIN = "uncertain"  #: The request left and no answer came.
    CANCELLED = "cancelled"  #: Taken back before it left.
    SKIPPED = "skipped"  #: Stopped by a limit.


class OutcomeKind(StrEnum):
    ACCEPTED = "accepted"
    CONFIG = "config"  #: The campaign or the mapping is wrong: hold that campaign.
    RECIPIENT = "recipient"  #: This person cannot be reached: close this delivery.
    ACCOUNT = "account"  #: Key, plan or credit: hold all that goes out by that key.
    TRANSIENT = "transient"  #: A definite "not now": try again.
    UNKNOWN = "unknown"  #: It may have been sent: never try again by itself.


@dataclass(frozen=True, slots=True)
class Request:
    """One request from outside, before anything is believed of it."""

    source: str  #: The word in the URL.
    form: str  #: The rest of the URL; "" when there is none.
    method: str  #: "POST" or "GET".
    body: bytes  #: Raw bytes: signatures are over these.
    content_type: str  #: As sent; "" when missing.
    headers: Mapping[str, str]  #: Names in lower case.
    query: str  #: Raw query string, "" when there is none.


@dataclass(frozen=True, slots=True)
class Event:
    """One verified request, word for word (payment details blanked)."""

    source: str
    form: str  #: From the URL; "" for sources that name the form in the body.
    received: datetime  #: UTC.
    content_type: str
    query: str  #: Raw query string without the token.
    body: bytes
    id: int = 0  #: 0 until stored.
    state: EventState = EventState.NEW
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer, under every name that a mapping may use for it."""

    names: tuple[str, ...]  #: The steadiest first: ref, id, title.
    value: Value


@dataclass(frozen=True, slots=True)
class Lead:
    """One person's answers inside an event."""

    source: str
    form: str  #: The form's id at its source; text, also where it looks like a number.
    received: datetime  #: UTC; when the event came.
    submission: str = ""  #: The source's own id of this submission; "" when it sends none.
    answers: tuple[Answer, ...] = ()
    about: Mapping[str, str] = field(default_factory=dict)  #: Facts around it: ad_id, utm_source, …
    state: LeadState | None = None  #: None: to be planned. A source sets waiting (look-up), test or suspected.
    reason: str = ""
    submitted: datetime | None = None  #: UTC; when the person sent the form, by the form's own word. None: not told.
    id: int = 0  #: 0 until stored.


@dataclass(frozen=True, slots=True)
class Reading:
    """What a source reads from an event. No leads: the event is ignored, and the note says why."""

    leads: tuple[Lead, ...] = ()
    note: str = ""  #: What else was in it, in one sentence; "" when nothing is worth saying.


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a word: literal text, or a field and where its value came from."""

    text: str  #: As it stands in the call.
    field: str = ""  #: The field's name; "" for literal text.
    answer: str = ""  #: The answer it was found in, or that gave nothing so that the default serves; "" for none.
    typed: str = ""  #: What the person typed, before any filter.
    filters: tuple[str, ...] = ()  #: As written, with their arguments; "values" where the table was used.
    line: int = 0  #: The line of the field (or of the candidate that won) in its mapping.
    defaulted: bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """One text of a campaign call, and why it says what it says."""

    place: str  #: "templateParams[0]", "tags[1]", "attributes.city", "destination", …
    text: str
    parts: tuple[Part, ...]
    line: int  #: The line of the rule (or of `defaults`) that says it.


@dataclass(frozen=True, slots=True)
class PassedOver:
    """A rule that was not taken, and the first line of its `when` that did not hold."""

    rule: str
    line: int
    because: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A text of a call that is not sent, because its `when` does not hold or no answer fills it."""

    place: str  #: "tags", "attributes.city" or "source".
    text: str  #: As the mapping writes it.
    line: int
    because: str


class PlanKind(StrEnum):
    CALL = "call"  #: Send this.
    SKIP = "skip"  #: A rule says: do not send.
    UNMATCHED = "unmatched"  #: No rule matches.
    BLOCKED = "blocked"  #: A rule matches, but its call cannot be right; the reason says why.
    UNCLEAR = "unclear"  #: Two answers fit one name: wait for a clearer mapping.


@dataclass(frozen=True, slots=True)
class After:
    """When a follow-up leaves, counted from the moment the step before was accepted."""

    seconds: int
    at: str = ""  #: "10:00": at that time on the day which `seconds` lead to, by the recipient's clock; "": none.
    says: str = ""  #: As written: "1 day at 10:00".


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent for a lead, and why, word by word."""

    kind: PlanKind
    mapping: str  #: The mapping's file name, "facebook.yaml".
    rule: str = ""
    line: int = 0  #: Where the rule starts.
    reason: str = ""  #: Why nothing is sent; "" for a call.
    call: Mapping[str, Any] = field(default_factory=dict)  #: AiSensy's body, without apiKey.
    words: tuple[Word, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    passed_over: tuple[PassedOver, ...] = ()
    warnings: tuple[str, ...] = ()  #: Drift, repairs, numbers that could not be read.
    no_consent: str = ""  #: Why the person has not agreed to be messaged; "" when they have, or nobody asks.
    send_again: bool = False  #: Its rule says: a call that may have arrived is made once more.
    too_late: Plan | None = None  #: What is sent instead where the lead is too old; None: nothing.
    follow_ups: tuple[Plan, ...] = ()  #: The later calls, in their order; each has `after`.
    after: After | None = None  #: Of a follow-up.
    unless: tuple[str, ...] = ()  #: Of a follow-up: "replied", "submitted again" or the name of a rule.
    without_receipts: bool = False  #: Of a follow-up: sent even where nobody can know whether they replied.


class Media(StrEnum):
    """What stands above a template's text."""

    NONE = "none"
    YES = "yes"  #: Something does; AiSensy does not tell of what kind.
    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Contract:
    """What a campaign needs of every call."""

    params: int  #: How many templateParams.
    media: Media = Media.NONE


@dataclass(frozen=True, slots=True)
class Seen:
    """What AiSensy told about a campaign when it was asked."""

    contract: Contract | None = None  #: None: it told none.
    missing: bool = False  #: It knows no campaign of this name.
    status: str = ""  #: Its own word for the campaign's state; shown, never acted on.
    says: str = ""  #: Its sentence, when it told no contract.


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one HTTP try came to."""

    kind: OutcomeKind
    tag: str  #: "param_mismatch", "no_credit", "timeout", …
    text: str  #: The service's own sentence, or ours.
    status: int | None = None  #: HTTP status; None when no answer came.
    message_id: str = ""
    response: str = ""  #: The answer's body, shortened, without the key.
    retry_after: float | None = None  #: Seconds.


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in a mapping, at its place, with its cure."""

    file: str
    line: int
    column: int
    sentence: str
    warning: bool = False

    def __str__(self) -> str:
        mark = "warning: " if self.warning else ""
        return f"{self.file}:{self.line}:{self.column}: {mark}{self.sentence}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One campaign call we have promised to make."""

    id: int
    lead_id: int
    step: int  #: 0 is the first call of a lead; follow-ups count on.
    round: int  #: 1, and one more each time a person asks for it again.
    mapping: str
    first_version: int | None  #: Of the mappings that planned it.
    mapping_version: int | None  #: Of those it follows now: another one when it was re-planned.
    rule: str
    campaign: str
    destination: str  #: E.164.
    plan: Plan
    state: DeliveryState
    reason: str
    tag: str  #: Of the last outcome.
    hold: str  #: What holds it; "" for nothing.
    due: datetime
    tries: int  #: Those that count against the schedule.
    token: str
    created: datetime
    changed: datetime
    accepted: datetime | None
    message_id: str
    rank: int = 0  #: What leaves first: see `store.deliveries.Rank`.
    left: datetime | None = None  #: When its request last left.
    waived: tuple[str, ...] = ()  #: The limits that a person has lifted for this one.
    settled_by: str = ""  #: Who said what became of it: "" for AiSensy's answer, "receipt" or "person".
    receipt: str = ""  #: WhatsApp's furthest word: "sent", "delivered", "read", "failed"; "" for none.
    receipt_at: datetime | None = None
    receipt_reason: str = ""  #: Why WhatsApp failed.
    provider_id: str = ""  #: WhatsApp's id of the message, from a receipt.
