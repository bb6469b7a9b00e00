"""The ledger on both stores: the migrations make the tables, versions are told apart, the books find mistakes."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import CliRunner, Result
from harness import Running, mapping
from sqlalchemy import URL, Connection, create_engine, make_url, text

from gateway import jsontext, planjson
from gateway.cli import gateway as gateway_command
from gateway.errors import SchemaMismatch
from gateway.model import Plan, PlanKind
from gateway.store import books, deliveries, leads, promises, versions
from gateway.store import ledger as ledgers
from gateway.store.ledger import Ledger
from gateway.store.promises import Promise
from gateway.store.tables import metadata


def test_the_migrations_make_exactly_the_tables_that_the_code_asks_for(ledger: Ledger) -> None:
    with ledger.read() as connection:
        assert _differences(connection) == []


def _differences(connection: Connection) -> list[Any]:
    """How the tables differ from those of the code; Procrastinate's are its own."""
    ours = {"include_name": lambda name, kind, _parents: kind != "table" or not name.startswith("procrastinate_")}
    return list(compare_metadata(MigrationContext.configure(connection, opts=ours), metadata))


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


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_cannot_hold_every_letter_is_refused_with_a_sentence(postgres: str, encoding: str) -> None:
    database = f"TEMPLATE template0 ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C'"
    with made(postgres, "DATABASE", f"narrow_{encoding.lower()}", database) as name:
        url = make_url(postgres).set(database=name)

        for command in ("migrate", "publish"):
            said = _command(url, command)
            assert (said.exit_code, said.stderr) == (
                2,
                f"This database is {encoding}; make one with ENCODING 'UTF8' TEMPLATE template0.\n",
            )


def test_a_user_who_may_not_make_tables_is_told_so(postgres: str) -> None:
    with made(postgres, "ROLE", "guest", "LOGIN") as guest, made(postgres, "DATABASE", "bare") as name:
        said = _command(make_url(postgres).set(database=name, username=guest), "migrate")

    assert said.exit_code == 2
    assert said.stderr == "The ledger cannot be migrated: permission denied for schema public.\n"


@contextmanager
def made(postgres: str, kind: str, name: str, how: str = "") -> Iterator[str]:
    """A DATABASE or a ROLE that goes away after the block."""
    server = create_engine(postgres, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE {kind} {name} {how}"))
        try:
            yield name
        finally:
            connection.execute(text(f"DROP {kind} {name} {'WITH (FORCE)' if kind == 'DATABASE' else ''}"))
    server.dispose()


def _command(url: URL, *arguments: str) -> Result:
    environ = {"DATABASE_URL": url.render_as_string(hide_password=False)}
    return CliRunner(env=environ).invoke(gateway_command, arguments)


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
        assert books.audit(connection).mistakes == (
            "1 leads are planned, but 0 of them have a delivery",
            "1 leads are planned, but have no first call: l1",
        )


def test_a_second_live_delivery_of_one_lead_cannot_be_made(gateway: Running) -> None:
    gateway.post_website(name="Mira", phone="+12025550143", interest="2 BHK")
    [delivery] = gateway.wait_for_states(accepted=1)
    [lead] = gateway.leads()

    with gateway.ledger.write() as connection:
        again = promises.add(connection, [Promise(lead.lead.id, 1, delivery.plan, 1)], delivery.created)
        [stored] = leads.load(connection, [lead.lead.id])

    assert again == [None]
    assert stored.state == "planned"


OLD_TEXTS = (mapping(campaign="goa_villas_welcome"), mapping(campaign="price_list"))

#: What stood in the tables of the first revision.
OLD_ROWS = {
    "mapping_versions (published_at, files)": "(:at, :first), (:at, :second)",
    "events (source, form, received_at, body, state)": "('website', 'other', :at, '', 'read')",
    "leads (event_id, source, form, received_at, answers, about, state)": (
        "(1, 'website', 'other', :at, :answers, '{}', 'planned')"
    ),
    "deliveries (lead_id, mapping, mapping_version, rule, campaign, plan, state, due_at, created_at, changed_at)": (
        "(1, 'other.yaml', 2, 'Everyone', 'welcome', :plan, 'scheduled', :at, :at, :at)"
    ),
}


@pytest.fixture
def old_ledger(ledger: Ledger) -> Ledger:
    """A ledger as the first version of this program left it: two versions of the mappings, one lead, one delivery."""
    answers = [{"names": ["name"], "value": "Mira"}, {"names": ["phone"], "value": "+1 (202) 555-0143"}]
    values = {
        "at": "2026-10-05 11:33:25",
        "answers": jsontext.dumps(answers),
        "plan": planjson.dumps(Plan(PlanKind.CALL, "other.yaml", rule="Everyone", call={"campaignName": "welcome"})),
        "first": jsontext.dumps({"other.yaml": OLD_TEXTS[0], "gone.yaml": mapping("gone")}),
        "second": jsontext.dumps({"other.yaml": OLD_TEXTS[1]}),
    }
    _to_the_first_revision(ledger)
    with ledger.write() as connection:
        for table, row in OLD_ROWS.items():
            connection.execute(text(f"INSERT INTO {table} VALUES {row}"), values)
    return ledger


def _to_the_first_revision(ledger: Ledger) -> None:
    """An empty database, and the tables of the first revision alone."""
    with ledger.write() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DELETE FROM alembic_version"))
    with ledger.write() as connection:
        config = ledgers._config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def test_an_old_ledger_keeps_all_it_has_and_learns_texts_versions_and_phone_numbers(
    old_ledger: Ledger, tmp_path: Path
) -> None:
    old_ledger.migrate()

    with old_ledger.read() as connection:
        assert _differences(connection) == []
        assert versions.live(connection) == (2, {"other.yaml": OLD_TEXTS[1]})
        assert versions.files_of(connection, 1) == {"other.yaml": OLD_TEXTS[0], "gone.yaml": mapping("gone")}
        [delivery] = deliveries.load(connection, [1])
    assert (delivery.first_version, delivery.mapping_version) == (2, 2)
    environ = {"DATABASE_URL": old_ledger.url.render_as_string(hide_password=False), "GATEWAY_DATA": str(tmp_path)}
    why = CliRunner(env=environ).invoke(gateway_command, ["why", "12025550143"])
    assert "1 lead, 1 message scheduled" in why.output
    assert f"planned by other.yaml version 2 ({versions.hash_of(OLD_TEXTS[1])[:8]})" in why.output
    assert CliRunner(env=environ).invoke(gateway_command, ["history", "gone.yaml@1"]).output == mapping("gone")
