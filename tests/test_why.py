"""`gateway why`: the whole story of one person, and above all why nothing was sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from harness import PERSON, Running, mapping, wait_for
from sqlalchemy import event

from gateway import clock
from gateway.model import Contract, Seen
from gateway.store import contracts, deliveries, phones
from gateway.store.ledger import Ledger

NUMBER = PERSON["phone"]
RULE_WITH_CITY = "rules:\n  - name: Goa alone\n    when:\n      city: Goa\n    skip: Goa is sold out\n"


def told(gateway: Running, *who: str) -> dict[str, Any]:
    found = gateway.command("why", *who, "--json")
    assert found.exit_code == 0, found.output
    story: dict[str, Any] = json.loads(found.output)
    return story


def why_nothing(gateway: Running, *who: str) -> list[str]:
    return [lead["why_nothing"] for lead in told(gateway, *who)["leads"]]


def post(gateway: Running, form: str, **changed: str) -> None:
    """Post a lead, and wait until it is read."""
    before = len(gateway.leads())
    gateway.post_website(form, **(PERSON | changed))
    wait_for(gateway.leads, lambda found: len(found) == before + 1)


def test_the_whole_story_of_a_person_is_told_the_oldest_lead_first(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.write_mapping("goa.yaml", mapping("goa").partition("rules:")[0] + RULE_WITH_CITY)
    post(gateway, "other")
    gateway.wait_for_states(accepted=1)
    gateway.move_clock(180)
    for form, changed in (("other", {}), ("brand-new", {}), ("goa", {}), ("goa", {"city": "Pune"})):
        post(gateway, form, **changed)
    gateway.post_website("other", **(PERSON | {"phone": "+12025550144"}))  # somebody else

    story = gateway.command("why", "001 (202) 555-0143").output.splitlines()

    assert story[0] == "+1 20••• ••143: 5 leads, 1 message accepted"
    assert [line.split()[0] for line in story if line.startswith("l")] == ["l1", "l2", "l3", "l4", "l5"]
    assert [line.partition("nothing was sent")[2].strip() for line in story if "nothing was sent" in line] == [
        "the same submission came 3 min earlier, as l1",
        "no mapping takes form 'brand-new' of website",
        "the rule 'Goa alone' of goa.yaml (line 8) says: Goa is sold out",
        "no rule of goa.yaml fits: 'Goa alone' (line 10): city is 'Pune', not 'Goa'",
    ]
    assert any("came again" in line and "as l2" in line for line in story)
    assert any("try 1" in line and "accepted" in line and "(HTTP 200)" in line for line in story)
    assert any("`gateway new website/brand-new`" in line for line in story)


def test_phone_numbers_are_hidden_unless_they_are_asked_for(gateway: Running) -> None:
    post(gateway, "brand-new", message="202 555 0143, or +91 98765 43210")

    for arguments in (("why", NUMBER), ("why", "l1"), ("why", NUMBER, "--json")):
        hidden = gateway.command(*arguments).output
        shown = gateway.command(*arguments, "--phones").output
        for number in ("2025550143", "202 555 0143", "98765 43210"):
            assert number not in hidden
        assert "98765 43210" in shown
        assert NUMBER in shown


@pytest.mark.parametrize(
    "typed",
    ["+1 2025550143 / 2025550199", "2025550199/+12025550143", "+12025550199 +12025550143", "2025550199 2025550143"],
)
def test_each_of_several_numbers_in_one_answer_finds_the_person_and_is_hidden(gateway: Running, typed: str) -> None:
    post(gateway, "brand-new", phone=typed)

    for who in ("+12025550143", "+12025550199"):
        assert [lead["id"] for lead in told(gateway, who)["leads"]] == ["l1"]
        assert "50143" not in gateway.command("why", who).output
    assert phones.hide(typed, [phones.ending("2025550143")]).count("•") == len("•••••")


def test_a_number_with_the_same_ending_in_another_country_is_another_person(gateway: Running) -> None:
    post(gateway, "brand-new", name="Mira")
    post(gateway, "brand-new", name="Asha", phone="+919825550143")
    post(gateway, "price-list", name="Neha", phone="098255 50143")  # of a form whose country is India

    assert [lead["answers"]["name"] for lead in told(gateway, "+1 202-555-0143")["leads"]] == ["Mira"]
    assert [lead["answers"]["name"] for lead in told(gateway, "919825550143")["leads"]] == ["Asha", "Neha"]
    assert [lead["answers"]["name"] for lead in told(gateway, "l3")["leads"]] == ["Asha", "Neha"]


def test_a_number_without_a_country_shows_all_with_its_ending_and_says_so(gateway: Running) -> None:
    post(gateway, "brand-new", name="Mira")
    post(gateway, "brand-new", name="Asha", phone="+919825550143")

    story = gateway.command("why", "2555", "0143").output

    assert "2 leads, no message" in story
    assert "names no country" in story


def test_a_lead_whose_number_cannot_be_used_is_found_all_the_same(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    post(gateway, "other", phone="080 2555 0143")

    [reason] = why_nothing(gateway, "+91 80 2555 0143")

    assert "can make no right message: no usable phone number" in reason


def test_a_number_typed_without_its_area_is_found_by_the_whole_number(gateway: Running) -> None:
    post(gateway, "brand-new", phone="555-0143")

    for who in (NUMBER, "l1"):
        assert [lead["id"] for lead in told(gateway, who)["leads"]] == ["l1"]


def test_a_held_message_says_what_is_stopped_since_when_and_when_it_is_tried(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping(campaign="old_offer"))
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(held=1)

    [lead] = told(gateway, NUMBER)["leads"]
    [delivery] = lead["deliveries"]

    assert lead["state"] == "held"
    assert lead["why_nothing"].startswith("the campaign old_offer is stopped since ")
    assert "leaves by itself" in lead["cure"]
    assert delivery["stopped_since"]
    assert delivery["tried_next"]
    assert "  waits" in gateway.command("why", NUMBER).output


def test_a_message_that_is_not_what_its_campaign_wants_is_not_tried_and_says_so(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    with gateway.ledger.write() as connection:
        contracts.note(connection, "goa_villas_welcome", Seen(Contract(3)), clock.now())
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(held=1)

    [lead] = told(gateway, NUMBER)["leads"]

    assert "wants 3 parameters" in lead["why_nothing"]
    mend = "run `gateway contracts fetch` and mend other.yaml, or mend the campaign in AiSensy"
    assert lead["cure"] == f"{mend}; d1 then leaves by itself"
    assert lead["deliveries"][0]["tried_next"] is None


def test_a_message_that_is_tried_again_says_when(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(status=503, times=1)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)

    [lead] = told(gateway, NUMBER)["leads"]

    assert lead["why_nothing"].startswith("AiSensy could not take d1 yet: ")
    assert lead["cure"].startswith("nothing; it is tried again on ")
    assert [one["outcome"] for one in lead["deliveries"][0]["attempts"]] == ["transient"]


def test_a_lead_that_waits_for_its_look_up_says_what_is_stopped(gateway: Running) -> None:
    posting = gateway.posting("facebook/one-lead-pune.json")
    gateway.fault(on="graph", error={"message": "The token has expired", "code": 190}, times=0)
    gateway.send("facebook", posting)
    wait_for(gateway.leads, lambda found: bool(found) and bool(found[0].lead.reason))

    [lead] = told(gateway, "l1")["leads"]

    assert lead["why_nothing"].startswith("its answers must be asked for at facebook first")
    assert gateway.command("why", "l1").output.splitlines()[1] == "This lead typed no phone number, so it stands alone."


def test_a_mapping_that_was_written_since_is_named(gateway: Running) -> None:
    post(gateway, "brand-new")
    gateway.write_mapping("new.yaml", mapping("brand-new"))

    [lead] = told(gateway, NUMBER)["leads"]

    assert lead["cure"] == "new.yaml takes it by now, so `gateway replay l1`"


def test_a_plan_names_the_version_that_made_it_and_the_one_it_follows_now(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(status=503, times=1)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)
    gateway.write_mapping("another.yaml", mapping("another"))  # a version in which other.yaml did not change
    gateway.write_mapping("other.yaml", mapping(params="$city"))
    gateway.move_clock(3600)
    gateway.wait_for_states(accepted=1)

    [lead] = told(gateway, NUMBER)["leads"]
    first, now = lead["plan"]["planned_by"], lead["plan"]["follows"]
    said = f"version {first['version']} ({first['hash']}), re-planned by version {now['version']} ({now['hash']})"

    assert now["version"] == first["version"] + 2
    for arguments in (("why", NUMBER), ("leads", "l1"), ("deliveries", "d1")):
        assert f"planned by other.yaml {said}" in gateway.command(*arguments).output
    assert json.loads(gateway.command("deliveries", "d1", "--json").output)["follows"] == now


def test_only_the_latest_leads_of_a_busy_number_are_shown(gateway: Running) -> None:
    for name in ("A", "B", "C"):
        post(gateway, "brand-new", name=name)

    story = gateway.command("why", NUMBER, "--limit", "2").output

    assert "3 leads, no message" in story
    assert "Shown: the latest 2 of 3 leads; --limit shows more." in story


def test_nobody_found_exits_with_1_and_says_what_was_looked_for(gateway: Running) -> None:
    found = gateway.command("why", "+91 98765 43210")

    assert found.exit_code == 1
    assert "No lead typed the number +91 98••• ••210." in found.output


@pytest.mark.parametrize("who", ["555 0143", "Mira", "l999", "e1"])
def test_what_is_no_number_and_no_lead_is_one_sentence_and_exit_code_2(gateway: Running, who: str) -> None:
    found = gateway.command("why", who)

    assert found.exit_code == 2
    assert len(found.stderr.splitlines()) == 1


#: A moment, and the numbers from 1 to 100,000, in the SQL of both stores.
AT = "'2026-10-05 00:00:00'"
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT"

#: Many leads of one event, each with a number of its own and a delivery, of which half are due.
MANY = {
    "events (id, received_at, body)": f"VALUES (1, {AT}, '')",
    "leads (id, event_id, received_at)": f"{NUMBERS} i, 1, {AT} FROM n",
    "phones (ending, lead_id)": f"{NUMBERS} CAST(10000000 + i AS TEXT), i FROM n",
    "deliveries (lead_id, due_at, created_at, changed_at, state)": (
        f"{NUMBERS} i, {AT}, {AT}, {AT}, CASE WHEN mod(i, 2) = 0 THEN 'scheduled' ELSE 'held' END FROM n"
    ),
}


def plan_of_the_last(ledger: Ledger, statements: list[tuple[str, Any]]) -> str:
    """How the database answers the statement that was asked last."""
    asked, values = statements[-1]
    prefix = "EXPLAIN QUERY PLAN" if ledger.on_sqlite else "EXPLAIN"
    with ledger.read() as connection:
        return "\n".join(str(row) for row in connection.exec_driver_sql(f"{prefix} {asked}", values))


def test_among_many_leads_a_person_and_what_is_due_are_found_by_their_index(ledger: Ledger) -> None:
    statements: list[tuple[str, Any]] = []
    with ledger.write() as connection:
        for table, rows in MANY.items():
            connection.exec_driver_sql(f"INSERT INTO {table} {rows}")
        connection.exec_driver_sql("ANALYZE")
    event.listen(ledger.engine, "before_cursor_execute", lambda *said: statements.append((said[2], said[3])))

    with ledger.read() as connection:
        assert phones.leads_of(connection, "+91 98 1000 0007") == [7]
    by_number = plan_of_the_last(ledger, statements)
    with ledger.read() as connection:
        assert len(deliveries.due(connection, clock.now(), 10)) == 10
    by_time = plan_of_the_last(ledger, statements)

    assert ("sqlite_autoindex_phones_1" if ledger.on_sqlite else "pk_phones") in by_number
    assert "ix_deliveries_due" in by_time
    assert "Seq Scan" not in by_time
    assert "SCAN deliveries" not in by_time
