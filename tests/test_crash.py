"""kill -9 of any process at any moment, then a start: nothing is lost and nobody is messaged twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from crashing import BATCH, MOMENTS, VICTIMS, Ordeal, ordeal
from harness import wait_for
from serving import run_command

from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

#: Without these, calls that are out stay without an answer.
SENDERS = {"worker", "everything"}

#: Not every moment for every victim: a call that is lost waits for its lease to end, however it was lost.
ON_POSTGRESQL = {
    "parent": {"while it starts", "with three calls out", "with a call written down"},
    "worker": {"with a look-up out", "with three calls out", "with a call taken, not answered"},
    "everything": {
        "after the first 200",
        "with one call out",
        "with a call taken, not answered",
        "with a call written down",
    },
}


@pytest.fixture
def under_fire(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Ordeal]:
    with ordeal(ledger, box, tmp_path) as found:
        yield found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("victim", VICTIMS)
def test_killed_at_any_moment_it_loses_nothing_and_messages_nobody_twice(under_fire: Ordeal, victim: str) -> None:
    for moment in MOMENTS:
        under_fire.kill_at(moment, victim)

    _all_adds_up(under_fire, some_uncertain=victim in SENDERS)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("victim", ON_POSTGRESQL)
def test_the_same_on_postgresql_where_only_time_shows_that_a_worker_is_gone(under_fire: Ordeal, victim: str) -> None:
    for moment in MOMENTS:
        if moment.name in ON_POSTGRESQL[victim]:
            under_fire.kill_at(moment, victim)

    _all_adds_up(under_fire, some_uncertain=victim in SENDERS)


@pytest.mark.parametrize("file", ["gateway.migrating", "gateway.db-wal", "gateway.worker"])
def test_killed_while_it_makes_its_ledger_it_starts_the_next_time(box: Sandbox, tmp_path: Path, file: str) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    with ordeal(ledger, box, tmp_path) as under_fire:
        under_fire.gateway.start()
        wait_for((tmp_path / "data" / file).exists)
        under_fire.gateway.kill_everything()

        under_fire.gateway.start()
        under_fire.gateway.wait_until_well()
        under_fire.post(BATCH)

        _all_adds_up(under_fire, some_uncertain=False)
    ledger.close()


def _all_adds_up(under_fire: Ordeal, *, some_uncertain: bool) -> None:
    under_fire.settle()

    tally = under_fire.verdict()
    assert tally.wrong == []
    assert tally.answered >= tally.posted * 2 // 3, "two sources of three try until they are answered"
    assert tally.states["accepted"] >= tally.posted // 4
    assert bool(tally.states["uncertain"]) >= some_uncertain, "the kills hit calls that were out"
    audit = run_command(under_fire.gateway.environment, under_fire.gateway.folder, "audit")
    assert (audit.returncode, audit.stderr) == (0, "")
