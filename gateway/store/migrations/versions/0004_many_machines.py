"""One writer at a time: nobody takes turns by rows any more."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.drop_index("ix_turns_at", "turns")
    op.drop_table("turns")
