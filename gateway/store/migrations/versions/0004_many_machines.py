"""Nobody takes turns by rows any more; indexes for what waits and what is in trouble."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

PUT_OFF = sa.text("state IN ('scheduled', 'retrying') AND tag = 'no_more_than'")
TROUBLED = sa.text("state IN ('failed', 'uncertain')")
WAITING = sa.text("state = 'waiting' AND due_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_turns_at", "turns")
    op.drop_table("turns")
    op.drop_index("ix_leads_due", "leads")
    op.create_index("ix_leads_due", "leads", ["state", "due_at", "id"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_index(
        "ix_deliveries_troubled",
        "deliveries",
        ["state", "changed_at"],
        sqlite_where=TROUBLED,
        postgresql_where=TROUBLED,
    )
    op.create_index(
        "ix_deliveries_put_off",
        "deliveries",
        ["mapping", "rule", "due_at"],
        sqlite_where=PUT_OFF,
        postgresql_where=PUT_OFF,
    )
