"""`gateway move`: a SQLite ledger goes on in PostgreSQL, whole or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import PERSON, ROOT, environment, mapping, running, somebody, wait_for
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import IntegrityError

from gateway import cli, clock
from gateway.cli.move.progress import Told
from gateway.engine.one import only_worker
from gateway.errors import GatewayError
from gateway.sandbox.server import Sandbox
from gateway.store import moving, rows
from gateway.store.ledger import Ledger
from gateway.store.tables import events, heartbeats, metadata


def administer(url: str, command: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(command))
    engine.dispose()


@pytest.fixture
def target(postgres: str) -> Iterator[str]:
    """The URL of a database without anything in it, its password in the URL."""
    name = f"move_{uuid.uuid4().hex[:12]}"
    administer(postgres, f"CREATE DATABASE {name}")
    url = make_url(postgres).set(database=name, password="secret-word")
    yield url.render_as_string(hide_password=False)
    administer(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@dataclass
class Desk:
    """A SQLite ledger, and the commands of its operator."""

    box: Sandbox
    tmp_path: Path
    ledger: Ledger

    @property
    def settings(self) -> dict[str, str]:
        url = self.ledger.url.render_as_string(hide_password=False)
        return environment(self.box, self.tmp_path, url)

    def command(self, *arguments: str) -> Result:
        return CliRunner(env=self.settings).invoke(cli.gateway, arguments)

    def move(self, target: str, *more: str) -> Result:
        return self.command("move", "--to", target, *more)

    def die(self, target: str, step: str) -> None:
        """Move in a process of its own that is killed at this step."""
        crash = self.tmp_path / "crash"
        crash.write_text(step)
        settings = self.settings | {"GATEWAY_CRASH_FILE": str(crash), "PATH": os.environ["PATH"]}
        command = [sys.executable, "-m", "gateway", "move", "--to", target]
        done = subprocess.run(command, check=False, env=settings, cwd=ROOT, capture_output=True, timeout=60)
        assert done.returncode == -9, done.stderr

    def everything(self, url: str = "") -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table that is carried, by key."""
        ledger = Ledger(url) if url else self.ledger
        try:
            with ledger.read() as connection:
                found = {table.name: connection.execute(table.select()).all() for table in moving.TABLES}
        finally:
            if url:
                ledger.close()
        return {name: sorted((tuple(row) for row in rows), key=repr) for name, rows in found.items()}


@pytest.fixture
def desk(box: Sandbox, tmp_path: Path) -> Iterator[Desk]:
    ledger = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    ledger.migrate()
    yield Desk(box, tmp_path, ledger)
    ledger.close()
    clock.follow(None)


@pytest.fixture
def lived_in(desk: Desk) -> Desk:
    """A ledger with two leads: one was sent its message, the other's waits for another try."""
    with running(desk.ledger, desk.box, desk.tmp_path) as gateway:
        gateway.write_mapping("other.yaml", mapping())
        gateway.post_website("other", **PERSON)
        gateway.wait_for_states(accepted=1)
        gateway.fault(status=503, times=1)
        gateway.post_website("other", **somebody(1))
        gateway.wait_for_states(accepted=1, retrying=1)
        gateway.mend()
    return desk


def test_every_row_is_carried_and_the_gateway_goes_on_where_it_was(lived_in: Desk, target: str) -> None:
    before = lived_in.everything()

    moved = lived_in.move(target)

    assert moved.exit_code == 0, moved.output
    assert "each was compared with the one here" in moved.stdout
    assert "secret-word" not in moved.output
    assert lived_in.everything(target) == before
    ledger = Ledger(target)
    with running(ledger, lived_in.box, lived_in.tmp_path) as gateway:
        again = gateway.post_website("other", **PERSON)  # it is known already
        gateway.move_clock(3600)
        gateway.wait_for_states(accepted=2)
        wait_for(lambda: [str(lead.state) for lead in gateway.leads(again)], lambda found: found == ["duplicate"])
        assert len(gateway.calls()) == 2
        assert gateway.books().balanced
        audit = gateway.command("audit")
    ledger.close()
    assert audit.exit_code == 0, audit.output


