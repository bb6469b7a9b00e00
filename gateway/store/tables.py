"""The tables, for queries. The migrations make them; a test holds the two against each other."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TextClause,
    TypeDecorator,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; SQLite, which keeps no zone, is given the bare time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="", **more)


def _count(name: str, start: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=str(start))


def _index(name: str, *columns: ColumnElement[Any], where: TextClause, unique: bool = False) -> None:
    """An index of those rows alone that are `where`."""
    Index(name, *columns, unique=unique, sqlite_where=where, postgresql_where=where)


events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("source"),
    _text("form"),
    Column("received_at", Utc, nullable=False),
    _text("content_type"),
    _text("query"),
    Column("body", LargeBinary, nullable=False),
    _text("state"),
    _text("reason"),
    sqlite_autoincrement=True,
)
NEW = text("state = 'new'")
_index("ix_events_new", events.c.id, where=NEW)

leads = Table(
    "leads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer, ForeignKey("events.id"), nullable=False, index=True),
    _text("source"),
    _text("form"),
    _text("submission"),
    Column("received_at", Utc, nullable=False),
    _text("answers"),  # JSON: [{"names": […], "value": …}]
    _text("about"),  # JSON: {name: text}
    _text("state", index=True),
    _text("reason"),
    _text("waits_for"),  # "lookup", "plan" (a person or a new mapping asked for it) or "mapping"
    _text("pause_key"),  # what a look-up pauses together, "page 100200"; "" for nothing
    Column("due_at", Utc, nullable=True),  # None: nothing happens by itself
    _count("tries"),
    _count("round", 1),
    Column("duplicate_of", Integer, nullable=True),
    _text("plan"),  # JSON; for leads without a delivery: why there is none
    Column("mapping_version", Integer, nullable=True),
    Column("submitted_at", Utc, nullable=True),  # by the form's own word
    _text("waived"),  # limits that a person has lifted for it, spaces between
    _text("edits"),  # JSON: what a person changed before a replay: [{"at", "name", "from", "to"}]
    Column("erased_at", Utc, nullable=True),
    sqlite_autoincrement=True,
)
Index("ix_leads_source_form_id", leads.c.source, leads.c.form, leads.c.id)
WAITING = text("state = 'waiting' AND due_at IS NOT NULL")
_index(  # with the state in it: SQLite would take the index of the state alone, and sort all that wait
    "ix_leads_due", leads.c.state, leads.c.due_at, leads.c.id, where=WAITING
)

phones = Table(
    "phones",
    metadata,
    Column("ending", Text, primary_key=True),  # the last digits of a number that a lead typed, however written
    Column("lead_id", Integer, ForeignKey("leads.id"), primary_key=True),
)

identities = Table(
    "identities",
    metadata,
    Column("identity", Text, primary_key=True),  # a hash of source, form and submission id, or of the answers
    Column("lead_id", Integer, nullable=False),
    Column("seen_at", Utc, nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("lead_id", Integer, ForeignKey("leads.id"), nullable=False, index=True),
    _count("step"),
    _count("round", 1),
    _text("mapping"),
    Column("first_version", Integer, nullable=True),  # of the mappings that planned it
    Column("mapping_version", Integer, nullable=True),  # of those it follows now: another one when it was re-planned
    _text("rule"),
    _text("campaign", index=True),
    _text("destination"),
    _text("plan"),  # JSON
    _text("state"),
    _text("reason"),
    _text("tag"),  # of the last outcome: "no_credit", "param_mismatch", …
    _text("hold"),  # what holds it: "account …", "campaign …", "mapping"; "" for nothing
    Column("due_at", Utc, nullable=False),
    _count("tries"),  # tries that count against the schedule
    _text("token"),  # of the last claim; a late answer still settles under it
    Column("lease_until", Utc, nullable=True),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("accepted_at", Utc, nullable=True),
    _text("message_id"),
    _count("rank"),  # what leaves first: 0 a fresh lead, then released ones, follow-ups, replays
    Column("left_at", Utc, nullable=True),  # when its request last left
    _text("waived"),  # limits that a person has lifted for it, spaces between
    _text("settled_by"),  # "": AiSensy's answer; "receipt" or "person"
    _text("receipt"),  # "sent", "delivered", "read" or "failed": the furthest that WhatsApp said
    Column("receipt_at", Utc, nullable=True),
    _text("receipt_reason"),
    _text("provider_id"),  # WhatsApp's id of the message
    sqlite_autoincrement=True,
)
#: Conditions in the very words of the partial indexes: only so does SQLite use them.
OPEN = text("state IN ('scheduled', 'retrying')")
LIVE = text("state NOT IN ('failed', 'cancelled', 'skipped')")
SENDING = text("state = 'sending'")
HELD = text("state = 'held'")
PUT_OFF = text("state IN ('scheduled', 'retrying') AND tag = 'no_more_than'")
TROUBLED = text("state IN ('failed', 'uncertain')")
TOLD = text("message_id <> ''")
NAMED = text("provider_id <> ''")
_index("ix_deliveries_due", deliveries.c.rank, deliveries.c.due_at, deliveries.c.lead_id.desc(), where=OPEN)
Index("ix_deliveries_person", deliveries.c.destination, deliveries.c.left_at)
Index("ix_deliveries_rule", deliveries.c.mapping, deliveries.c.rule, deliveries.c.left_at)
_index("ix_deliveries_message_id", deliveries.c.message_id, where=TOLD)
_index("ix_deliveries_provider_id", deliveries.c.provider_id, where=NAMED)
_index("ix_deliveries_sending", deliveries.c.lease_until, where=SENDING)
_index("ix_deliveries_held", deliveries.c.hold, deliveries.c.changed_at, where=HELD)
_index("ix_deliveries_put_off", deliveries.c.mapping, deliveries.c.rule, deliveries.c.due_at, where=PUT_OFF)
_index("ix_deliveries_troubled", deliveries.c.state, deliveries.c.changed_at, where=TROUBLED)
_index("uq_deliveries_live", deliveries.c.lead_id, deliveries.c.step, deliveries.c.round, where=LIVE, unique=True)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    _text("token", index=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=True),
    _text("outcome"),
    _text("tag"),
    Column("status", Integer, nullable=True),
    _text("text"),
    _text("request"),  # JSON without the key
    _text("response"),
    sqlite_autoincrement=True,
)

holds = Table(
    "holds",
    metadata,
    Column("key", Text, primary_key=True),  # "account …", "campaign …", "page …"
    _text("kind"),
    _text("reason"),
    Column("since", Utc, nullable=False),
    Column("probe_at", Utc, nullable=False),
)

destinations = Table(
    "destinations",
    metadata,
    Column("key", Text, primary_key=True),
    _count("strikes"),  # transient or unknown answers in a row, of different deliveries
    Column("last_delivery", Integer, nullable=True),
    _count("step"),  # of the rests
    Column("rest_until", Utc, nullable=True),
)

contracts = Table(
    "contracts",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("params", Integer, nullable=True),  # None: it was not told
    _text("media"),  # "none" or "yes"; "" as it was not told
    _count("missing"),  # 1: AiSensy knows no campaign of this name
    _text("status"),  # AiSensy's own word, shown and never acted on
    _text("says"),  # its sentence, when it told no contract
    Column("seen_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
)

drifts = Table(
    "drifts",
    metadata,
    Column("source", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("kind", Text, primary_key=True),  # "gone", "new" or "changed"
    Column("answer", Text, primary_key=True),
    Column("since", Utc, nullable=False),
    _text("says"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("key"),  # of the hold, or what else is wrong
    _text("cause"),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=True),  # None: it goes on
    _count("messages"),  # how many it kept back
    sqlite_autoincrement=True,
)
GOES_ON = text("ended_at IS NULL")
_index("uq_alerts_open", alerts.c.key, where=GOES_ON, unique=True)

budgets = Table(  # token buckets: how many calls may leave
    "budgets",
    metadata,
    Column("key", Text, primary_key=True),  # "second" or "day"
    Column("tokens", Float, nullable=False),
    Column("at", Utc, nullable=False),
)

suppressions = Table(
    "suppressions",
    metadata,
    Column("hash", Text, primary_key=True),  # of the number: it stays when the person is erased
    _text("number"),  # E.164; "" once erased
    _text("reason"),
    Column("since", Utc, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    _text("notification"),  # AiSensy's id of it; each is stored once
    Column("received_at", Utc, nullable=False),
    Column("body", LargeBinary, nullable=False),
    _text("state"),  # "new", "read", "ignored" or "unreadable"
    _text("reason"),
    _text("kind"),  # "sent", "delivered", "read", "failed" or "reply"; "" for what is none of these
    _text("number"),  # E.164
    _text("campaign"),
    Column("happened_at", Utc, nullable=True),
    _text("message_id"),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=True, index=True),
    sqlite_autoincrement=True,
)
_index("ix_receipts_new", receipts.c.id, where=NEW)
READ = text("state = 'read'")
_index("ix_receipts_read", receipts.c.id, where=READ)
Index("ix_receipts_person", receipts.c.number, receipts.c.kind, receipts.c.happened_at)
KNOWN = text("notification <> ''")
_index("uq_receipts_notification", receipts.c.notification, where=KNOWN, unique=True)

refusals = Table(
    "refusals",
    metadata,
    Column("source", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    _count("times"),
    Column("last_at", Utc, nullable=False),
    _text("address"),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("published_at", Utc, nullable=False),
    _text("files"),  # JSON: {file name: hash of its text}
    sqlite_autoincrement=True,
)

mapping_texts = Table(
    "mapping_texts",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of the text, in hex
    _text("text"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("process", Text, primary_key=True),
    Column("at", Utc, nullable=False),
    _text("state"),
)
