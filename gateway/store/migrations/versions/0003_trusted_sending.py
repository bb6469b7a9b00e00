"""Limits, follow-ups, receipts, alerts, the rate, suppressed numbers; what leaves first."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('scheduled', 'retrying')")
NEW = sa.text("state = 'new'")
READ = sa.text("state = 'read'")
GOES_ON = sa.text("ended_at IS NULL")
KNOWN = sa.text("notification <> ''")
TOLD = sa.text("message_id <> ''")
NAMED = sa.text("provider_id <> ''")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default="", nullable=False)


def upgrade() -> None:
    _leads_and_deliveries()
    _alerts_and_gate()
    _receipts()


def _leads_and_deliveries() -> None:
    of_a_lead: list[sa.Column[Any]] = [
        sa.Column("submitted_at", MOMENT, nullable=True),
        _text("waived"),
        _text("edits"),
        sa.Column("erased_at", MOMENT, nullable=True),
    ]
    for column in of_a_lead:
        op.add_column("leads", column)
    of_a_delivery: list[sa.Column[Any]] = [
        sa.Column("rank", sa.Integer(), server_default="0", nullable=False),
        sa.Column("left_at", MOMENT, nullable=True),
        _text("waived"),
        _text("settled_by"),
        _text("receipt"),
        sa.Column("receipt_at", MOMENT, nullable=True),
        _text("receipt_reason"),
        _text("provider_id"),
    ]
    for column in of_a_delivery:
        op.add_column("deliveries", column)
    op.execute(
        "UPDATE deliveries SET left_at = "
        "(SELECT max(started_at) FROM attempts WHERE attempts.delivery_id = deliveries.id) "
        "WHERE state IN ('sending', 'accepted', 'uncertain')"
    )
    op.drop_index("ix_deliveries_due", "deliveries")
    newest_first = sa.text("lead_id DESC")
    op.create_index(
        "ix_deliveries_due", "deliveries", ["rank", "due_at", newest_first], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_deliveries_person", "deliveries", ["destination", "left_at"])
    op.create_index("ix_deliveries_rule", "deliveries", ["mapping", "rule", "left_at"])
    for name, given in (("message_id", TOLD), ("provider_id", NAMED)):
        op.create_index(f"ix_deliveries_{name}", "deliveries", [name], sqlite_where=given, postgresql_where=given)


def _alerts_and_gate() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("key"),
        _text("cause"),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("messages", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sqlite_autoincrement=True,
    )
    op.create_index("uq_alerts_open", "alerts", ["key"], unique=True, sqlite_where=GOES_ON, postgresql_where=GOES_ON)
    op.execute(
        "INSERT INTO alerts (key, cause, started_at, messages) SELECT key, reason, since, "
        "(SELECT count(*) FROM deliveries WHERE state = 'held' AND hold = holds.key) FROM holds"
    )
    op.create_table(
        "turns",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_turns"),
    )
    op.create_index("ix_turns_at", "turns", ["at"])
    op.create_table(
        "budgets",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_budgets"),
    )
    op.create_table(
        "suppressions",
        sa.Column("hash", sa.Text(), nullable=False),
        _text("number"),
        _text("reason"),
        sa.Column("since", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_suppressions"),
    )


def _receipts() -> None:
    op.create_table(
        "receipts",
        sa.Column("id", sa.Integer(), nullable=False),
        _text("notification"),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        _text("state"),
        _text("reason"),
        _text("kind"),
        _text("number"),
        _text("campaign"),
        sa.Column("happened_at", MOMENT, nullable=True),
        _text("message_id"),
        sa.Column("delivery_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_receipts_delivery_id"),
        sa.PrimaryKeyConstraint("id", name="pk_receipts"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_receipts_new", "receipts", ["id"], sqlite_where=NEW, postgresql_where=NEW)
    op.create_index("ix_receipts_read", "receipts", ["id"], sqlite_where=READ, postgresql_where=READ)
    op.create_index("ix_receipts_person", "receipts", ["number", "kind", "happened_at"])
    op.create_index("ix_receipts_delivery_id", "receipts", ["delivery_id"])
    op.create_index(
        "uq_receipts_notification",
        "receipts",
        ["notification"],
        unique=True,
        sqlite_where=KNOWN,
        postgresql_where=KNOWN,
    )
