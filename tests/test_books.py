"""The books: whatever does not fit is found, and named row by row."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from harness import PERSON, Running, mapping, wait_for
from sqlalchemy import text

from gateway.model import DeliveryState
from gateway.store import deliveries, promises
from gateway.store.deliveries import Next
from gateway.store.promises import Promise

NOW = "'2026-11-20 12:00:00.000000'"


@pytest.fixture
def balanced(gateway: Running) -> Running:
    """Three messages and a duplicate, and a worker that stands still."""
    gateway.write_mapping("other.yaml", mapping())
    for number in ("+12025550143", "+12025550144", "+12025550145", "+12025550143"):
        gateway.post_website("other", **(PERSON | {"phone": number}))
    gateway.wait_for_states(accepted=3)
    wait_for(gateway.leads, lambda found: [str(one.state) for one in found][:1] == ["duplicate"])
    gateway.stop_worker()
    return gateway


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("UPDATE leads SET state = 'lost' WHERE id = 2", "1 leads are in a state that does not exist: 'lost'"),
        ("UPDATE leads SET state = 'failed' WHERE id <> 2; DELETE FROM deliveries WHERE lead_id = 2", "l2"),
        ("UPDATE events SET state = 'ignored'", "4 events are not read, yet have leads: e1, e2, e3, e4"),
        ("UPDATE leads SET duplicate_of = NULL", "1 leads are duplicates of none: l4"),
        ("UPDATE leads SET state = 'waiting', waits_for = 'plan' WHERE id = 3", "never looked at: l3"),
        ("UPDATE attempts SET outcome = 'unknown' WHERE delivery_id = 2", "without an attempt that says so: d2"),
        ("UPDATE attempts SET ended_at = NULL WHERE delivery_id = 1", "an attempt without an end: d1"),
        ("UPDATE attempts SET delivery_id = 1", "1 deliveries were accepted twice: d1"),
        ("UPDATE deliveries SET state = 'held', hold = 'account k' WHERE id = 3", "nothing holds them: d3"),
        ("UPDATE deliveries SET step = 1 WHERE id = 3", "1 follow-ups have no first call: d3"),
        (f"INSERT INTO alerts (key, started_at) VALUES ('account k', {NOW})", "is stopped: account k"),
        (f"INSERT INTO holds (key, since, probe_at) VALUES ('page 5', {NOW}, {NOW})", "have no alert: page 5"),
        (f"INSERT INTO alerts (key, started_at, ended_at) VALUES ('account k', {NOW}, {NOW})", ""),
    ],
)
def test_the_audit_names_what_does_not_fit(balanced: Running, harm: str, says: str) -> None:
    assert balanced.command("audit").exit_code == 0
    with balanced.ledger.write() as connection:
        for command in ["DELETE FROM attempts WHERE delivery_id = 2"] * ("DELETE" in harm) + harm.split(";"):
            connection.execute(text(command))

    result = balanced.command("audit")

    assert says in result.output
    assert result.exit_code == (1 if says else 0)
    assert ("The books balance." in result.output) == (not says)


def test_follow_ups_are_counted_apart_and_one_opened_again_counts_once(balanced: Running) -> None:
    now = datetime.now(UTC)
    with balanced.ledger.write() as connection:
        first = deliveries.load(connection, [1])[0]
        ended, waits = Next(DeliveryState.CANCELLED, "replied"), Next(DeliveryState.HELD, "waits", hold="step")
        for start in (ended, waits):
            promises.add(connection, [Promise(1, 1, first.plan, 1, step=1, start=start)], now)

    result = balanced.command("audit")
    found = json.loads(balanced.command("audit", "--json").output)

    assert "follow-ups               1 = 1 held" in result.output
    assert "1 follow-ups are held for a step that is over: d5" in result.output
    assert found["planned leads"] == {"accepted": 3}
    assert found["follow-ups"] == {"held": 1}
    assert found["balanced"] is False


def test_many_that_do_not_fit_are_counted_and_the_first_twenty_named(balanced: Running) -> None:
    with balanced.ledger.write() as connection:
        insert = "INSERT INTO leads (event_id, source, received_at, state) VALUES (1, 'website', :at, 'duplicate')"
        connection.execute(text(insert), [{"at": datetime(2026, 11, 1, tzinfo=UTC)}] * 25)

    output = balanced.command("audit").output

    assert "25 leads are duplicates of none: l5, l6," in output
    assert "l24, …" in output
    assert "l25" not in output


def test_a_follow_up_that_was_closed_is_opened_alone(balanced: Running) -> None:
    now = datetime.now(UTC) - timedelta(minutes=1)
    with balanced.ledger.write() as connection:
        first = deliveries.load(connection, [1])[0]
        for state in (DeliveryState.CANCELLED, DeliveryState.SKIPPED):
            step = 1 if state is DeliveryState.CANCELLED else 2
            closed = Promise(1, 1, first.plan, 1, step=step, start=Next(state, "too old"))
            promises.add(connection, [closed], now)

    assert "as d6" in balanced.command("replay", "d4", "--despite", "too_old").output
    assert "opened again already" in balanced.command("replay", "d4").output
    assert "change the answers of its lead, l1" in balanced.command("replay", "d5", "--set", "city=Pune").output
    assert "add --again" in balanced.command("replay", "l1").output

    with balanced.ledger.read() as connection:
        made = deliveries.of_lead(connection, 1)
    assert [(one.step, str(one.state), one.rank, one.waived) for one in made] == [
        (0, "accepted", 0, ()),
        (1, "cancelled", 0, ()),
        (2, "skipped", 0, ()),
        (1, "scheduled", 3, ("too_old",)),
    ]


def test_an_erased_lead_is_not_replayed(balanced: Running) -> None:
    with balanced.ledger.write() as connection:
        connection.execute(text("UPDATE leads SET erased_at = received_at"))

    for name in ("e1", "l1", "d1"):
        result = balanced.command("replay", name, "--again", "--yes")
        assert (result.exit_code, "was erased on" in result.output) == (1, True)
    assert "Nothing is like that" in balanced.command("replay", "--source", "website").output
