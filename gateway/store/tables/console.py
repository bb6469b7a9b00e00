"""Who may use the console, and what they did there."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from gateway.store.tables.base import Utc, metadata, text_

members = Table(
    "members",
    metadata,
    Column("id", Integer, primary_key=True),
    text_("name"),  # as it is shown
    text_("key", unique=True),  # the name without case: nobody is called like another
    text_("role"),  # "look" or "change"
    text_("password"),  # as werkzeug hashes it
    Column("since", Utc, nullable=False),
    sqlite_autoincrement=True,
)

invitations = Table(  # one-time codes, by which a person sets a password
    "invitations",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of the code
    text_("name"),  # whom it is for; "": whoever types it chooses
    text_("role"),
    Column("ends_at", Utc, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("hash", Text, primary_key=True),  # SHA-256 of the cookie
    text_("name"),  # of the member
    text_("stamp"),  # of their password: another one ends the session
    Column("began_at", Utc, nullable=False),
    Column("used_at", Utc, nullable=False),
    Column("phones_until", Utc, nullable=True),  # until when phone numbers are shown in full
)

refused_entries = Table(  # passwords and codes that were wrong
    "refused_entries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    text_("address"),
    text_("key"),  # the name that was typed, without case
    sqlite_autoincrement=True,
)
Index("ix_refused_entries_at", refused_entries.c.at)

acts = Table(  # the audit list: what people did
    "acts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", Utc, nullable=False),
    text_("who"),
    text_("address"),
    text_("did"),  # a sentence without its subject: "replayed it"
    text_("about"),  # "l34", "website.yaml", …; "" for nothing in the ledger
    sqlite_autoincrement=True,
)
Index("ix_acts_about", acts.c.about, acts.c.id)
