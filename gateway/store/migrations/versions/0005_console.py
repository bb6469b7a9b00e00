"""The console: who may use it, and what they did there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

MOMENT = sa.DateTime(timezone=True)
UNREADABLE = sa.text("state = 'unreadable'")
ASIDE = sa.text("step = 0 AND state IN ('held', 'failed', 'uncertain', 'cancelled', 'skipped')")


def upgrade() -> None:
    _people()
    _acts()
    _looking_up()


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, server_default="")


def _people() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.Integer, primary_key=True),
        _text("name"),
        _text("key"),
        _text("role"),
        _text("password"),
        sa.Column("since", MOMENT, nullable=False),
        sa.UniqueConstraint("key", name="uq_members_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "invitations",
        sa.Column("hash", sa.Text, primary_key=True),
        _text("name"),
        _text("role"),
        sa.Column("ends_at", MOMENT, nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("hash", sa.Text, primary_key=True),
        _text("name"),
        _text("stamp"),
        sa.Column("began_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT, nullable=False),
        sa.Column("phones_until", MOMENT, nullable=True),
    )
    op.create_table(
        "refused_entries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        _text("address"),
        _text("key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_refused_entries_at", "refused_entries", ["at"])


def _acts() -> None:
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("at", MOMENT, nullable=False),
        _text("who"),
        _text("address"),
        _text("did"),
        _text("about"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_acts_about", "acts", ["about", "id"])


def _looking_up() -> None:
    """What the pages look for among the leads."""
    op.create_index("ix_leads_received_at", "leads", ["received_at"])
    op.create_index("ix_events_unreadable", "events", ["id"], sqlite_where=UNREADABLE, postgresql_where=UNREADABLE)
    op.create_index(
        "ix_deliveries_aside", "deliveries", ["lead_id", "state"], sqlite_where=ASIDE, postgresql_where=ASIDE
    )
    op.drop_index("ix_deliveries_campaign", "deliveries")  # the same with the lead in it takes its place
    op.create_index("ix_deliveries_campaign_lead_id", "deliveries", ["campaign", "lead_id"])