def test_ids_of_erased_rows_are_never_given_again(lived_in: Desk, target: str) -> None:
    with lived_in.ledger.write() as connection:
        added = connection.execute(events.insert().returning(events.c.id), _event()).scalar_one()
        connection.execute(events.delete().where(events.c.id == added))

    lived_in.move(target)

    ledger = Ledger(target)
    with ledger.write() as connection:
        assert rows.insert(connection, events, _event()) == added + 1
    ledger.close()


def test_texts_bytes_and_times_come_out_as_they_went_in(desk: Desk, target: str) -> None:
    odd = [_event(form=form, body=body) for form, body in [("\\N\t\r\n", bytes(range(256))), ("ß🙂\\x00", b"\\")]]
    with desk.ledger.write() as connection:
        connection.execute(events.insert(), odd)
        connection.execute(
            text("INSERT INTO identities VALUES ('Z', 1, :at), ('a', 2, :at), ('é', 3, :at), ('_', 4, :at)"),
            {"at": "2026-03-29 01:30:00.000001"},
        )
    before = desk.everything()

    assert desk.move(target).exit_code == 0

    assert desk.everything(target) == before


def _event(**more: object) -> dict[str, object]:
    return {"received_at": clock.now(), "body": b"{}", "source": "website", "state": "ignored"} | more


def test_a_ledger_that_was_moved_says_so_to_every_command_and_takes_nothing(lived_in: Desk, target: str) -> None:
    lived_in.move(target)

    place = f"{make_url(target).database} on "
    for command in ("leads", "worker", "migrate", "serve"):
        said = lived_in.command(command, *(("--bind", "127.0.0.1:0") if command == "serve" else ()))
        assert said.exit_code == 2, command
        assert said.stderr.startswith(f"This ledger was moved to {place}"), command
        assert said.stderr.endswith("UTC: set DATABASE_URL to that database.\n"), command
        assert "secret-word" not in said.stderr
    with pytest.raises(GatewayError, match="This ledger was moved"):
        lived_in.ledger.check_version()


def test_what_a_process_still_writes_that_had_the_old_ledger_open_is_refused(lived_in: Desk, target: str) -> None:
    with running(lived_in.ledger, lived_in.box, lived_in.tmp_path, worker=False) as gateway:
        assert lived_in.move(target).exit_code == 0

        answer = gateway.post_signed("website", b'{"phone": "+12025550199"}', "website/other")

    assert answer.status_code == 503
    with pytest.raises(IntegrityError, match="this ledger was moved"), lived_in.ledger.write() as connection:
        connection.execute(events.delete())


def test_a_dry_run_counts_and_writes_nothing(lived_in: Desk, target: str) -> None:
    said = lived_in.move(target, "--dry-run")

    assert said.exit_code == 0, said.output
    assert ["events", "2"] in [line.split() for line in said.stdout.splitlines()]
    assert said.stdout.endswith("; nothing was written.\n")
    ledger = Ledger(target)
    assert ledger.version() is None
    ledger.close()
    assert lived_in.command("leads").exit_code == 0


def test_a_worker_that_is_running_is_not_overtaken(lived_in: Desk, target: str) -> None:
    with only_worker(lived_in.ledger):
        refused = lived_in.move(target)

    assert refused.exit_code == 2
    assert "A worker is running on" in refused.stderr
    assert lived_in.command("leads").exit_code == 0


def test_a_database_with_other_rows_is_left_as_it_is(lived_in: Desk, target: str) -> None:
    ledger = Ledger(target)
    ledger.migrate()
    with ledger.write() as connection:
        connection.execute(events.insert(), _event(form="theirs"))
    ledger.close()
    before = lived_in.everything(target)

    refused = lived_in.move(target)
    asked = lived_in.move(target, "--dry-run")

    assert (refused.exit_code, asked.exit_code) == (2, 2)
    assert "is not empty (events has rows); name an empty" in refused.stderr
    assert "is not empty (events has rows); name an empty" in asked.stderr
    assert lived_in.everything(target) == before
    assert lived_in.command("leads").exit_code == 0


