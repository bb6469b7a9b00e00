"""Contracts, drift, texts of mappings by their hash, leads by phone number, the newest released lead first."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

from gateway.store.phones import endings

revision = "0002"
down_revision = "0001"

MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text("state IN ('scheduled', 'retrying')")


def upgrade() -> None:
    op.create_table(
        "contracts",
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("params", sa.Integer(), nullable=True),
        sa.Column("media", sa.Text(), server_default="", nullable=False),
        sa.Column("missing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("status", sa.Text(), server_default="", nullable=False),
        sa.Column("says", sa.Text(), server_default="", nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("campaign", name="pk_contracts"),
    )
    op.create_table(
        "drifts",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("says", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("source", "form", "kind", "answer", name="pk_drifts"),
    )
    op.add_column("deliveries", sa.Column("first_version", sa.Integer(), nullable=True))
    op.execute("UPDATE deliveries SET first_version = mapping_version")
    op.drop_index("ix_deliveries_due", "deliveries")
    newest_first = sa.text("lead_id DESC")
    op.create_index(
        "ix_deliveries_due", "deliveries", ["due_at", newest_first], sqlite_where=OPEN, postgresql_where=OPEN
    )
    op.create_index("ix_leads_source_form_id", "leads", ["source", "form", "id"])
    _mapping_texts()
    _phones()


def _mapping_texts() -> None:
    """Move each text under its hash; versions name the hashes."""
    texts = op.create_table(
        "mapping_texts",
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_mapping_texts"),
    )
    versions = sa.table("mapping_versions", sa.column("id"), sa.column("files"))
    connection = op.get_bind()
    known: dict[str, str] = {}
    for row in connection.execute(sa.select(versions)).all():
        hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in json.loads(row.files).items()}
        known |= {hashes[name]: text for name, text in json.loads(row.files).items()}
        changed = sa.update(versions).where(versions.c.id == row.id).values(files=json.dumps(hashes))
        connection.execute(changed)
    if known:
        op.bulk_insert(texts, [{"hash": name, "text": text} for name, text in known.items()])


def _phones() -> None:
    """Enter the leads that are here already."""
    phones = op.create_table(
        "phones",
        sa.Column("ending", sa.Text(), nullable=False),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.id"], name="fk_phones_lead_id"),
        sa.PrimaryKeyConstraint("ending", "lead_id", name="pk_phones"),
    )
    leads = sa.table("leads", sa.column("id"), sa.column("answers"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(leads)).all():
        values = [answer["value"] for answer in json.loads(row.answers)]
        found = endings(values)
        if found:
            op.bulk_insert(phones, [{"ending": ending, "lead_id": row.id} for ending in sorted(found)])
