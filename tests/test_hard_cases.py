"""Corners in which a delivery could be stuck, go wrong, or stop the others: each was found once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from harness import PERSON, Running, mapping, running, somebody, wait_for
from sqlalchemy import event

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import holds
from gateway.store.deliveries import due
from gateway.store.ledger import Ledger
from gateway.store.versions import publish


def test_a_delivery_that_is_held_by_a_hold_that_is_gone_leaves_by_itself(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping(campaign="old_offer"))
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(held=1)
    gateway.fault(status=503, times=0)

    with gateway.ledger.write() as connection:
        assert holds.lift(connection, "campaign old_offer")

    gateway.wait_for_states(retrying=1)


def test_the_books_say_when_nothing_holds_what_is_held(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping(campaign="old_offer"))
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(held=1)
    gateway.stop_worker()

    with gateway.ledger.write() as connection:
        holds.lift(connection, "campaign old_offer")

    assert gateway.books().mistakes == (
        "1 deliveries are held, but nothing holds them: d1",
        "1 alerts go on, but nothing is stopped: campaign old_offer",
    )


def test_a_delivery_held_for_its_mapping_is_never_sent_empty_by_a_replay(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(status=503, times=1)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)
    gateway.write_mapping("other.yaml", mapping().replace("name: name", "name: nobody", 1))
    gateway.move_clock(60)
    gateway.wait_for_states(held=1)

    assert gateway.command("replay", "d1").exit_code == 0
    gateway.let_time_pass(4, step=2)
    gateway.wait_for_states(held=1)
    assert gateway.calls() == []

    gateway.write_mapping("other.yaml", mapping())
    gateway.wait_for_states(accepted=1)


def test_a_wrong_count_of_parameters_stops_only_the_calls_with_that_count(gateway: Running) -> None:
    gateway.write_mapping("right.yaml", mapping("right"))
    gateway.write_mapping("wrong.yaml", mapping("wrong", params="$name $city"))
    gateway.post_website("wrong", **PERSON)
    gateway.wait_for_states(held=1)

    gateway.post_website("right", **somebody(1))

    found = gateway.wait_for_states(held=1, accepted=1)
    assert found[0].hold == "campaign goa_villas_welcome with 2 parameters"


def test_trials_of_a_stopped_account_take_turns(gateway: Running) -> None:
    gateway.fault(credit="none")
    for number in range(3):
        gateway.post_website(**somebody(number, interest="2 BHK"))
        gateway.wait_for_states(held=number + 1)
    tried = [len(gateway.attempts(number)) for number in (1, 2, 3)]

    for _ in range(3):
        before = gateway.seen()["send"]
        gateway.move_clock(31)
        wait_for(lambda: gateway.seen()["send"], lambda now, then=before: now == then + 1)  # type: ignore[misc]
        gateway.wait_for_states(held=3)

    assert [len(gateway.attempts(number)) for number in (1, 2, 3)] == [count + 1 for count in tried]


def test_an_outage_while_the_account_is_stopped_leaves_few_uncertain(gateway: Running) -> None:
    gateway.fault(credit="none")
    for number in range(30):
        gateway.post_website(**somebody(number, interest="2 BHK"))
    gateway.wait_for_states(held=30)

    gateway.fault(status=502, html=True, times=0)
    gateway.let_time_pass(600, step=30)

    states = [str(one.state) for one in gateway.deliveries()]
    assert states.count("uncertain") <= 4


def test_a_live_mapping_that_cannot_be_read_any_more_hands_its_leads_to_nobody(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("website.yaml", mapping("x").replace("form: x\n", ""))  # the last resort
    now_refused = mapping("offers").replace("fields:", "a word that an older version took: yes\nfields:")
    folder = tmp_path / "mappings"
    with ledger.write() as connection:
        texts = {path.name: path.read_text() for path in folder.glob("*.yaml")}
        publish(connection, texts | {"offers.yaml": now_refused}, clock.now())
    (folder / "offers.yaml").write_text(now_refused)

    with running(ledger, box, tmp_path) as gateway:
        gateway.post_website("offers", **PERSON)
        [lead] = wait_for(gateway.leads, lambda found: bool(found) and found[0].state == "waiting")
        assert "offers.yaml" in lead.lead.reason

        gateway.write_mapping("offers.yaml", mapping("offers"))
        gateway.wait_for_states(accepted=1)


def test_a_file_whose_name_is_no_text_does_not_stop_the_others(gateway: Running) -> None:
    folder = os.fsencode(gateway.settings.text("GATEWAY_MAPPINGS"))
    Path(os.fsdecode(folder + b"/caf\xe9.yaml")).write_text(mapping("cafe"))

    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **PERSON)

    gateway.wait_for_states(accepted=1)


def test_a_text_that_the_database_refuses_stops_no_other_event(gateway: Running) -> None:
    long = "x" * 3000 if gateway.ledger.on_sqlite else os.urandom(9000).hex()
    gateway.write_mapping("other.yaml", mapping(campaign=long))
    gateway.post_website("other", **PERSON)
    gateway.post_website("price-list", **somebody(1, interest="2 BHK"))

    wait_for(lambda: [one for one in gateway.deliveries() if one.state == "accepted"])
    wait_for(lambda: gateway.books().events.get("new", 0), lambda new: new == 0)
    assert gateway.books().balanced


@pytest.mark.parametrize("path", ["typeform/", "website/", "website/price-list/", "website/a/b"])
def test_a_slash_too_many_is_no_404(gateway: Running, path: str) -> None:
    assert gateway.post_signed(path.partition("/")[0], b'{"a": "b"}', path).status_code == 200


def test_two_workers_share_the_live_mappings_and_the_work(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    if ledger.on_sqlite:
        pytest.skip("SQLite takes one worker")
    with running(ledger, box, tmp_path) as gateway:
        gateway.start_worker()
        (tmp_path / "mappings" / "other.yaml").write_text(mapping())
        wait_for(lambda: all("other.yaml" in str(worker.live.mappings) for worker, _thread in gateway.workers))
        for number in range(40):
            gateway.post_website("other", **somebody(number))

        gateway.wait_for_states(accepted=40)

        assert len(gateway.calls()) == 40
        assert gateway.books().balanced


def test_what_is_due_is_found_by_its_index_however_many_are_held(ledger: Ledger) -> None:
    if not ledger.on_sqlite:
        pytest.skip("PostgreSQL plans by its own statistics")
    statements: list[str] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    with ledger.read() as connection:
        due(connection, clock.now(), 10)
        asked = f"EXPLAIN QUERY PLAN {statements[-1].replace('?', '1')}"
        plan = [step.detail for step in connection.exec_driver_sql(asked)]

    looks = [step for step in plan if "deliveries" in step]
    assert looks
    assert all(step.startswith("SEARCH") and "ix_deliveries_due" in step for step in looks)
