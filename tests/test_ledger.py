"""The ledger on both stores: the migrations make the tables, versions are told apart, the books find mistakes."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from harness import Running
from sqlalchemy import text

from gateway.errors import SchemaMismatch
from gateway.store import books, deliveries, leads
from gateway.store.ledger import Ledger
from gateway.store.tables import metadata


def test_the_migrations_make_exactly_the_tables_that_the_code_asks_for(ledger: Ledger) -> None:
    with ledger.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_migrating_twice_changes_nothing(ledger: Ledger) -> None:
    before = ledger.version()

    ledger.migrate()

    assert ledger.version() == before


@pytest.mark.parametrize(("version", "word"), [("9999", "newer"), (None, "older")])
def test_a_ledger_of_another_version_is_refused_with_a_sentence(ledger: Ledger, version: str | None, word: str) -> None:
    with ledger.write() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if version:
            connection.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))

    with pytest.raises(SchemaMismatch, match=word):
        ledger.check_version()


def test_a_new_data_folder_is_for_its_owner_alone(tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'deep' / 'data' / 'gateway.db'}")

    assert stat.S_IMODE(ledger.file.parent.stat().st_mode) == 0o700
    ledger.close()


def test_times_come_back_as_they_went_in(gateway: Running) -> None:
    before = datetime.now(UTC)
    event = gateway.event(gateway.post_website(name="Mira", phone="+12025550143"))

    assert event.received.tzinfo is not None
    assert 0 <= (event.received - before).total_seconds() < 20


def test_the_books_find_a_lead_that_disappeared(gateway: Running) -> None:
    gateway.post_website(name="Mira", phone="+12025550143", interest="2 BHK")
    gateway.wait_for_states(accepted=1)
    assert gateway.books().balanced
    gateway.stop_worker()

    with gateway.ledger.write() as connection:
        connection.execute(text("DELETE FROM attempts"))
        connection.execute(text("DELETE FROM deliveries"))

    with gateway.ledger.read() as connection:
        assert books.audit(connection).mistakes == ("1 leads are planned, but 0 of them have a delivery",)


def test_a_second_live_delivery_of_one_lead_cannot_be_made(gateway: Running) -> None:
    gateway.post_website(name="Mira", phone="+12025550143", interest="2 BHK")
    [delivery] = gateway.wait_for_states(accepted=1)
    [lead] = gateway.leads()

    with gateway.ledger.write() as connection:
        again = deliveries.add(connection, lead.lead.id, 1, delivery.plan, version=1, now=delivery.created)
        [stored] = leads.load(connection, [lead.lead.id])

    assert again is None
    assert stored.state == "planned"
