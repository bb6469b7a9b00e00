"""Forms change without a word, and the gateway says so: what is gone, what changed, what is new."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from harness import PERSON, Running, wait_for
from sqlalchemy import event

from gateway.mapping.drift import Drift, cure, drifts, look_back, place, says
from gateway.mapping.reader.check import read_mapping
from gateway.model import Answer, Lead, Value
from gateway.pipeline.drifting import Drifting
from gateway.pipeline.publishing import load_live
from gateway.store import drifts as drifts_store
from gateway.store import leads
from gateway.store.ledger import Ledger

GOLDEN = Path(__file__).parent / "drift"
START = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)

MAPPING = """source: website
form: other
country: IN
fields:
  phone:
    - whatsapp
    - phone
  name: name | title
  first_name:
    from: name | first_name
    default: there
  budget:
    from: budget
    values:
      under_50: under ₹50 lakh
      above_50: above ₹50 lakh
    default: any budget
  visit:
    from: visit | date d mmmm
    default: a day that suits you
rules:
  - name: Everyone
    call:
      campaignName: price_list
      destination: $phone
      userName: $name
      templateParams:
        - $first_name
        - $budget
      tags:
        - $visit
"""

WHOLE = {"phone": "+919876543210", "name": "Mira Sample", "budget": "under_50", "visit": "2026-11-20"}


def without(*names: str, **more: str) -> dict[str, str]:
    return {name: text for name, text in WHOLE.items() if name not in names} | more


def found(leads: Iterable[dict[str, Any]], known: dict[str, datetime] | None = None) -> list[Drift]:
    """What drifted in these leads of the form, one a minute."""
    mapping, problems = read_mapping("website.yaml", MAPPING)
    assert mapping is not None, problems
    past = look_back([_lead(at, answers) for at, answers in enumerate(leads)])
    return drifts(past, mapping, "", known or {})


def _lead(minute: int, answers: dict[str, Value]) -> Lead:
    told = tuple(Answer((name,), value) for name, value in answers.items())
    return Lead("website", "other", START + timedelta(minutes=minute), answers=told)


def told(drifted: Sequence[Drift]) -> str:
    return "".join(f"{place('website.yaml', one)}: {says(one)}\n    {cure(one)}\n" for one in drifted)


CASES: dict[str, list[dict[str, Any]]] = {
    "renamed": [*[WHOLE] * 12, *[without("name", full_name="Asha Sample")] * 4],
    "taken_out": [*[WHOLE] * 30, *[without("budget")] * 4],
    "no_number": [*[WHOLE] * 12, *[without("phone", mobile="98765 43210")] * 3],
    "another_kind": [*[WHOLE] * 40, *[without(visit="next weekend")] * 3],
    "another_option": [*[WHOLE] * 12, without(budget="2_crore"), without(budget="2_crore"), WHOLE],
    "new": [*[WHOLE] * 12, *[WHOLE | {"How many rooms: at least?": "3"}] * 6],
}


@pytest.mark.parametrize("case", CASES)
def test_a_drift_is_told_with_its_place_and_its_cure(case: str) -> None:
    assert told(found(CASES[case])) == (GOLDEN / f"{case}.txt").read_text(encoding="utf-8")


def test_an_optional_answer_that_is_skipped_is_no_drift() -> None:
    assert found([*[WHOLE] * 20, *[without("budget")] * 2]) == []
    often_skipped = [WHOLE if at % 5 == 0 else without("budget") for at in range(20)]
    assert found([*often_skipped, *[without("budget")] * 15]) == []
    assert found([*often_skipped, *[without("budget")] * 80]) != []


def test_an_answer_is_not_gone_while_another_one_serves_its_field() -> None:
    assert found([*[WHOLE] * 12, *[without("phone", whatsapp="+919876543210")] * 9]) == []


def test_what_was_gone_before_the_leads_that_are_looked_at_stays_gone() -> None:
    long_ago = START - timedelta(days=9)
    [drift] = found([without("budget")] * 30, known={"budget": long_ago})

    assert (drift.answer, drift.since, drift.leads) == ("budget", long_ago, 30)
    assert "came, and with none of the 30 or more since 2026-09-26 09:00 UTC" in says(drift)
    assert found([without("budget")] * 30) == []


def test_one_lead_is_enough_where_the_new_name_comes_in_place_of_the_old_one() -> None:
    renamed = without("name", full_name="Asha Sample")
    assert [one.answer for one in found([*[WHOLE] * 100, renamed])] == ["name", "full_name"]
    assert found([*[WHOLE] * 100, without("name")]) == []
    assert found([*[WHOLE] * 3, renamed]) == []
    since = {"name": START + timedelta(minutes=100)}
    assert found([*[WHOLE] * 100, renamed, without("name")], since)[0].answer == "name"
    assert found([*[WHOLE] * 100, renamed, without("name"), WHOLE], since) == []


def test_an_optional_question_that_is_answered_at_last_is_not_new() -> None:
    said = WHOLE | {"message": "Is it free?"}
    assert found([*[WHOLE] * 30, said, WHOLE, WHOLE, said]) == []
    assert [one.answer for one in found([*[WHOLE] * 30, *[said] * 4])] == ["message"]
    assert found([*[WHOLE] * 4, *[said] * 30]) == []


def test_a_single_tick_among_several_choices_is_no_other_kind() -> None:
    several = [without(visit="") | {"visit": ("Baner", "Wakad")}] * 12
    assert found([*several, *[without(visit="Baner")] * 5]) == []


def test_what_people_wrote_into_a_choice_is_hidden_where_it_is_their_own() -> None:
    [drift] = found([*[WHOLE] * 12, without(budget="call 98765 43210 or mira@example.com")])
    assert "says 'call … or …' in 1 lead since" in says(drift)
    assert "add `what people choose: …`" in cure(drift)


def post(gateway: Running, count: int, **more: str) -> None:
    """So many different people fill in the form, and all are looked at by the worker."""
    before = len(gateway.leads())
    for number in range(count):
        person = f"Asha {before + number}"
        gateway.post_website("other", **{name: person if text == "NAME" else text for name, text in more.items()})
    wait_for(lambda: len(gateway.leads()), lambda there: there == before + count)


OLD = PERSON | {"name": "NAME"}
NEW = {"phone": "+12025550143", "city": "Goa", "full_name": "NAME"}


def output(result: Result, code: int) -> str:
    assert result.exit_code == code, result.output
    return result.output


def test_a_renamed_question_is_told_with_its_new_name_and_the_leads_it_cost(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", MAPPING)
    post(gateway, 8, **OLD)
    assert "1 form, nothing drifted\n" in output(gateway.command("drift"), 0)

    post(gateway, 4, **NEW)

    shown = output(gateway.command("drift"), 1)
    [gone, new] = json.loads(output(gateway.command("drift", "website", "--json"), 1))[0]["drifts"]
    folder = gateway.settings.text("GATEWAY_MAPPINGS")
    assert f"{folder}/other.yaml:8: the answer 'name' came with 8 of 8 leads, and with none of the 4" in shown
    assert "got nothing for 'name' and the default 'there' for 'first_name'" in shown
    assert "it is probably called 'full_name' now: in line 8 write `full_name | title`" in shown
    assert "1 form, 1 gone, 1 new\n" in shown
    assert (gone["kind"], gone["answer"], gone["leads"], gone["likely"]) == ("gone", "name", 4, "full_name")
    assert gone["fields"] == ["name", "first_name"]
    assert (new["kind"], new["answer"], new["likely"]) == ("new", "full_name", "name")

    gateway.write_mapping(
        "other.yaml", MAPPING.replace("name | title", "full_name").replace("name | f", "full_name | f")
    )
    assert "1 form, nothing drifted\n" in output(gateway.command("drift"), 0)


def test_a_form_that_is_named_shows_all_its_answers(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", MAPPING)
    post(gateway, 6, **OLD, message="")
    post(gateway, 1, **without("name", name="NAME"))

    shown = output(gateway.command("drift", "website/other"), 0)
    [form] = json.loads(output(gateway.command("drift", "website/other", "--json"), 0))

    answers = {answer["answer"]: answer for answer in form["answers"]}
    assert form["leads"] == 7
    assert list(answers) == ["name", "phone", "city", "budget", "visit"]
    assert [answers[name]["kind"] for name in answers] == ["text", "phone", "choice", "text", "date"]
    assert answers["city"]["options"] == ["Goa"]
    assert answers["name"]["fields"] == ["name", "first_name"]
    assert answers["name"]["first"] < answers["budget"]["first"] == answers["name"]["last"]
    assert "website/other: the answers in its newest 7 leads" in shown
    assert "6 of 7" in shown
    assert "2025550143" not in shown


def test_a_form_that_never_had_a_lead_is_said_to_be_none(gateway: Running) -> None:
    assert "No lead came from typeform; there are no forms at all yet." in output(
        gateway.command("drift", "typeform"), 2
    )
    post(gateway, 1, **OLD)
    expected = "No lead came from website/another; there are website/other."
    assert expected in output(gateway.command("drift", "website/another"), 2)
    assert "1 form (1 without a mapping), nothing drifted" in output(gateway.command("drift"), 0)


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Any:
    caplog.set_level(logging.INFO, logger="gateway.pipeline.drifting")
    return lambda: [(one.levelname, one.getMessage()) for one in caplog.records if "drifting" in one.name]


def look(gateway: Running, drifting: Drifting) -> None:
    """The worker's next look, a minute later."""
    gateway.move_clock(61)
    drifting.look(load_live(gateway.ledger, gateway.settings))


