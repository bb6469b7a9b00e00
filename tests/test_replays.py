"""Replays: one, many by what they are like, with other answers, and never a second message by accident."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from harness import PERSON, Running, mapping, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway import clock
from gateway.pipeline import holding
from gateway.store import deliveries
from gateway.store.deliveries import Next

NOBODY = "+12025550144"


@pytest.fixture
def filled(gateway: Running) -> Running:
    """Three leads: one accepted, one without a number, one of a form that has no mapping."""
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **PERSON)
    gateway.post_website("other", **(PERSON | {"name": "Asha", "phone": "12"}))
    gateway.post_website("brand-new", name="Ravi", phone=NOBODY)
    states = {"planned", "failed", "unmapped"}
    wait_for(lambda: {str(one.state) for one in gateway.leads()}, lambda found: found == states)
    gateway.wait_for_states(accepted=1)
    return gateway


def chosen(gateway: Running, *filters: str) -> set[str]:
    """What a replay would be about."""
    result = gateway.command("replay", *filters, "--dry-run", "--json")
    assert result.exit_code == 0, result.stderr
    return {row["id"] for row in json.loads(result.stdout)}


def lead(gateway: Running, lead_id: int) -> Any:
    """A lead, as soon as it is there."""
    [found] = wait_for(lambda: [one for one in gateway.leads() if one.lead.id == lead_id])
    return found


def test_filters_combine_and_what_was_accepted_is_left_out(filled: Running) -> None:
    assert chosen(filled, "--source", "website") == {"l2", "l3"}
    assert chosen(filled, "--source", "website", "--form", "brand-new") == {"l3"}
    assert chosen(filled, "--since", "1h", "--error", "PHONE number") == {"l2"}
    assert chosen(filled, "--error", "100%_") == set()
    assert chosen(filled, "--until", "2026-01-01") == set()
    assert chosen(filled, "--rule", "Everyone") == {"l2"}
    assert chosen(filled, "--rule", "Everyone", "--state", "accepted") == {"d1"}
    assert chosen(filled, "--source", "typeform") == set()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("l1 --since 2d", "leave one of them"),
        ("--since yesterday", "is no time: write 7d"),
        ("--state failed --phone +12025550145", "name that one lead"),
        ("l1 l2 --set city=Pune", "changes one lead"),
        ("l1 --set Pune", "like --set city=Pune"),
        ("l1 --despite too_odd", "did you mean 'too_old'?"),
        ("l1 --despite suppressed", "gateway suppress remove"),
        ("l2 --phone 12", "write it with its country"),
        ("l3 --phone +12025550145", "No mapping says where l3 has its number"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence_and_changes_nothing(filled: Running, arguments: str, says: str) -> None:
    before = filled.leads()

    result = filled.command("replay", *arguments.split())

    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert filled.leads() == before


def test_a_dry_run_says_what_would_be_done_and_changes_nothing(filled: Running) -> None:
    filled.write_mapping("new.yaml", mapping("brand-new"))
    before = (filled.leads(), filled.deliveries())

    told = filled.command("replay", "--source", "website", "--dry-run").output
    rows = json.loads(filled.command("replay", "l1", "l2", "l3", "--dry-run", "--json").stdout)

    assert "1 would leave at once" in told
    assert "Nothing was changed." in told
    assert [row["then"].partition(":")[0] for row in rows] == [
        "would be left alone",
        "would be failed",
        "would leave at once",
    ]
    assert (filled.leads(), filled.deliveries()) == before
    assert filled.books().balanced


def test_an_answer_is_changed_before_the_replay_and_the_first_one_is_kept(filled: Running) -> None:
    result = filled.command("replay", "l2", "--set", "PHONE=+12025550147", "--set", "size=2 BHK")

    assert result.exit_code == 0, result.output
    filled.wait_for_states(accepted=2)
    assert filled.calls()[-1]["destination"] == "+12025550147"
    edits = [(one["name"], one["from"], one["to"]) for one in lead(filled, 2).edits]
    assert edits == [("PHONE", "12", "+12025550147"), ("size", "", "2 BHK")]
    assert "changed by a person\n  PHONE: +12025550147, was 12\n  size: 2 BHK" in filled.command("leads", "l2").output
    assert "1 lead, 1 message accepted" in filled.command("why", "+12025550147").output


def test_a_phone_number_is_put_where_the_mapping_looks_for_it(filled: Running) -> None:
    without = filled.post_website("other", name="Nobody", city="Goa")
    [last] = wait_for(lambda: filled.leads(without))
    wait_for(lambda: lead(filled, last.lead.id).state, lambda state: state == "failed")

    for name, number in (("l2", "+12025550148"), (f"l{last.lead.id}", "+12025550149")):
        assert filled.command("replay", name, "--phone", number).exit_code == 0

    filled.wait_for_states(accepted=3)
    assert {call["destination"] for call in filled.calls()} >= {"+12025550148", "+12025550149"}
    assert filled.books().balanced


def test_many_leads_are_changed_at_once_after_a_yes(filled: Running) -> None:
    filled.write_mapping("new.yaml", mapping("brand-new", params="$city"))
    filled.post_website("brand-new", name="Lata", phone="+12025550146")
    wait_for(lambda: lead(filled, 4).state, lambda state: state == "failed")
    arguments = ("replay", "--form", "brand-new", "--set", "city=Pune")

    asked = filled.command(*arguments)
    assert asked.exit_code == 2
    assert "In each city becomes 'Pune'" in asked.stderr

    assert filled.command(*arguments, "--yes").exit_code == 0
    filled.wait_for_states(accepted=3)
    assert [call["templateParams"] for call in filled.calls()[1:]] == [["Pune"], ["Pune"]]


def test_what_left_is_changed_and_sent_only_with_again(filled: Running) -> None:
    refused = filled.command("replay", "l1", "--set", "city=Pune")
    assert refused.exit_code == 1
    assert "accepted by AiSensy" in refused.output
    assert lead(filled, 1).edits == ()

    assert filled.command("replay", "l1", "--set", "city=Pune", "--again", "--yes").exit_code == 0
    filled.move_clock(60)

    filled.wait_for_states(accepted=2)
    assert filled.calls()[-1]["tags"] == ["Pune"]


def test_what_waits_is_planned_anew_when_its_answers_change(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(status=503, retry_after=900)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)

    assert gateway.command("replay", "d1", "--set", "city=Pune").exit_code == 0

    found = gateway.wait_for_states(accepted=1, cancelled=1)
    assert [one.reason for one in found] == ["a person asked for its lead anew", ""]
    assert [call["tags"] for call in gateway.calls()] == [["Pune"]]
    assert gateway.books().balanced


def test_a_replay_lifts_limits_for_this_one_alone(filled: Running) -> None:
    filled.stop_worker()

    assert filled.command("replay", "l2", "--despite", "Too old", "--despite", "consent").exit_code == 0
    assert lead(filled, 2).waived == ("too_old", "consent")

    filled.start_worker()
    wait_for(lambda: lead(filled, 2).state, lambda state: state == "failed")
    filled.command("replay", "l2")
    assert lead(filled, 2).waived == ()


OPEN = ("scheduled", "sending", "retrying")
COMMANDS = st.lists(
    st.sampled_from(
        [
            ("{lead}",),
            ("{delivery}",),
            ("{event}",),
            ("{lead}", "--set", "city=Pune"),
            ("{lead}", "--despite", "all"),
            ("{delivery}", "--dry-run"),
            ("--source", "website", "--yes"),
            ("--state", "accepted", "--yes"),
            ("--state", "uncertain", "--yes"),
            ("--rule", "Everyone", "--since", "1h", "--set", "name=Asha", "--yes"),
            ("--error", "fault", "--yes"),
        ]
    ),
    min_size=1,
    max_size=5,
)


def test_no_order_of_replays_makes_a_second_message_without_again(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    people = iter(range(100, 200))

    def still_open() -> bool:
        gateway.move_clock(60)
        waiting = [one for one in gateway.leads() if one.state == "waiting"]
        return bool(waiting or [one for one in gateway.deliveries() if one.state in OPEN])

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
    @given(COMMANDS, st.sampled_from(["", "", "lost", "refused"]))
    def check(commands: list[tuple[str, ...]], trouble: str) -> None:
        number = f"+1202555{next(people):04}"
        if trouble == "lost":
            gateway.fault(cut="after")
        event = gateway.post_website("other", **(PERSON | {"phone": "12" if trouble == "refused" else number}))
        [stored] = wait_for(lambda: gateway.leads(event))
        names = {"event": f"e{event}", "lead": f"l{stored.lead.id}"}
        for command in commands:
            mine = [one for one in gateway.deliveries() if one.lead_id == stored.lead.id]
            names["delivery"] = f"d{mine[-1].id}" if mine else names["lead"]
            assert gateway.command("replay", *(word.format(**names) for word in command)).exit_code in (0, 1)
        wait_for(still_open, lambda found: not found)
        called = [call["destination"] for call in gateway.calls()]
        assert len(called) == len(set(called))

    check()
    assert gateway.books().balanced


LIMITED = mapping() + "limits:\n  too_old: 1 hour\n  once_per_person: 7 days\n"


def test_the_limits_hold_in_a_replay_unless_a_person_lifts_them(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", LIMITED)
    gateway.stop_worker()
    gateway.post_website("other", **PERSON)
    gateway.move_clock(7200)
    gateway.start_worker()
    gateway.wait_for_states(skipped=1)

    [foretold] = json.loads(gateway.command("replay", "l1", "--dry-run", "--json").stdout)
    assert foretold["then"].startswith("would be skipped: too old")
    assert gateway.command("replay", "l1").exit_code == 0
    again = f"d{gateway.wait_for_states(skipped=2)[-1].id}"

    assert "1 would leave at once" in gateway.command("replay", again, "--despite", "too_old", "--dry-run").output
    assert gateway.command("replay", again, "--despite", "too_old").exit_code == 0
    found = gateway.wait_for_states(skipped=2, accepted=1)
    assert (found[-1].waived, found[-1].rank) == (("too_old",), 3)


def test_a_dry_run_knows_that_one_person_is_messaged_once(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", LIMITED.replace("phone: phone", "phone: mobile"))
    for name in ("Mira", "Asha"):
        gateway.post_website("other", **(PERSON | {"name": name}))
    wait_for(gateway.leads, lambda found: [str(one.state) for one in found] == ["failed"] * 2)
    gateway.write_mapping("other.yaml", LIMITED)

    told = gateway.command("replay", "--state", "failed", "--dry-run").output
    assert "1 would leave at once" in told
    assert "1 would be skipped: once per person" in told

    assert gateway.command("replay", "--state", "failed", "--yes").exit_code == 0
    gateway.wait_for_states(skipped=1, accepted=1)


def test_a_limit_is_lifted_for_what_is_held_by_the_account_too(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping() + "limits:\n  too_old: 1 hour\n")
    gateway.fault(credit="none")
    gateway.post_website("other", **PERSON)
    gateway.wait_for_delivery("held")
    gateway.stop_worker()
    gateway.move_clock(7200)

    assert gateway.command("replay", "d1", "--despite", "too_old").exit_code == 0

    gateway.mend()
    gateway.start_worker()
    assert gateway.wait_for_delivery("accepted", "skipped").state == "accepted"


def test_a_rehearsal_tells_the_log_nothing(gateway: Running, caplog: pytest.LogCaptureFixture) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(credit="none")
    gateway.post_website("other", **PERSON)
    one = gateway.wait_for_delivery("held")
    gateway.stop_worker()
    wrong = Next(one.state, "it wants 3 parameters", hold=holding.contract_key(one.campaign))
    with gateway.ledger.write("test") as connection:
        deliveries.change(connection, one, wrong, clock.now())
        holding.stop(connection, wrong, timedelta(seconds=30))
    held = gateway.delivery()
    caplog.clear()

    with caplog.at_level("INFO"):
        assert "is held with all of" in gateway.command("replay", "d1", "--dry-run").output

    assert not [record for record in caplog.records if record.name.startswith("gateway.pipeline")]
    assert gateway.delivery() == held
    assert json.loads(gateway.command("alerts", "--json").output)[0]["ended"] is None
