"""Many machines on one PostgreSQL ledger: jobs bring ids, whoever dies is replaced, and nothing is lost or doubled."""

from __future__ import annotations

import logging
import random
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests
from fleet import WEBS, WORKERS, fleet
from harness import PERSON, Running, mapping, running, somebody, wait_for
from sqlalchemy import Connection, func, select, text

from gateway import clock
from gateway.engine.many import Many
from gateway.errors import SchemaMismatch
from gateway.sandbox.server import Sandbox
from gateway.store import jobs, pulse
from gateway.store.jobs import Kind, due, schema
from gateway.store.ledger import Ledger
from gateway.store.tables import attempts, deliveries, leads

#: Seconds that AiSensy asks to wait, and by which one machine's clock is ahead of the others'.
ASKED_TO_WAIT, SKEW = 12, 5

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def waiting(ledger: Ledger) -> list[str]:
    """The jobs that wait, by their names, in the order in which they are fetched."""
    found = "SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id"
    with ledger.read() as connection:
        return list(connection.scalars(text(found)))


def count(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT count(*) FROM procrastinate_{table}")).scalar_one())


@pytest.fixture
def doors(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway whose workers are not started yet."""
    with running(ledger, box, tmp_path, worker=False) as found:
        yield found
    clock.follow(None)


def test_an_event_has_its_job_from_the_moment_it_is_stored_and_none_once_it_is_read(doors: Running) -> None:
    event = doors.post_website("other", **PERSON)
    assert waiting(doors.ledger) == [f"event:{event}"]

    doors.start_worker()
    doors.write_mapping("other.yaml", mapping())

    doors.wait_for_states(accepted=1)
    wait_for(lambda: waiting(doors.ledger), lambda found: f"event:{event}" not in found)


def test_what_is_undone_leaves_no_job(ledger: Ledger) -> None:
    with ledger.write("event", door=True) as connection:
        jobs.announce(connection, Kind.EVENT, [1])
        connection.rollback()

    assert waiting(ledger) == []


def test_a_job_that_waits_already_is_added_once_and_undoes_nothing(ledger: Ledger) -> None:
    with ledger.write("event", door=True) as connection:
        jobs.announce(connection, Kind.EVENT, [1, 2])
    with ledger.write("event", door=True) as connection:
        jobs.announce(connection, Kind.EVENT, [2, 3])

    assert waiting(ledger) == ["event:1", "event:2", "event:3"]


def test_what_nobody_announced_is_found_once(doors: Running) -> None:
    event = doors.post_website("other", **PERSON)
    with doors.ledger.write("lost") as connection:
        connection.execute(text("DELETE FROM procrastinate_jobs"))

    assert [due.announce(doors.ledger, clock.now()) for _ in range(3)] == [1, 0, 0]
    assert waiting(doors.ledger) == [f"event:{event}"]


def test_workers_share_the_work_and_each_call_is_made_once(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.start_worker()
    gateway.start_worker()
    gateway.fault(delay=0.05, times=60)

    for number in range(60):
        gateway.post_website("other", **somebody(number))

    gateway.wait_for_states(accepted=60)
    assert len({call["destination"] for call in gateway.calls()}) == len(gateway.calls()) == 60


def test_what_a_stopped_worker_leaves_another_sends(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(delay=0.3, times=30)
    for number in range(30):
        gateway.post_website("other", **somebody(number))
    wait_for(lambda: gateway.seen()["send"])

    gateway.stop_worker()
    gateway.start_worker()

    gateway.wait_for_states(accepted=30)
    assert len(gateway.calls()) == 30


def test_jobs_of_a_dead_worker_go_to_another(doors: Running) -> None:
    doors.post_website("other", **PERSON)
    with doors.ledger.write("dead") as connection:  # as kill -9 leaves it: fetched, and no sign of life since
        connection.execute(text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 s')"))
        dead = "UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT max(id) FROM procrastinate_workers)"
        connection.execute(text(dead))

    doors.start_worker()
    doors.write_mapping("other.yaml", mapping())

    doors.wait_for_states(accepted=1)


def test_slow_look_ups_keep_no_message_back(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path, worker=False, GATEWAY_THREADS="4") as gateway:
        gateway.fault(on="graph", delay=3, times=100)
        for _ in range(12):
            gateway.post_sample("facebook/one-lead-large-budget.json")
        gateway.start_worker()
        wait_for(lambda: gateway.seen()["graph"] >= 2)

        gateway.write_mapping("other.yaml", mapping())
        gateway.post_website("other", **PERSON)

        wait_for(gateway.calls, patience=5)
        assert gateway.seen()["graph"] <= 6
        gateway.mend()


def test_what_is_due_is_announced_while_many_jobs_wait(doors: Running) -> None:
    with doors.ledger.write("event", door=True) as connection:
        jobs.announce(connection, Kind.EVENT, range(1000, 1300))
    with closing(Many(doors.ledger, 4)) as engine:
        wait_for(lambda: len(engine.work(4, 2).events) == 50)
        event = doors.post_website("other", **PERSON)
        with doors.ledger.write("lost") as connection:
            connection.execute(text("DELETE FROM procrastinate_jobs WHERE status = 'todo'"))
            jobs.announce(connection, Kind.EVENT, range(2000, 2300))

        wait_for(lambda: f"event:{event}" in waiting(doors.ledger))


def test_a_worker_whose_turns_fail_leaves_its_work_to_others_until_one_ends_well(doors: Running) -> None:
    event = doors.post_website("other", **PERSON)
    with closing(Many(doors.ledger, 4)) as sick:
        wait_for(lambda: sick.work(4, 2).events == [event])
        for _ in range(3):
            sick.turned(well=False)
        assert sick.work(4, 2).events == []

        with closing(Many(doors.ledger, 4)) as healthy:
            wait_for(lambda: healthy.work(4, 2).events == [event])
        sick.turned(well=True)

        wait_for(lambda: sick.work(4, 2).events == [event])


def test_jobs_come_from_a_database_of_several_hosts(doors: Running) -> None:
    event = doors.post_website("other", **PERSON)
    several = doors.ledger.url.update_query_dict({"host": ["/nowhere:5432", f"{doors.ledger.url.query['host']}:5432"]})
    ledger = Ledger(several.render_as_string(hide_password=False))

    with closing(ledger), closing(Many(ledger, 4)) as engine:
        wait_for(lambda: engine.work(4, 2).events == [event])


def test_a_database_that_cannot_be_reached_is_told_in_one_line(
    ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    away = Ledger(ledger.url.update_query_dict({"host": "/nowhere"}).render_as_string(hide_password=False))

    with caplog.at_level(logging.ERROR), closing(Many(away, 4)):
        wait_for(lambda: caplog.messages)

    assert "jobs cannot be had from the database now" in caplog.messages[0]
    assert "/nowhere" in caplog.messages[0]
    assert caplog.records[0].exc_info is None


def test_jobs_pile_up_nowhere(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    for number in range(20):
        gateway.post_website("other", **somebody(number))
    gateway.wait_for_states(accepted=20)

    def left() -> dict[str, int]:
        with gateway.ledger.read() as connection:
            return {name: count(connection, name) for name in ("jobs", "events", "periodic_defers")}

    wait_for(left, lambda now: max(now.values()) <= 2)  # the sweep of this second, and of the one before


def test_while_the_rate_lets_few_leave_jobs_are_kept_and_a_fresh_lead_comes_first(doors: Running) -> None:
    doors.start_worker()
    doors.write_mapping("other.yaml", mapping())
    for number in range(40):
        doors.post_website("other", **somebody(number))
    doors.wait_for_states(accepted=40)
    doors.stop_worker()
    with doors.ledger.write("again") as connection:
        connection.execute(text("UPDATE deliveries SET state = 'scheduled', token = '', rank = 3"))
    due.announce(doors.ledger, clock.now())

    with doors.ledger.write("fresh") as connection:
        connection.execute(text("UPDATE deliveries SET rank = 0 WHERE id = 17"))
        connection.execute(text("DELETE FROM procrastinate_jobs WHERE queueing_lock = 'delivery:17'"))
    due.announce(doors.ledger, clock.now())

    assert waiting(doors.ledger)[0] == "delivery:17"


def test_health_says_how_many_workers_are_well(doors: Running) -> None:
    with doors.ledger.write("beat") as connection:
        pulse.beat(connection, pulse.WORKER, "stopped", clock.now())
        row = "INSERT INTO heartbeats VALUES ('worker other:1', :now, 'running'), ('worker third:1', :now, 'running')"
        connection.execute(text(row), {"now": clock.now() - timedelta(seconds=3)})

    answer = requests.get(f"{doors.url}/healthz", timeout=10)

    assert (answer.status_code, answer.json()) == (200, {"ok": True, "workers": 2})


def test_tables_of_an_older_procrastinate_are_refused_until_they_are_migrated(ledger: Ledger) -> None:
    last = _last_migration(ledger)
    with ledger.write("older") as connection:
        connection.execute(text("DELETE FROM procrastinate_applied WHERE migration = :last"), {"last": last})
        connection.execute(text("DROP FUNCTION procrastinate_retry_job_v2"))

    with pytest.raises(SchemaMismatch, match="older than the installed Procrastinate: run `gateway migrate`"):
        ledger.check_version()
    with ledger.write("older") as connection:
        schema.prepare(connection)

    ledger.check_version()


def _last_migration(ledger: Ledger) -> str:
    with ledger.read() as connection:
        return str(connection.execute(text("SELECT max(migration) FROM procrastinate_applied")).scalar_one())


def test_tables_of_a_newer_procrastinate_are_refused_with_a_sentence(ledger: Ledger) -> None:
    with ledger.write("newer") as connection:
        connection.execute(text("INSERT INTO procrastinate_applied VALUES ('99.00.00_01_more.sql')"))

    for refused in (ledger.check_version, ledger.migrate):
        with pytest.raises(SchemaMismatch, match=r"a newer Procrastinate \(99.00.00_01_more.sql\)"):
            refused()


def test_all_migrations_one_after_the_other_make_what_the_schema_makes(ledger: Ledger) -> None:
    before = _objects(ledger)
    with ledger.write("anew") as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
        connection.execute(text("CREATE TABLE procrastinate_applied (migration text PRIMARY KEY)"))

    ledger.migrate()

    assert _objects(ledger) == before


def _objects(ledger: Ledger) -> list[str]:
    """Tables with their columns, indexes and functions of Procrastinate."""
    found = """
        SELECT concat_ws(' ', table_name, column_name, data_type) FROM information_schema.columns
            WHERE table_name LIKE 'procrastinate%'
        UNION SELECT proname FROM pg_proc WHERE proname LIKE 'procrastinate%'
        UNION SELECT indexname FROM pg_indexes WHERE tablename LIKE 'procrastinate%' ORDER BY 1
    """
    with ledger.read() as connection:
        return list(connection.scalars(text(found)))


def test_the_database_tells_all_machines_what_time_it_is(ledger: Ledger) -> None:
    clock.align(timedelta(hours=1))

    with ledger.read() as connection:
        pulse.align(connection)
        theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()

    assert abs(clock.now() - theirs) < timedelta(seconds=0.5)
    clock.align(timedelta())


def test_machines_that_are_killed_at_random_lose_nothing_and_double_nothing(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with fleet(ledger, box, tmp_path) as found:
        assert (len(found.workers), len(found.webs)) == (WORKERS, WEBS)

        endured = found.storm(12.0, random.Random(5))

    assert endured.verdict.broken == []
    assert sum(endured.killed.values()) >= 3
    assert endured.gap < 10


def test_machines_whose_clocks_differ_lose_nothing_double_nothing_and_send_nothing_much_too_early(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    ahead = tmp_path / "ahead"
    ahead.write_text(str(SKEW))
    with fleet(ledger, box, tmp_path) as found:
        found.workers[0].environment = found.workers[0].environment | {"GATEWAY_CLOCK_FILE": str(ahead)}
        found.fault(status=429, retry_after=ASKED_TO_WAIT, times=3)

        endured = found.storm(6.0, random.Random(0), kills=False)

        calls = requests.get(f"{box.url}/calls", timeout=30).json()["calls"]
    assert endured.verdict.broken == []
    assert not endured.verdict.doubts
    taken = {call["number"]: datetime.fromisoformat(call["at"]) for call in calls}
    waited = [taken[number] - received for number, received in tried_again(ledger)]
    assert len(waited) == 3
    assert min(waited) > timedelta(seconds=ASKED_TO_WAIT - SKEW)


def tried_again(ledger: Ledger) -> list[tuple[str, datetime]]:
    """Whom a second try was made for, and when their lead came, by the clock of the web process."""
    found = select(deliveries.c.destination, leads.c.received_at).join(leads, leads.c.id == deliveries.c.lead_id)
    tries = select(attempts.c.delivery_id).group_by(attempts.c.delivery_id).having(func.count() > 1)
    with ledger.read() as connection:
        return [(row[0], row[1]) for row in connection.execute(found.where(deliveries.c.id.in_(tries)))]
