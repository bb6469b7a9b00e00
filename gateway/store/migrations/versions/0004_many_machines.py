"""One writer at a time: nobody takes turns by rows any more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TROUBLED = sa.text("state IN ('failed', 'uncertain')")
WAITING = sa.text("state = 'waiting' AND due_at IS NOT NULL")


def upgrade() -> None:
    op.drop_index("ix_turns_at", "turns")
    op.drop_table("turns")
    op.drop_index("ix_leads_due", "leads")
    waiting = {"sqlite_where": WAITING, "postgresql_where": WAITING}
    op.create_index("ix_leads_due", "leads", ["state", "due_at", "id"], **waiting)
    troubled = {"sqlite_where": TROUBLED, "postgresql_where": TROUBLED}
    op.create_index("ix_deliveries_troubled", "deliveries", ["state", "changed_at"], **troubled)
