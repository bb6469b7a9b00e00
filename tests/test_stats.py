"""How long it took: from the form's own time, per source."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from harness import PERSON, Running, mapping, wait_for
from sqlalchemy import insert, update

from gateway import clock
from gateway.store.ledger import Ledger
from gateway.store.tables import deliveries, events, leads
from gateway.store.times import of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def fill(ledger: Ledger, count: int, source: str, *, told: bool) -> None:
    """Leads of which number n waited n seconds; every tenth was put off."""
    known: list[dict[str, Any]] = [{"source": source, "received_at": NOW, "state": "planned"} for _ in range(count)]
    with ledger.write() as connection:
        event = connection.execute(insert(events).values(received_at=NOW, body=b"", state="read")).inserted_primary_key
        first = int((connection.execute(leads.select().order_by(leads.c.id.desc())).first() or [0])[0]) + 1
        ids = range(first, first + count)
        made = []
        for number, (lead_id, row) in enumerate(zip(ids, known, strict=True), 1):
            row |= {"id": lead_id, "event_id": event[0] if event else 0}
            row["submitted_at"] = NOW - timedelta(seconds=1) if told else None
            accepted = NOW + timedelta(seconds=number - told)
            late = timedelta(hours=number % 10 == 0)
            made.append({"lead_id": lead_id, "state": "accepted", "created_at": NOW, "due_at": NOW + late})
            made[-1] |= {"changed_at": accepted, "accepted_at": accepted}
        connection.execute(insert(leads), known)
        connection.execute(insert(deliveries), made)


def test_the_times_are_exact_for_each_source_and_all_together(gateway: Running) -> None:
    gateway.stop_worker()
    fill(gateway.ledger, 100, "website", told=False)
    fill(gateway.ledger, 40, "typeform", told=True)

    typeform, website = json.loads(gateway.command("stats", "--json").output)
    lines = gateway.command("stats").output.splitlines()

    assert website == {
        "source": "website",
        "leads": 100,
        "accepted": 100,
        "by_form": 0,
        "put_off": 10,
        "seconds": {"p50": 50.0, "p95": 95.0, "worst": 100.0},
    }
    assert typeform["seconds"] == {"p50": 20.0, "p95": 38.0, "worst": 40.0}
    assert typeform["by_form"] == 40
    words = "website 100 100 50 s 1 min 35 s 1 min 40 s 10 arrival"
    assert [line.split() for line in lines[3:4]] == [words.split()]
    assert lines[4].split()[:7] == ["all", "140", "140", "35", "s", "1", "min"]
    assert "the form's own time (40), arrival (100)" in lines[4]
    assert json.loads(gateway.command("stats", "--json", "--source", "website").output) == [website]
    assert json.loads(gateway.command("stats", "--json", "--since", "2026-11-21").output) == []
    assert "write 7d" in gateway.command("stats", "--since", "soon").stderr


def test_many_leads_are_measured_fast(ledger: Ledger) -> None:
    with ledger.write() as connection:
        row = {"received_at": NOW, "body": b"", "state": "read", "id": 1}
        connection.execute(insert(events), [row])
        rows = range(1, 30_001)
        for start in range(0, 30_000, 10_000):
            some = rows[start : start + 10_000]
            people = [
                {"id": n, "event_id": 1, "received_at": NOW, "source": "website", "state": "planned"} for n in some
            ]
            connection.execute(insert(leads), people)
            calls = [
                {"lead_id": n, "state": "accepted", "due_at": NOW, "created_at": NOW, "changed_at": NOW} for n in some
            ]
            connection.execute(insert(deliveries), [call | {"accepted_at": NOW} for call in calls])

    with ledger.read() as connection:
        started = time.process_time()
        [found] = of(connection)
        assert len(found.seconds) == 30_000
        assert time.process_time() - started < 1


@pytest.mark.parametrize("name", ["typeform/hot-lead.json", "facebook/one-lead-pune.json"])
def test_a_form_tells_when_it_was_sent(gateway: Running, name: str) -> None:
    before = clock.now()
    event = gateway.post_sample(name)
    [stored] = wait_for(lambda: gateway.leads(event))

    assert stored.lead.submitted is not None
    assert abs((stored.lead.submitted - before).total_seconds()) < 30


def test_graph_tells_it_where_the_event_does_not(gateway: Running) -> None:
    moment = clock.now().replace(microsecond=0) - timedelta(minutes=7)
    told = {"id": "77", "created_time": f"{moment:%Y-%m-%dT%H:%M:%S}+0000", "form_id": "1"}
    gateway.add_graph_lead(told | {"field_data": [{"name": "full_name", "values": ["Mira"]}]})
    change = {"field": "leadgen", "value": {"leadgen_id": "77", "page_id": "5", "form_id": "1"}}
    gateway.post_signed(
        "facebook", json.dumps({"object": "page", "entry": [{"id": "5", "changes": [change]}]}).encode()
    )

    [stored] = wait_for(gateway.leads, lambda found: bool(found) and bool(found[0].lead.answers))
    assert stored.lead.submitted == moment


def test_a_website_tells_it_by_a_fact_of_that_name(gateway: Running) -> None:
    moment = clock.now().replace(microsecond=0) - timedelta(minutes=7)
    for number, fact in enumerate(({"Submitted At": moment.isoformat()}, {"created_at": moment.isoformat()})):
        gateway.post_website("other", **(PERSON | {"name": f"Mira {number}"} | fact))

    found = wait_for(gateway.leads, lambda found: len(found) == 2)
    assert {one.lead.submitted for one in found} == {moment, None}


def test_a_message_is_measured_from_the_forms_own_time(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    moment = clock.now().replace(microsecond=0) - timedelta(minutes=2)
    gateway.post_website("other", **(PERSON | {"submitted_at": moment.isoformat()}))
    gateway.wait_for_states(accepted=1)

    [found] = json.loads(gateway.command("stats", "--json", "--since", "1h").output)

    assert (found["accepted"], found["by_form"]) == (1, 1)
    assert 120 <= found["seconds"]["worst"] < 150
    with gateway.ledger.write() as connection:
        connection.execute(update(leads).values(state="test"))
    assert json.loads(gateway.command("stats", "--json").output) == []
