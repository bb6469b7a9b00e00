"""What stands beside the leads: receipts, holds, what is known of campaigns, versions of the mappings."""

from __future__ import annotations

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from gateway.store.tables.base import Utc, count_, index_, metadata, text_
from gateway.store.tables.flow import NEW

holds = Table(
    "holds",
    metadata,
    Column("key", Text, primary_key=True),  # "account …", "campaign …", "page …"
    text_("kind"),
    text_("reason"),
    Column("since", Utc, nullable=False),
    Column("probe_at", Utc, nullable=False),
)

destinations = Table(
    "destinations",
    metadata,
    Column("key", Text, primary_key=True),
    count_("strikes"),  # transient or unknown answers in a row, of different deliveries
    Column("last_delivery", Integer, nullable=True),
    count_("step"),  # of the rests
    Column("rest_until", Utc, nullable=True),
)

contracts = Table(
    "contracts",
    metadata,
    Column("campaign", Text, primary_key=True),
    Column("params", Integer, nullable=True),  # None: it was not told
    text_("media"),  # "none" or "yes"; "" as it was not told
    count_("missing"),  # 1: AiSensy knows no campaign of this name
    text_("status"),  # AiSensy's own word, shown and never acted on
    text_("says"),  # its sentence, when it told no contract
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
    text_("says"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", Integer, primary_key=True),
    text_("key"),  # of the hold, or what else is wrong
    text_("cause"),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=True),  # None: it goes on
    count_("messages"),  # how many it kept back
    sqlite_autoincrement=True,
)
GOES_ON = text("ended_at IS NULL")
index_("uq_alerts_open", alerts.c.key, where=GOES_ON, unique=True)

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
    text_("number"),  # E.164; "" once erased
    text_("reason"),
    Column("since", Utc, nullable=False),
)

receipts = Table(
    "receipts",
    metadata,
    Column("id", Integer, primary_key=True),
    text_("notification"),  # AiSensy's id of it; each is stored once
    Column("received_at", Utc, nullable=False),
    Column("body", LargeBinary, nullable=False),
    text_("state"),  # "new", "read", "ignored" or "unreadable"
    text_("reason"),
    text_("kind"),  # "sent", "delivered", "read", "failed" or "reply"; "" for what is none of these
    text_("number"),  # E.164
    text_("campaign"),
    Column("happened_at", Utc, nullable=True),
    text_("message_id"),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=True, index=True),
    sqlite_autoincrement=True,
)
index_("ix_receipts_new", receipts.c.id, where=NEW)
READ = text("state = 'read'")
index_("ix_receipts_read", receipts.c.id, where=READ)
Index("ix_receipts_person", receipts.c.number, receipts.c.kind, receipts.c.happened_at)
KNOWN = text("notification <> ''")
index_("uq_receipts_notification", receipts.c.notification, where=KNOWN, unique=True)

refusals = Table(
    "refusals",
    metadata,
    Column("source", Text, primary_key=True),
    Column("cause", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    count_("times"),
    Column("last_at", Utc, nullable=False),
    text_("address"),
)

mapping_versions = Table(
    "mapping_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("published_at", Utc, nullable=False),
    text_("files"),  # JSON: {file name: hash of its text}
    sqlite_autoincrement=True,
)

mapping_texts = Table(
    "mapping_texts",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of the text, in hex
    text_("text"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("process", Text, primary_key=True),
    Column("at", Utc, nullable=False),
    text_("state"),
)
