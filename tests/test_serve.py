"""`gateway serve` from outside: it starts, keeps its children alive, stops without a loss, and says what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from harness import environment, wait_for
from serving import Serving, run_command, serving
from sqlalchemy import text

from gateway import samples
from gateway.engine import OneMachine
from gateway.errors import GatewayError
from gateway.sandbox.server import Sandbox
from gateway.store import deliveries
from gateway.store.ledger import Ledger


@pytest.fixture
def served(box: Sandbox, tmp_path: Path) -> Iterator[Serving]:
    """`gateway serve` on a fresh SQLite ledger, well."""
    with serving(environment(box, tmp_path), tmp_path) as found:
        found.start()
        found.wait_until_well()
        yield found


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """The ledger that `served` keeps (it is not made here)."""
    found = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    yield found
    found.close()


def _post(gateway: Serving, number: int) -> requests.Response:
    lead = {"name": f"Lead {number}", "phone": f"+1202555{100 + number:04}", "interest": "2 BHK"}
    token = {"X-Gateway-Token": samples.INVENTED["WEBSITE_TOKEN"]}
    return requests.post(f"{gateway.url}/hooks/website/price-list", data=lead, headers=token, timeout=10)


def _states(ledger: Ledger) -> list[str]:
    with ledger.read() as connection:
        return [str(one.state) for one in deliveries.listing(connection, limit=None)]


def _calls_seen(box: Sandbox) -> int:
    return int(requests.get(f"{box.url}/seen", timeout=10).json()["send"])


def _slow_down(box: Sandbox, seconds: float) -> None:
    requests.post(f"{box.url}/faults", json={"delay": seconds, "times": 0}, timeout=10).raise_for_status()


def test_it_starts_and_a_lead_becomes_a_call(served: Serving, ledger: Ledger) -> None:
    assert _post(served, 1).status_code == 200

    wait_for(lambda: _states(ledger) == ["accepted"])


def test_a_killed_worker_and_a_killed_web_master_are_started_again_and_leads_go_on(
    served: Serving, ledger: Ledger
) -> None:
    dead = [served.kill("worker"), served.kill("web master")]
    wait_for(lambda: len(served.find("worker")) == 1 and len(served.find("web worker")) == 2)
    wait_for(lambda: served.health() == 200)

    assert _post(served, 1).status_code == 200
    wait_for(lambda: _states(ledger) == ["accepted"])
    assert not set(dead) & set(served.family())


def test_after_five_deaths_within_a_minute_it_gives_up_and_says_so(served: Serving) -> None:
    for _ in range(5):
        served.kill("worker")

    assert served.wait() == 1
    assert "CRITICAL gateway.parent: the worker process died 5 times within a minute; giving up" in served.log
    wait_for(lambda: served.family() == [])


def test_on_sigterm_it_finishes_the_calls_in_flight_and_says_that_it_is_not_well(
    served: Serving, ledger: Ledger, box: Sandbox
) -> None:
    _slow_down(box, 2)
    for number in range(3):
        _post(served, number)
    wait_for(lambda: _calls_seen(box) == 3)

    served.terminate()

    wait_for(lambda: served.health() == 503)
    assert served.alive
    assert served.wait() == 0
    assert _states(ledger) == ["accepted"] * 3
    assert served.family() == []


def test_a_lead_that_comes_while_it_stops_is_stored_and_sent_after_the_next_start(
    served: Serving, ledger: Ledger, box: Sandbox
) -> None:
    _slow_down(box, 2)
    _post(served, 1)
    wait_for(lambda: _calls_seen(box) == 1)
    served.terminate()
    wait_for(lambda: served.health() == 503)

    assert _post(served, 2).status_code == 200

    assert served.wait() == 0
    assert _states(ledger) == ["accepted"]
    served.start()
    wait_for(lambda: _states(ledger) == ["accepted"] * 2)


@pytest.mark.parametrize("born", ["parent", "worker", "web master", "web worker"])
def test_sigterm_while_it_starts_ends_it_too(box: Sandbox, tmp_path: Path, born: str) -> None:
    with serving(environment(box, tmp_path), tmp_path) as gateway:
        gateway.start()
        wait_for(lambda: gateway.find(born))

        gateway.terminate()

        # Before it can care for children, a plain death by the signal is right.
        assert gateway.wait(10) in (0, -15)
        wait_for(lambda: gateway.family() == [])


def test_the_orphans_of_a_killed_parent_end_and_a_new_start_has_the_same_port(served: Serving, ledger: Ledger) -> None:
    served.kill("parent")

    wait_for(lambda: served.family() == [], patience=6)
    served.start()
    served.wait_until_well()
    assert _post(served, 1).status_code == 200
    wait_for(lambda: _states(ledger) == ["accepted"])


def test_a_second_worker_on_the_same_sqlite_ledger_is_refused(served: Serving, ledger: Ledger) -> None:
    wait_for((served.folder / "data" / "gateway.worker").exists)

    with pytest.raises(GatewayError) as refused:
        OneMachine(ledger)

    assert str(refused.value) == f"Another worker is running on {ledger.file}; one is all that SQLite takes."


def test_web_and_worker_run_apart_work_together(box: Sandbox, tmp_path: Path, ledger: Ledger) -> None:
    settings = environment(box, tmp_path)
    with serving(settings, tmp_path) as web, serving(settings, tmp_path) as worker:
        assert run_command(settings, tmp_path, "migrate").returncode == 0
        web.start("web", "--bind", f"127.0.0.1:{web.port}")
        wait_for(lambda: web.health() == 503)
        worker.start("worker")
        web.wait_until_well()

        assert _post(web, 1).status_code == 200
        wait_for(lambda: _states(ledger) == ["accepted"])

        worker.terminate()
        web.terminate()
        assert (worker.wait(), web.wait()) == (0, 0)


def test_wrong_settings_are_all_named_at_once(tmp_path: Path) -> None:
    wrong = {"GATEWAY_DEADLINE": "soon", "GATEWAY_COUNTRY": "India", "AISENSY_BASE_URL": "http://example.com"}

    ended = run_command(wrong, tmp_path, "serve")

    assert ended.returncode == 2
    assert ended.stderr.splitlines() == [
        "AISENSY_BASE_URL must be an https:// address (http:// only to this machine)",
        "GATEWAY_COUNTRY 'India' is no country code; write two capitals, like IN",
        "GATEWAY_DEADLINE must be a whole number from 1 to 20",
    ]


@pytest.mark.parametrize("command", ["serve", "migrate", "leads"])
def test_a_ledger_of_a_newer_version_is_refused(tmp_path: Path, ledger: Ledger, command: str) -> None:
    ledger.migrate()
    with ledger.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'f00d'"))

    ended = run_command({"GATEWAY_DATA": str(tmp_path / "data")}, tmp_path, command)

    assert ended.returncode == 2
    assert ended.stderr == "The ledger was made by a newer program (f00d): install that version again.\n"


def test_an_older_ledger_is_told_to_migrate(tmp_path: Path, ledger: Ledger) -> None:
    ledger.file.touch()

    ended = run_command({"GATEWAY_DATA": str(tmp_path / "data")}, tmp_path, "leads")

    assert ended.returncode == 2
    assert ended.stderr == "The ledger is older than this program (empty): run `gateway migrate`.\n"


@pytest.mark.parametrize("command", ["serve", "leads"])
def test_a_database_that_cannot_be_reached_is_one_sentence_without_its_password(tmp_path: Path, command: str) -> None:
    nobody = "postgresql+psycopg://gateway:pass-of-the-ledger@127.0.0.1:1/gateway"

    ended = run_command({"DATABASE_URL": nobody}, tmp_path, command)

    assert ended.returncode == 2
    assert ended.stderr.startswith("The ledger cannot be opened: ")
    assert len(ended.stderr.splitlines()) == 1
    assert "pass-of-the-ledger" not in ended.stderr
