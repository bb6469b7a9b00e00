"""Whatever goes wrong, wherever a process dies: nothing is lost, nobody is messaged twice, and all is explained."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import hardships
import kills
import pytest
import steps
from crashing import Ordeal, Trial, ordeal
from harness import wait_for
from serving import run_command

from gateway import crash
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: Leads around each trial.
LEADS = 6

#: Each victim once; `make torture` has every moment for every victim.
KILLS = dict(zip(kills.VICTIMS, kills.MOMENTS, strict=True))

#: Steps at which PostgreSQL shows by time alone that a worker is gone, or where it meets another one.
BESIDE_ANOTHER = ("start", "beat", "new version", "claim", "announcing", "the call")

#: Hardships that PostgreSQL meets in its own way, and some faults, with two workers.
ON_POSTGRESQL = ("the ", "16 clients", "AiSensy: 500", "AiSensy: 503", "AiSensy: 404", "no credit")


def _steps(who: str, *only: str) -> list[Trial]:
    return [trial for trial in steps.trials() if trial.who == who and trial.only in ("", *only)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", ["parent", "web", "worker"])
def test_a_process_may_die_at_any_step(ledger: Ledger, box: Sandbox, tmp_path: Path, who: str) -> None:
    with ordeal(ledger, box, tmp_path) as under_fire:
        _all_adds_up(under_fire, _steps(who))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_worker_may_die_at_any_step_beside_another(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with ordeal(ledger, box, tmp_path, workers=2) as under_fire:
        found = _steps("worker", "PostgreSQL", "two workers")
        _all_adds_up(under_fire, (trial for trial in found if any(word in trial.name for word in BESIDE_ANOTHER)))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_kill_9_may_hit_anybody_at_any_moment(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    hits = {(f"kill -9 {moment}", victim) for victim, moment in KILLS.items()}
    with ordeal(ledger, box, tmp_path) as under_fire:
        _all_adds_up(under_fire, (trial for trial in kills.trials() if (trial.name, trial.who) in hits))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_services_and_the_machine_may_fail(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with ordeal(ledger, box, tmp_path) as under_fire:
        _all_adds_up(under_fire, (trial for trial in hardships.trials(long=False) if trial.only != "PostgreSQL"))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_services_and_the_machine_may_fail_two_workers(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    found = [trial for trial in hardships.trials(long=False) if trial.only != "SQLite"]
    with ordeal(ledger, box, tmp_path, workers=2) as under_fire:
        _all_adds_up(under_fire, (trial for trial in found if trial.name.startswith(ON_POSTGRESQL)))


@pytest.mark.parametrize("file", ["gateway.migrating", "gateway.db-wal", "gateway.worker"])
def test_killed_while_it_makes_its_ledger_it_starts_the_next_time(box: Sandbox, tmp_path: Path, file: str) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    with ordeal(ledger, box, tmp_path) as under_fire:
        under_fire.gateway.start()
        wait_for((tmp_path / "data" / file).exists)
        under_fire.gateway.kill_everything()

        under_fire.gateway.start()
        under_fire.gateway.wait_until_well()

        _all_adds_up(under_fire, [Trial("a start", Ordeal.post)])
    ledger.close()


def test_every_write_of_the_code_and_every_call_out_is_a_step_that_some_trial_comes_to() -> None:
    known = {place.name for place in (*steps.COMMITS, *steps.CALLS)}

    assert steps.in_the_code() - known == steps.BY_PEOPLE
    assert steps.without_a_name() == []


def test_only_one_process_dies_by_a_crash_file_and_only_at_its_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[int] = []
    monkeypatch.setattr("os.kill", lambda _pid, blow: killed.append(blow))
    file = tmp_path / "crash"
    file.write_text("before the call leaves")
    crash.follow(file)

    crash.here("after the call is answered")
    assert not killed
    crash.here("before the call leaves")
    crash.here("before the call leaves")
    crash.follow(None)

    assert len(killed) == 1
    assert crash.taken(file).exists()


def _all_adds_up(under_fire: Ordeal, trials: Iterable[Trial]) -> None:
    """Each trial is judged by itself; in the end the command looks at the whole."""
    for trial in trials:
        verdict = under_fire.go_through(trial, LEADS)
        assert (trial.name, verdict.broken) == (trial.name, [])
        assert verdict.answered >= verdict.posted * 2 // 3, "two sources of three try until they are answered"
    audit = run_command(under_fire.gateway.environment, under_fire.gateway.folder, "audit")
    assert (audit.returncode, audit.stderr) == (0, "")
