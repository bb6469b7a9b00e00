"""Mappings change while leads come in: what is live, what waits, and what a person must say."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import PERSON, Running, mapping, running, somebody, wait_for

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store import versions
from gateway.store.ledger import Ledger


def test_a_changed_mapping_is_live_without_a_restart(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(accepted=1)

    gateway.write_mapping("other.yaml", mapping(campaign="price_list").replace("- $name", "- $name\n        - $city"))
    gateway.post_website("other", **somebody(1, name="Asha"))

    gateway.wait_for_states(accepted=2)
    assert [call["campaignName"] for call in gateway.calls()] == ["goa_villas_welcome", "price_list"]


def test_a_broken_file_never_goes_live_and_its_form_keeps_its_last_good_version(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    folder = Path(gateway.settings.text("GATEWAY_MAPPINGS"))
    (folder / "other.yaml").write_text(mapping().replace("campaignName", "campainName"))
    gateway.write_mapping("another.yaml", mapping("another"))  # a good change beside it goes live

    gateway.post_website("other", **PERSON)

    delivery = gateway.wait_for_delivery("accepted")
    assert delivery.campaign == "goa_villas_welcome"


def test_a_renamed_and_broken_file_does_not_hand_its_form_to_another(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.write_mapping("website.yaml", mapping("elsewhere").replace("form: elsewhere\n", ""))  # the last resort
    folder = Path(gateway.settings.text("GATEWAY_MAPPINGS"))
    (folder / "renamed.yaml").write_text(mapping().replace("rules:", "rulez:"))
    (folder / "other.yaml").unlink()
    gateway.write_mapping("another.yaml", mapping("another"))

    gateway.post_website("other", **PERSON)

    delivery = gateway.wait_for_delivery("accepted")
    assert delivery.mapping == "other.yaml"


def test_an_editors_link_to_nowhere_keeps_no_change_from_going_live(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / ".#other.yaml").symlink_to("somebody@nowhere.1")
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", mapping())

        gateway.write_mapping("other.yaml", mapping(rule="Renamed"))


def test_the_last_good_version_is_live_after_a_restart_too(ledger: Ledger, box: Sandbox, tmp_path: Path) -> None:
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", mapping())
    (tmp_path / "mappings" / "other.yaml").write_text("source: website\nrules: [")

    with running(ledger, box, tmp_path) as gateway:
        gateway.post_website("other", **PERSON)
        gateway.wait_for_delivery("accepted")


def test_what_has_not_left_follows_the_mapping_and_what_lost_its_rule_is_cancelled(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.write_mapping("another.yaml", mapping("another"))
    gateway.fault(status=503, times=2)
    gateway.post_website("other", **PERSON)
    gateway.post_website("another", **somebody(1))
    gateway.wait_for_states(retrying=2)

    gateway.write_mapping("other.yaml", mapping(campaign="price_list").replace("- $name", "- $name\n        - $city"))
    gateway.write_mapping("another.yaml", mapping("another", rule="A new name"))
    gateway.move_clock(3600)

    found = gateway.wait_for_states(accepted=1, cancelled=1)
    assert {one.reason for one in found} == {"", "rule removed"}
    [call] = gateway.calls()
    assert (call["campaignName"], call["templateParams"]) == ("price_list", ["Mira Sample", "Goa"])


def test_leads_without_a_mapping_wait_and_are_sent_only_when_a_person_says_so(gateway: Running) -> None:
    for number in range(2):
        gateway.post_website("brand-new", **somebody(number))
    wait_for(gateway.leads, lambda found: [str(one.state) for one in found] == ["unmapped"] * 2)

    gateway.write_mapping("new.yaml", mapping("brand-new"))
    gateway.post_website("brand-new", **somebody(2, name="After"))
    gateway.wait_for_states(accepted=1)
    assert [call["userName"] for call in gateway.calls()] == ["After"]

    asked = gateway.command("replay", "--state", "unmapped")
    assert asked.exit_code == 2
    assert "2 to replay, the oldest from" in asked.stderr
    gateway.wait_for_states(accepted=1)

    assert gateway.command("replay", "--state", "unmapped", "--yes").exit_code == 0
    gateway.wait_for_states(accepted=3)


def test_what_is_replayed_right_after_a_mapping_was_saved_goes_by_it(gateway: Running) -> None:
    event = gateway.post_website("new-form", **PERSON)
    wait_for(lambda: [lead.state for lead in gateway.leads(event)], lambda states: states == ["unmapped"])
    [(worker, _thread)] = gateway.workers
    worker.next_beat = clock.monotonic() + 3600  # it looks at the folder once a second: not in this second
    with gateway.ledger.write("publish") as connection:
        files = versions.live(connection)[1] | {"new.yaml": mapping("new-form")}
        versions.publish(connection, files, clock.now())

    gateway.command("replay", "l1")

    assert gateway.wait_for_delivery("accepted").mapping == "new.yaml"


def test_two_answers_that_fit_one_name_wait_for_a_clearer_mapping(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **(PERSON | {"City ": "Pune", "city!": "Goa"}))
    gateway.post_website("other", name="Asha", phone="+12025550144", **{"City ": "Pune", "CITY": "Goa"})

    [unclear] = wait_for(lambda: [one for one in gateway.leads() if one.state == "waiting"])
    assert "city" in unclear.lead.reason

    gateway.write_mapping("other.yaml", mapping().replace("city: city", "city: CITY"))
    gateway.wait_for_states(accepted=2)


def test_a_lead_that_was_sent_is_sent_again_only_with_again(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    event = gateway.post_website("other", **PERSON)
    gateway.wait_for_states(accepted=1)

    for name in (f"e{event}", "l1", "d1"):
        left_alone = gateway.command("replay", name)
        assert left_alone.exit_code == 1
        assert "accepted by AiSensy" in left_alone.output
    gateway.move_clock(11)
    assert gateway.command("replay", "l1", "--again", "--yes").exit_code == 0

    found = gateway.wait_for_states(accepted=2)
    assert [one.round for one in found] == [1, 2]
    assert gateway.books().balanced


def test_a_failed_lead_is_sent_after_the_mapping_was_mended(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping().replace("phone: phone", "phone: mobile"))
    gateway.post_website("other", **PERSON)
    [lead] = wait_for(gateway.leads, lambda found: bool(found) and found[0].state == "failed")
    assert "no phone number" in lead.lead.reason

    gateway.write_mapping("other.yaml", mapping())
    assert gateway.command("replay", "--state", "failed", "--yes").exit_code == 0

    gateway.wait_for_states(accepted=1)


def test_an_unreadable_event_can_be_replayed(gateway: Running) -> None:
    answer = gateway.post_signed("website", b'{"name": "Mira "Mimi" Sample"}')
    event = int(answer.json()["event"][1:])
    wait_for(lambda: gateway.event(event).state, lambda state: state == "unreadable")

    assert "read again" in gateway.command("replay", f"e{event}").output

    wait_for(lambda: gateway.event(event).state, lambda state: state == "unreadable")
    assert gateway.books().balanced


@pytest.mark.parametrize("wrong", ["x7", "e", "d9999", "--state nonsense", ""])
def test_a_wrong_replay_is_one_sentence_and_exit_code_2(gateway: Running, wrong: str) -> None:
    result = gateway.command("replay", *wrong.split())

    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
