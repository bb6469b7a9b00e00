"""`/metrics` and `/readyz`: what machines are told, for alarms, for scaling, for sharing requests out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from harness import PERSON, Running, mapping, running, wait_for
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_families
from prometheus_client.parser import text_string_to_metric_families as families
from sqlalchemy import event, text

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import alerts, measures, pulse
from gateway.store.ledger import Ledger

TOKENS = "scrape-me,the-old-one"

#: What Prometheus 3 asks for.
PROMETHEUS = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"

#: Tables that grow for ever, and the indexes that hold only what is open in them, or its highest id.
GROWING = ("events", "leads", "deliveries", "attempts", "receipts")
CHEAP = {
    *("ix_events_new", "ix_leads_due", "ix_leads_state", "ix_receipts_new"),
    *("ix_deliveries_due", "ix_deliveries_held", "ix_deliveries_sending", "ix_deliveries_troubled"),
}

#: In a plan: by which index; or, without one, which table.
BY_INDEX = re.compile(r"(?:INDEX |Index (?:Only )?Scan (?:Backward )?using |Bitmap Index Scan on )(\w+)")
WITHOUT = re.compile(rf"(?:SCAN|Seq Scan on) ({'|'.join(GROWING)})\b")


@pytest.fixture
def gateway(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway with metrics; its worker starts when a test says so."""
    with running(ledger, box, tmp_path, worker=False, GATEWAY_METRICS_TOKEN=TOKENS) as found:
        yield found
    clock.follow(None)


def ask(gateway: Running, token: str = "scrape-me", **headers: str) -> requests.Response:
    given = {"Authorization": f"Bearer {token}"} if token else {}
    return requests.get(f"{gateway.url}/metrics", headers=given | headers, timeout=10)


def figures(gateway: Running) -> dict[str, float]:
    """Each sample under its name, with the words of its labels: `gateway_leads_open unmapped`."""
    answer = ask(gateway)
    assert answer.status_code == 200, answer.text
    samples = (sample for family in families(answer.text) for sample in family.samples)
    return {" ".join([sample.name, *sample.labels.values()]): sample.value for sample in samples}