def test_a_database_with_tables_of_something_else_is_refused(lived_in: Desk, target: str) -> None:
    administer(target, "CREATE TABLE theirs (id int)")

    refused = lived_in.move(target)

    assert refused.exit_code == 2
    assert "is not empty (it has a table theirs)" in refused.stderr


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("sqlite:////tmp/other.db", "--to takes a PostgreSQL database"),
        ("postgres://gateway@db/gateway", "--to takes a PostgreSQL database"),
        ("postgresql+psycopg://gateway:secret-word%zz@db:port/leads", "--to cannot be read"),
        ("postgresql+psycopg://gateway:secret-word@127.0.0.1:1/leads", "leads on 127.0.0.1:1 cannot be used"),
    ],
)
def test_a_target_that_cannot_be_is_refused_in_one_sentence(desk: Desk, url: str, sentence: str) -> None:
    refused = desk.move(url)

    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert "secret-word" not in refused.stderr
    assert "DATABASE_URL" not in refused.stderr


def test_an_older_ledger_is_migrated_before_it_is_moved(desk: Desk, target: str) -> None:
    with desk.ledger.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    refused = desk.move(target)

    assert (refused.exit_code, "run `gateway migrate`" in refused.stderr) == (2, True)


def test_a_move_from_postgresql_is_none(desk: Desk, target: str) -> None:
    refused = CliRunner(env=desk.settings | {"DATABASE_URL": target}).invoke(cli.gateway, ["move", "--to", target])

    assert refused.exit_code == 2
    assert "leave DATABASE_URL as it was" in refused.stderr


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("events SET reason = 'a' || char(0) || 'b'", "refuses the row events id=2: PostgreSQL text fields cannot"),
        ("leads SET tries = 5000000000", "refuses the row leads id=2: "),
        ("events SET form = CAST(x'ff' AS TEXT)", "the table events cannot be read near its first row"),
    ],
)
def test_a_row_that_cannot_be_carried_is_named_and_nothing_is_moved(
    lived_in: Desk, target: str, change: str, why: str
) -> None:
    with lived_in.ledger.write() as connection:
        connection.execute(text(f"UPDATE {change} WHERE id = 2"))

    said = lived_in.move(target)

    assert said.exit_code == 2
    assert "Nothing was moved to" in said.stderr
    assert why in said.stderr
    ledger = Ledger(target)
    with ledger.read() as connection:
        assert moving.filled(connection) == ""
    ledger.close()


@pytest.mark.parametrize("step", ["before the commit: arrival", "after the commit: arrival", "before the commit: move"])
def test_a_move_that_is_killed_is_run_again(lived_in: Desk, target: str, step: str) -> None:
    before = lived_in.everything()
    lived_in.die(target, step)
    assert lived_in.command("leads").exit_code == 0  # here all is as it was

    again = lived_in.move(target)

    assert again.exit_code == 0, again.output
    assert lived_in.everything(target) == before
    assert lived_in.command("leads").exit_code == 2


def test_a_move_may_be_suspended_for_as_long_as_a_person_likes(desk: Desk, target: str) -> None:
    ledger = Ledger(target)
    ledger.migrate()

    with desk.ledger.read() as old, ledger.write("arrival") as new, Told(0) as told:
        moving.take_over(old, new, told)
        assert new.scalar(text("SHOW idle_in_transaction_session_timeout")) == "0"
    ledger.close()


def test_every_table_is_carried_but_the_one_that_says_who_is_alive() -> None:
    assert set(moving.TABLES) == set(metadata.sorted_tables) - {heartbeats}


def test_progress_is_a_line_a_table_and_step_away_from_a_terminal(lived_in: Desk, target: str) -> None:
    moved = lived_in.move(target)

    steps = [line.split()[:3] for line in moved.stderr.splitlines() if "a second" in line]
    assert ["carried", "events", "2"] in steps
    assert ["compared", "events", "2"] in steps
    assert "\r" not in moved.stderr