def test_a_drift_is_logged_once_whoever_looks_and_once_more_when_it_is_over(gateway: Running, logged: Any) -> None:
    gateway.write_mapping("other.yaml", MAPPING)
    one, other = Drifting(gateway.ledger), Drifting(gateway.ledger)
    post(gateway, 8, **OLD)
    look(gateway, one)
    assert logged() == []

    post(gateway, 4, **NEW)
    for drifting in (one, other, one, Drifting(gateway.ledger)):
        look(gateway, drifting)
    assert [level for level, _text in logged()] == ["WARNING", "WARNING"]
    assert logged()[0][1].startswith("website/other: other.yaml:8: the answer 'name' came with 8 of 8 leads")
    assert "Asha" not in str(logged())

    post(gateway, 1, **OLD)
    for drifting in (other, one):
        look(gateway, drifting)
    assert logged()[2:] == [("INFO", "website/other: the answer 'name' is no longer gone")]


def test_trouble_with_the_ledger_is_no_trouble_for_the_worker(gateway: Running, logged: Any) -> None:
    gateway.write_mapping("other.yaml", MAPPING)
    post(gateway, 1, **OLD)
    live = load_live(gateway.ledger, gateway.settings)
    gateway.stop_worker()
    with gateway.ledger.write() as connection:
        connection.exec_driver_sql("DROP TABLE drifts")

    Drifting(gateway.ledger).look(live)

    [(level, text)] = logged()
    assert (level, text.startswith("the forms cannot be looked at now: ")) == ("ERROR", True)


def test_the_leads_of_a_form_are_found_by_their_index(ledger: Ledger) -> None:
    if not ledger.on_sqlite:
        pytest.skip("PostgreSQL plans by its own statistics")
    statements: list[tuple[str, Any]] = []
    event.listen(ledger.engine, "before_cursor_execute", lambda *said: statements.append((said[2], said[3])))
    with ledger.read() as connection:
        leads.of_form(connection, "website", "other", 200)
        drifts_store.forms_after(connection, 7)
        details = [
            row.detail
            for statement, values in statements[-2:]
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
        ]

    assert "SEARCH leads USING INDEX ix_leads_source_form_id (source=? AND form=?)" in details
    assert "SEARCH leads USING INTEGER PRIMARY KEY (rowid>?)" in details
    assert not [detail for detail in details if "ORDER BY" in detail]
