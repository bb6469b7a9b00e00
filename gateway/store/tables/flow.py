"""Event → lead → delivery → attempt: what grows with every lead."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from gateway.store.tables.base import Utc, count_, index_, metadata, text_

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    text_("source"),
    text_("form"),
    Column("received_at", Utc, nullable=False),
    text_("content_type"),
    text_("query"),
    Column("body", LargeBinary, nullable=False),
    text_("state"),
    text_("reason"),
    sqlite_autoincrement=True,
)
NEW = text("state = 'new'")
index_("ix_events_new", events.c.id, where=NEW)
UNREADABLE = text("state = 'unreadable'")
index_("ix_events_unreadable", events.c.id, where=UNREADABLE)

leads = Table(
    "leads",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("event_id", Integer, ForeignKey("events.id"), nullable=False, index=True),
    text_("source"),
    text_("form"),
    text_("submission"),
    Column("received_at", Utc, nullable=False),
    text_("answers"),  # JSON: [{"names": […], "value": …}]
    text_("about"),  # JSON: {name: text}
    text_("state", index=True),
    text_("reason"),
    text_("waits_for"),  # "lookup", "plan" (a person or a new mapping asked for it) or "mapping"
    text_("pause_key"),  # what a look-up pauses together, "page 100200"; "" for nothing
    Column("due_at", Utc, nullable=True),  # None: nothing happens by itself
    count_("tries"),
    count_("round", 1),
    Column("duplicate_of", Integer, nullable=True),
    text_("plan"),  # JSON; for leads without a delivery: why there is none
    Column("mapping_version", Integer, nullable=True),
    Column("submitted_at", Utc, nullable=True),  # by the form's own word
    text_("waived"),  # limits that a person has lifted for it, spaces between
    text_("edits"),  # JSON: what a person changed before a replay: [{"at", "name", "from", "to"}]
    Column("erased_at", Utc, nullable=True),
    sqlite_autoincrement=True,
)
Index("ix_leads_source_form_id", leads.c.source, leads.c.form, leads.c.id)
Index("ix_leads_received_at", leads.c.received_at)
WAITING = text("state = 'waiting' AND due_at IS NOT NULL")
index_(  # with the state in it: SQLite would take the index of the state alone, and sort all that wait
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
    count_("step"),
    count_("round", 1),
    text_("mapping"),
    Column("first_version", Integer, nullable=True),  # of the mappings that planned it
    Column("mapping_version", Integer, nullable=True),  # of those it follows now: another one when it was re-planned
    text_("rule"),
    text_("campaign"),
    text_("destination"),
    text_("plan"),  # JSON
    text_("state"),
    text_("reason"),
    text_("tag"),  # of the last outcome: "no_credit", "param_mismatch", …
    text_("hold"),  # what holds it: "account …", "campaign …", "mapping"; "" for nothing
    Column("due_at", Utc, nullable=False),
    count_("tries"),  # tries that count against the schedule
    text_("token"),  # of the last claim; a late answer still settles under it
    Column("lease_until", Utc, nullable=True),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("accepted_at", Utc, nullable=True),
    text_("message_id"),
    count_("rank"),  # what leaves first: 0 a fresh lead, then released ones, follow-ups, replays
    Column("left_at", Utc, nullable=True),  # when its request last left
    text_("waived"),  # limits that a person has lifted for it, spaces between
    text_("settled_by"),  # "": AiSensy's answer; "receipt" or "person"
    text_("receipt"),  # "sent", "delivered", "read" or "failed": the furthest that WhatsApp said
    Column("receipt_at", Utc, nullable=True),
    text_("receipt_reason"),
    text_("provider_id"),  # WhatsApp's id of the message
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
#: First calls that did not go their straight way: few, and looked for by the newest lead.
ASIDE = text("step = 0 AND state IN ('held', 'failed', 'uncertain', 'cancelled', 'skipped')")
index_("ix_deliveries_aside", deliveries.c.lead_id, deliveries.c.state, where=ASIDE)
Index("ix_deliveries_campaign_lead_id", deliveries.c.campaign, deliveries.c.lead_id)
index_("ix_deliveries_due", deliveries.c.rank, deliveries.c.due_at, deliveries.c.lead_id.desc(), where=OPEN)
Index("ix_deliveries_person", deliveries.c.destination, deliveries.c.left_at)
Index("ix_deliveries_rule", deliveries.c.mapping, deliveries.c.rule, deliveries.c.left_at)
index_("ix_deliveries_message_id", deliveries.c.message_id, where=TOLD)
index_("ix_deliveries_provider_id", deliveries.c.provider_id, where=NAMED)
index_("ix_deliveries_sending", deliveries.c.lease_until, where=SENDING)
index_("ix_deliveries_held", deliveries.c.hold, deliveries.c.changed_at, where=HELD)
index_("ix_deliveries_put_off", deliveries.c.mapping, deliveries.c.rule, deliveries.c.due_at, where=PUT_OFF)
index_("ix_deliveries_troubled", deliveries.c.state, deliveries.c.changed_at, where=TROUBLED)
index_("uq_deliveries_live", deliveries.c.lead_id, deliveries.c.step, deliveries.c.round, where=LIVE, unique=True)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("delivery_id", Integer, ForeignKey("deliveries.id"), nullable=False, index=True),
    text_("token", index=True),
    Column("started_at", Utc, nullable=False),
    Column("ended_at", Utc, nullable=True),
    text_("outcome"),
    text_("tag"),
    Column("status", Integer, nullable=True),
    text_("text"),
    text_("request"),  # JSON without the key
    text_("response"),
    sqlite_autoincrement=True,
)
