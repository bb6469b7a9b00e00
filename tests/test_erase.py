"""A person is taken out of the ledger: no text of theirs is left anywhere, and the books still balance."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from harness import Running, mapping, running, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import claims, receipts, suppressions
from gateway.store.claims import Claim
from gateway.store.ledger import Ledger
from gateway.store.receipts import Arrived, Settled
from gateway.store.tables import heartbeats, metadata

NUMBER = "+12025550143"
NAME, EMAIL, CITY = "Zebediah Quux", "zeb.quux@example.com", "Zzyzxville"
ANSWERS = {"name": NAME, "phone": "+1 (202) 555-0143", "email": EMAIL, "city": CITY, "country": "US"}
OTHER = {"name": "Mira Sample", "phone": "+447425550143", "city": "Goa"}  # it ends in the same digits
TRACES = ("zebediah", "quux", "zzyzx", "2025550143", "555-0143", "555 0143", "555%2d0143")

Rows = dict[str, list[dict[str, Any]]]


def everything(ledger: Ledger) -> Rows:
    """Every row of every table, but for what the processes say of themselves."""
    with ledger.read() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table is not heartbeats
        }


def traces(ledger: Ledger, wanted: tuple[str, ...] = TRACES) -> list[str]:
    """What of these texts stands in any table, or in any file of the ledger."""
    kept = {name: str(rows).lower() for name, rows in everything(ledger).items()}
    if ledger.on_sqlite:
        for file in ledger.file.parent.glob("gateway.db*"):
            kept[file.name] = file.read_bytes().decode("latin-1").lower()
    return [f"{text} in {place}" for place, texts in kept.items() for text in wanted if text in texts]


def of_other(found: Rows) -> list[dict[str, Any]]:
    """The rows of the other person: their lead, its delivery, and what hangs on them."""
    return [row for rows in found.values() for row in rows if "447425550143" in str(row) or "Mira" in str(row)]


def post(gateway: Running, form: str, **answers: str) -> None:
    before = len(gateway.leads())
    gateway.post_website(form, **answers)
    wait_for(gateway.leads, lambda found: len(found) == before + 1)


def receive(gateway: Running, number: str, body: Mapping[str, str], **settled: Any) -> None:
    """A receipt, read already."""
    with gateway.ledger.write() as connection:
        receipts.add(connection, [Arrived(f"n{hash(number)}", json.dumps(body).encode(), clock.now())])
        for new in receipts.new(connection, 1):
            receipts.settle(connection, new, Settled("read", kind="reply", number=number, **settled))


def erase(gateway: Running, *arguments: str) -> str:
    found = gateway.command("erase", NUMBER, *arguments)
    assert found.exit_code == 0, found.output
    return found.output


def known_well(gateway: Running) -> None:
    """The person is a lead of three forms, once twice; was messaged; wrote back; sent what nobody could read."""
    gateway.stop_worker()
    for form in ("other", "other", "unknown-form"):
        gateway.post_website(form, **ANSWERS)
    gateway.post_website("other", **OTHER)
    gateway.post_signed("typeform", b'{"broken": "call ' + NAME.encode() + b" on +1 202 555 0143")
    gateway.post_signed("typeform", b'{"broken": "call Mira Sample on +44 7425 550143')
    gateway.start_worker()
    gateway.wait_for_states(accepted=2)
    receive(gateway, NUMBER, {"from": NUMBER, "text": f"it is {NAME}"})
    receive(gateway, OTHER["phone"], {"from": OTHER["phone"], "text": "it is Mira"})


@pytest.fixture
def known(gateway: Running) -> Running:
    gateway.write_mapping("other.yaml", mapping())
    known_well(gateway)
    return gateway


def test_nothing_of_the_person_is_left_in_any_table_or_file_and_the_books_balance(known: Running) -> None:
    before = everything(known.ledger)
    assert traces(known.ledger)
    books = known.books()

    erase(known, "--yes")

    assert traces(known.ledger) == []
    after = everything(known.ledger)
    assert {name: len(rows) for name, rows in after.items() if name != "phones"} == {
        name: len(rows) for name, rows in before.items() if name != "phones"
    }
    assert of_other(after) == of_other(before)
    assert known.books() == books
    assert known.command("audit").exit_code == 0


def test_it_says_what_goes_asks_first_and_can_be_rehearsed(known: Running) -> None:
    before = everything(known.ledger)

    rehearsed = erase(known, "--dry-run")
    unasked = known.command("erase", NUMBER)

    told = [line.partition("(")[0].split() for line in rehearsed.splitlines()[1:5]]
    assert told == [["leads", "3"], ["messages", "1"], ["requests", "of", "forms", "3"], ["receipts", "1"]]
    assert "+1 20••• ••143" in rehearsed
    assert (unasked.exit_code, "Add --yes" in unasked.output) == (2, True)
    assert everything(known.ledger) == before
    erase(known, "--yes")
    nobody = known.command("erase", NUMBER, "--yes")
    assert (nobody.exit_code, nobody.output) == (1, "Nothing is known of +1 20••• ••143.\n")


def test_no_command_stumbles_over_what_was_erased_and_none_sends_it_again(known: Running) -> None:
    erase(known, "--yes")

    for arguments in (
        *(("leads", "l1"), ("deliveries", "d1"), ("events", "e1"), ("explain", "l1"), ("explain", "e1")),
        *(("explain", "d1"), ("leads",), ("deliveries",), ("events",), ("why", "l1"), ("why", "l2"), ("why", "l3")),
        *(("diff",), ("drift",), ("new", "website/unknown-form"), ("unmapped",), ("stats",), ("audit",)),
        *(("leads", "l1", "--json"), ("deliveries", "d1", "--json"), ("events", "e1", "--json"), ("keep", "l1")),
    ):
        found = known.command(*arguments)
        assert found.exception is None or isinstance(found.exception, SystemExit), (arguments, found.exc_info)
    for name in ("l1", "l3", "d1", "e1", "e3", "e5"):
        replayed = known.command("replay", name, "--again", "--yes")
        assert (replayed.exit_code, "erased" in replayed.output) == (1, True), (name, replayed.output)
    assert len(known.calls()) == 2


def test_a_request_that_comes_once_more_is_a_duplicate_still_and_stays_blank(known: Running) -> None:
    known.write_mapping("people.yaml", mapping("people"))
    known.move_clock(60)  # two messages to one person never follow at once
    person = json.dumps({"id": "s-77", "name": NAME, "phone": NUMBER}).encode()
    known.post_signed("website", person, "website/people")
    known.wait_for_states(accepted=3)
    erase(known, "--yes")

    known.post_signed("website", person, "website/people")
    wait_for(known.leads, lambda found: len(found) == 6)

    assert known.leads()[0].state == "duplicate"
    assert known.command("explain", "l6").exit_code == 0
    assert [trace for trace in traces(known.ledger) if "gateway.db" not in trace] == []
    assert known.books().balanced


def test_what_waits_for_the_person_is_cancelled(ledger: Ledger, box: Sandbox, tmp_path: Any) -> None:
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", mapping())
        gateway.fault(status=503, times=100)
        gateway.post_website("other", **ANSWERS)
        gateway.wait_for_states(retrying=1)

        erase(gateway, "--yes")

        gateway.wait_for_states(cancelled=1)
        gateway.mend()
        gateway.let_time_pass(600, 300)
        assert not gateway.calls()
        assert traces(ledger) == []
        assert gateway.books().balanced


def test_while_a_message_is_being_sent_nothing_is_erased(known: Running) -> None:
    known.stop_worker()
    known.move_clock(60)  # two messages to one person never follow at once
    known.fault(status=503, times=100)
    known.start_worker()
    known.post_website("other", **(ANSWERS | {"name": "Zebediah"}))
    wait_for(known.deliveries, lambda made: any(one.state == "retrying" for one in made))
    known.stop_worker()
    [one] = [one for one in known.deliveries() if one.state == "retrying"]
    with known.ledger.write() as connection:
        claims.write(connection, [Claim(one, "t", {})], now=clock.now(), until=clock.now() + timedelta(hours=1))
    before = everything(known.ledger)

    found = known.command("erase", NUMBER, "--yes")

    assert (found.exit_code, "try again in a minute" in found.output) == (2, True), found.output
    assert everything(known.ledger) == before


def test_an_event_that_nobody_read_yet_is_waited_for(known: Running) -> None:
    known.stop_worker()
    known.post_website("other", **ANSWERS)

    found = known.command("erase", NUMBER, "--yes")

    assert (found.exit_code, "e7 holds this number and is not read yet" in found.output) == (2, True), found.output


def test_others_of_the_same_request_stay(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_signed("website", json.dumps([ANSWERS, OTHER]).encode(), "website/other")
    gateway.wait_for_states(accepted=2)
    mira = of_other(everything(gateway.ledger))

    said = erase(gateway, "--yes")

    assert "e1 brought others' leads as well" in said
    assert traces(gateway.ledger) == []
    theirs = [row for row in of_other(everything(gateway.ledger)) if "body" not in row]
    assert theirs == [row for row in mira if "body" not in row]


def test_a_suppressed_person_stays_suppressed_by_a_hash_alone(known: Running) -> None:
    known.command("suppress", "add", NUMBER, "--reason", f"{NAME} asked")

    assert "stays so: only a hash" in erase(known, "--yes")

    assert traces(known.ledger) == []
    with known.ledger.read() as connection:
        assert suppressions.suppressed(connection, [NUMBER])[NUMBER]
    assert "(erased)" in known.command("suppress", "list").output
    assert known.command("suppress", "list", "--number", NUMBER).exit_code == 0
    assert known.command("erase", NUMBER).exit_code == 1


def test_a_number_without_its_country_is_not_taken_for_somebody(known: Running) -> None:
    found = known.command("erase", "202 555 0143", "--yes")

    assert (found.exit_code, "names no country" in found.output) == (2, True)
    assert traces(known.ledger)


def _ways(national: str) -> list[str]:
    area, middle, end = national[:3], national[3:6], national[6:]
    return [
        f"+1{national}",
        f"+1 ({area}) {middle}-{end}",
        f"001-{area}-{middle}-{end}",
        f"1{national}",
        f"+1.{area}.{middle}.{end}",
    ]


def test_whatever_a_person_typed_is_gone(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    word = st.text(st.characters(codec="utf-8", categories=["L"]), min_size=4, max_size=12)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data(), words=st.lists(word, min_size=3, max_size=3), json_body=st.booleans())
    def gone(data: st.DataObject, words: list[str], *, json_body: bool) -> None:
        national = "202555" + str(data.draw(st.integers(1000, 9999)))
        mark = os.urandom(4).hex()
        typed = {
            "name": f"{mark} {words[0]}",
            "phone": data.draw(st.sampled_from(_ways(national))),
            "email": f"{mark}@example.com",
            "about you": f"{words[1]} {mark} {national} {words[2]}",
        }
        body = json.dumps(typed) if json_body else urlencode(typed)
        before = len(gateway.leads())
        gateway.post_signed("website", body.encode(), "website/other")
        wait_for(gateway.leads, lambda found: len(found) == before + 1)
        wait_for(gateway.deliveries, lambda made: all(one.state == "accepted" or not one.destination for one in made))

        assert gateway.command("erase", f"+1{national}", "--yes").exit_code == 0

        assert traces(gateway.ledger, (mark, national, national[3:])) == []
        assert gateway.books().balanced

    gone()


def test_a_refusal_that_repeats_the_number_is_told_of_others_without_it(
    gateway: Running, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(status=400, body={"message": f"Odd: {NUMBER} (12025550143)"})
    post(gateway, "other", **ANSWERS)
    gateway.wait_for_states(held=1)
    post(gateway, "other", **OTHER)
    gateway.wait_for_states(held=2)

    assert gateway.command("erase", NUMBER, "--yes").exit_code == 0

    assert traces(gateway.ledger) == []
    assert "Odd: +1 20••• ••143 (+1 20••• ••143)" in gateway.command("alerts").output
    assert "2025550143" not in caplog.text


def test_what_comes_while_a_person_is_asked_goes_too(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway.write_mapping("other.yaml", mapping())
    post(gateway, "other", **ANSWERS)
    gateway.wait_for_states(accepted=1)

    def think(*, yes: bool) -> None:
        assert not yes
        gateway.move_clock(60)
        post(gateway, "other", **(ANSWERS | {"city": "Pune"}))
        gateway.wait_for_states(accepted=2)

    monkeypatch.setattr("gateway.cli.erase._confirm", think)
    assert gateway.command("erase", NUMBER).exit_code == 0

    assert traces(gateway.ledger) == []