def test_without_a_setting_there_are_no_metrics_and_the_answer_says_how_to_have_them(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with running(ledger, box, tmp_path, worker=False) as gateway:
        answer = ask(gateway)
    clock.follow(None)

    assert (answer.status_code, answer.text) == (503, "metrics are off: set GATEWAY_METRICS_TOKEN\n")


@pytest.mark.parametrize("token", ["", "scrape-m", "scrape-me,the-old-one", "ключ"])
def test_without_the_token_nobody_learns_anything(gateway: Running, token: str) -> None:
    answer = ask(gateway, token.encode().decode("latin-1"))

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert "GATEWAY_METRICS_TOKEN" in answer.text
    assert "gateway_" not in answer.text
    assert gateway.refusals() == []  # these are lost leads, and this is none


@pytest.mark.parametrize("token", ["scrape-me", "the-old-one"])
def test_both_tokens_hold_while_one_replaces_the_other(gateway: Running, token: str) -> None:
    assert ask(gateway, token).status_code == 200


def test_what_came_in_and_what_became_of_it_is_counted(gateway: Running) -> None:
    gateway.start_worker()
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(accepted=1)
    gateway.post_website("unheard-of", **PERSON)
    wait_for(lambda: figures(gateway)["gateway_leads_open unmapped"], lambda found: found == 1)

    found = figures(gateway)

    assert found["gateway_workers"] == 1
    assert found["gateway_mapping_version"] >= 1
    totals = {name: found[f"gateway_{name}_total"] for name in GROWING}
    assert totals == {"events": 2, "leads": 2, "deliveries": 1, "attempts": 1, "receipts": 0}
    assert sum(count for name, count in found.items() if name.startswith("gateway_deliveries_due")) == 0
    assert found["gateway_backlog_seconds"] == 0


@pytest.mark.parametrize(
    ("fault", "state", "figure"),
    [
        ({"status": 401}, "held", "gateway_deliveries_held account"),
        ({"cut": "after"}, "uncertain", "gateway_deliveries_uncertain"),
        ({"status": 400, "body": {"message": "Invalid Number"}}, "failed", "gateway_deliveries_failed_last_hour"),
    ],
)
def test_what_did_not_leave_is_told_by_what_became_of_it(
    gateway: Running, fault: dict[str, Any], state: str, figure: str
) -> None:
    gateway.start_worker()
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(**fault)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_delivery(state)

    found = figures(gateway)

    assert found[figure] == 1
    assert found.get("gateway_alerts_open account", 0) == (state == "held")


def test_what_waits_grows_old_until_a_worker_comes(gateway: Running) -> None:
    gateway.post_website("price-list", name="Mira Sample", phone="+12025550143", interest="2 BHK")
    gateway.move_clock(90)

    found = figures(gateway)

    assert found["gateway_events_new"] == 1
    assert found["gateway_oldest_event_seconds"] == pytest.approx(90, abs=5)
    assert found["gateway_backlog_seconds"] == found["gateway_oldest_event_seconds"]
    assert found["gateway_workers"] == 0

    gateway.start_worker()
    wait_for(lambda: figures(gateway), lambda seen: seen["gateway_backlog_seconds"] == 0)


@pytest.mark.parametrize("key", alerts.WITHOUT_A_HOLD)
def test_no_more_workers_are_wanted_while_none_could_help(gateway: Running, key: str) -> None:
    gateway.post_website("price-list", **PERSON)
    gateway.move_clock(90)
    with gateway.ledger.write("alert") as connection:
        alerts.begin(connection, key, "all is slowed down", clock.now())

    found = figures(gateway)

    assert found["gateway_oldest_event_seconds"] > 80
    assert found["gateway_backlog_seconds"] == 0
    assert found[f"gateway_alerts_open {key}"] == 1


def test_a_worker_that_says_nothing_more_is_not_counted(gateway: Running) -> None:
    with gateway.ledger.write("beat") as connection:
        pulse.beat(connection, pulse.WORKER, "running", clock.now() - timedelta(seconds=60))

    assert figures(gateway)["gateway_workers"] == 0


def test_no_person_and_no_form_is_among_the_figures(gateway: Running) -> None:
    gateway.start_worker()
    gateway.write_mapping("other.yaml", mapping(campaign="secret_campaign"))
    gateway.fault(status=401)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(held=1)

    said = ask(gateway).text

    for private in ("Mira", "2025550143", "secret_campaign", "other", "test-key"):
        assert private not in said


def test_refused_requests_are_counted_by_source_and_cause(gateway: Running) -> None:
    gateway.post("website/other", b"name=x", headers={"X-Gateway-Token": "wrong"})

    wait_for(lambda: figures(gateway).get("gateway_refused_total wrong token website"), lambda times: times == 1)


def test_prometheus_gets_the_format_it_asks_for(gateway: Running) -> None:
    answer = ask(gateway, Accept=PROMETHEUS)

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    told = open_families(answer.text)  # type: ignore[no-untyped-call]
    assert {family.name for family in told} >= {"gateway_backlog_seconds", "gateway_events"}


def test_a_ledger_that_is_away_is_said_in_a_sentence(box: Sandbox, tmp_path: Path) -> None:
    empty = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")  # without tables
    with running(empty, box, tmp_path, worker=False, GATEWAY_METRICS_TOKEN=TOKENS) as gateway:
        told, ready = ask(gateway), requests.get(f"{gateway.url}/readyz", timeout=10)
    empty.close()
    clock.follow(None)

    assert (told.status_code, told.text) == (503, "the ledger cannot be read\n")
    assert (ready.status_code, ready.json()["error"]) == (503, "the ledger cannot be written")


def test_a_machine_that_takes_leads_is_ready_though_no_worker_runs(gateway: Running) -> None:
    assert requests.get(f"{gateway.url}/healthz", timeout=10).status_code == 503
    assert requests.get(f"{gateway.url}/readyz", timeout=10).json() == {"ok": True}


@pytest.mark.parametrize("path", ["healthz", "readyz", "metrics"])
def test_every_look_at_a_web_process_sets_its_clock_by_the_database(gateway: Running, path: str) -> None:
    wrong = timedelta(0 if gateway.ledger.on_sqlite else 1)  # a day; beside a file there is but one clock
    clock.align(wrong)
    try:
        requests.get(f"{gateway.url}/{path}", headers={"Authorization": "Bearer scrape-me"}, timeout=10)

        assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)
    finally:
        clock.align(timedelta())


def test_no_figure_reads_a_table_that_grows(ledger: Ledger) -> None:
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        asked.append((statement, parameters))

    event.listen(ledger.engine, "before_cursor_execute", note)
    with ledger.read() as connection:
        measures.take(connection, clock.now())
    event.remove(ledger.engine, "before_cursor_execute", note)

    for statement, parameters in asked:
        if re.search(rf"\bFROM ({'|'.join(GROWING)})\b", statement):
            assert _looked_into(_plan(ledger, statement, parameters)) <= CHEAP, statement


def _looked_into(plan: list[str]) -> set[str]:
    """The indexes that a plan uses, and the tables that it reads without one; a look for the last id is none."""
    plan = [step for step in plan if not re.search(r"Scan Backward using pk_", step)]
    found = (BY_INDEX.search(step) or WITHOUT.search(step) for step in plan)
    return {one[1] for one in found if one}


def _plan(ledger: Ledger, statement: str, parameters: Any) -> list[str]:
    """How the database would answer: a line for each table that it looks into."""
    if ledger.on_sqlite:
        with ledger.read() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
        return [str(row[3]) for row in rows]
    with ledger.engine.connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # empty tables are read whole otherwise
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters).all()
    return [str(row[0]) for row in rows]
