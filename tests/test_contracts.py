"""What campaigns want: asked of AiSensy, written down in `contracts.yaml`, and enforced before a call leaves."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from harness import PERSON, Running, mapping, running, somebody, wait_for

from gateway import clock
from gateway.model import Contract, DeliveryState, Media, Seen
from gateway.pipeline.contracts import campaigns
from gateway.pipeline.publishing import load_live
from gateway.sandbox.server import Sandbox
from gateway.store import contracts, deliveries, holds
from gateway.store.contracts import Told
from gateway.store.deliveries import Next
from gateway.store.holds import Hold
from gateway.store.ledger import Ledger

WELCOME = "goa_villas_welcome"  # wants one parameter in the sandbox
HELD = f"contract {WELCOME}"
TURN = 601.0  # seconds, a little more than GATEWAY_CONTRACTS
SAMPLE = {"templateParams": ["$FirstName"]}


@pytest.fixture
def asking(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway that asks what campaigns want and has asked; one call at a time, so that their order shows."""
    with running(ledger, box, tmp_path, GATEWAY_CONTRACTS="600", GATEWAY_THREADS="1") as gateway:
        gateway.write_mapping("other.yaml", mapping())
        _wait_until_told(gateway, Contract(1))
        yield gateway
    clock.follow(None)


def test_a_campaign_that_gains_a_parameter_is_held_alone_and_leaves_by_the_mended_mapping(asking: Running) -> None:
    asking.fault(status=503, retry_after=900)
    _post(asking, "First")
    asking.wait_for_states(retrying=1)

    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    asking.move_clock(300)
    _post(asking, "Second", "Third")
    asking.post_website(**PERSON, interest="2 BHK")
    found = asking.wait_for_states(held=3, accepted=1)

    held = [one for one in found if one.state == "held"]
    assert {one.hold for one in held} == {HELD}
    assert all("AiSensy says since " in one.reason for one in held)
    assert all(f"campaign '{WELCOME}' wants 2 parameters, and 1 would be sent" in one.reason for one in held)
    assert asking.seen()["send"] == 2, "the one answered 503 and the price list"
    assert asking.books().balanced

    asking.write_mapping("other.yaml", mapping(params="$name $city"))
    found = asking.wait_for_states(accepted=4)

    sent = [call for call in asking.calls() if call["campaignName"] == WELCOME]
    assert [call["templateParams"] for call in sent] == [["Third", "Goa"], ["Second", "Goa"], ["First", "Goa"]]
    assert all((one.first_version or 0) < (one.mapping_version or 0) for one in found if one.campaign == WELCOME)
    assert asking.seen()["send"] == 5
    assert asking.books().balanced


def test_a_right_call_of_a_campaign_leaves_while_a_wrong_one_is_held(asking: Running) -> None:
    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, "Wrong")
    asking.wait_for_states(held=1)

    asking.write_mapping("right.yaml", mapping("right", params="$name $city"))
    asking.post_website("right", **PERSON)

    asking.wait_for_states(held=1, accepted=1)
    assert asking.seen()["send"] == 1


def test_a_campaign_that_now_wants_media_is_held(asking: Running) -> None:
    _campaign(asking, media=True)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(1, Media.YES))

    _post(asking, "Mira")

    [held] = asking.wait_for_states(held=1)
    assert "wants media, and none would be sent" in held.reason
    assert asking.seen()["send"] == 0


def test_a_campaign_that_is_gone_is_held_until_it_is_back(asking: Running) -> None:
    requests.delete(f"{asking.box.url}/campaigns/{WELCOME}", timeout=10).raise_for_status()
    asking.move_clock(TURN)
    wait_for(lambda: _told(asking), lambda told: told is not None and told.seen.missing)
    _post(asking, "First", "Second")
    held = asking.wait_for_states(held=2)
    assert all(f"it knows no campaign '{WELCOME}'" in one.reason for one in held)
    assert asking.seen()["send"] == 0

    _campaign(asking, params=1)
    asking.move_clock(TURN)

    asking.wait_for_states(accepted=2)
    assert [call["userName"] for call in asking.calls()] == ["Second", "First"]
    assert asking.books().balanced


def test_a_mapping_that_was_mended_before_the_next_look_goes_live_at_once(asking: Running) -> None:
    _campaign(asking, params=2)

    asking.write_mapping("other.yaml", mapping(params="$name $city"))

    _post(asking, "Mira")
    asking.wait_for_states(accepted=1)
    assert asking.seen()["send"] == 1


def test_a_refused_mapping_is_asked_about_once(asking: Running) -> None:
    every_campaign = len(campaigns(load_live(asking.ledger, asking.settings).mappings))
    wait_for(lambda: asking.seen()["details"], lambda count: count == every_campaign)
    Path(asking.settings.text("GATEWAY_MAPPINGS"), "other.yaml").write_text(mapping(params="$name $city"))

    wait_for(lambda: asking.seen()["details"], lambda count: count == every_campaign + 1)
    asking.let_time_pass(8, step=2)

    assert asking.seen()["details"] == every_campaign + 1
    _post(asking, "Mira")
    asking.wait_for_states(accepted=1)


def test_a_clock_that_is_moved_back_lets_nobody_be_asked_again_and_again(asking: Running) -> None:
    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, "Held")
    asking.wait_for_states(held=1)
    every_campaign = len(campaigns(load_live(asking.ledger, asking.settings).mappings))

    asking.move_clock(-3000)
    before = asking.seen()["details"]
    wait_for(lambda: asking.seen()["details"], lambda asked: asked >= before + every_campaign)
    for count in range(1, 4):
        asking.post_website(**somebody(count, interest="2 BHK"))
        asking.wait_for_states(held=1, accepted=count)

    assert asking.seen()["details"] <= before + every_campaign + 1


def test_what_a_refused_call_says_is_asked_about_at_once(asking: Running) -> None:
    _campaign(asking, params=2)
    _post(asking, "First")
    wait_for(asking.deliveries, lambda found: found[0].hold == HELD)

    _post(asking, "Second")

    asking.wait_for_states(held=2)
    assert asking.seen()["send"] == 1


def test_a_status_word_that_nobody_knows_holds_nothing(asking: Running) -> None:
    answer = {"success": True, "campaign": {"status": "HIBERNATING"}, "requestBody": SAMPLE}
    asking.fault(on="details", status=200, body=answer, times=0)
    asking.move_clock(TURN)
    wait_for(lambda: _told(asking), lambda told: told is not None and told.seen.status == "HIBERNATING")

    _post(asking, "Mira")

    asking.wait_for_states(accepted=1)


def test_answers_that_tell_nothing_change_nothing_and_hold_nothing(asking: Running) -> None:
    before, said = _told(asking), ""
    assert before is not None
    for fault in (
        {"status": 401, "body": {"message": "Invalid API key"}},
        {"status": 500},
        {"status": 502, "html": True},
        {"status": 200, "html": True},
        {"status": 200, "body": {"success": False, "message": "odd"}},
        {"status": 200, "body": ["odd"]},
        {"cut": "before"},
    ):
        asking.mend()
        asking.fault(on="details", times=0, **fault)
        asking.move_clock(TURN)
        told = _wait_for_another_word(asking, said)
        said = told.seen.says
        assert (told.seen.contract, told.seen.missing, told.since) == (Contract(1), False, before.since)

    _post(asking, "Mira")
    asking.wait_for_states(accepted=1)


def test_contracts_yaml_alone_holds_what_is_wrong(gateway: Running) -> None:
    _campaign(gateway, params=2)
    gateway.write_mapping("other.yaml", mapping())
    gateway.write_mapping("contracts.yaml", _lock(2))

    _post(gateway, "Mira")

    [held] = gateway.wait_for_states(held=1)
    assert held.hold == HELD
    assert held.reason == f"contracts.yaml says that campaign '{WELCOME}' wants 2 parameters, and 1 would be sent"
    gateway.write_mapping("other.yaml", mapping(params="$name $city"))
    gateway.wait_for_states(accepted=1)
    assert gateway.seen()["details"] == 0
    assert gateway.seen()["send"] == 1


def test_a_persons_newer_word_counts_until_aisensy_speaks_again(asking: Running) -> None:
    _campaign(asking, params=2)
    asking.fault(on="details", status=500, times=0)

    asking.write_mapping("contracts.yaml", _lock(2))
    _post(asking, "First")
    [held] = asking.wait_for_states(held=1)
    assert held.reason.startswith("contracts.yaml says ")
    asking.write_mapping("other.yaml", mapping(params="$name $city"))
    asking.wait_for_states(accepted=1)

    _campaign(asking, params=1)
    asking.mend()
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(1))
    _post(asking, "Second")
    found = asking.wait_for_states(accepted=1, held=1)
    assert "AiSensy says since " in found[1].reason
    assert asking.seen()["send"] == 1


def test_a_mapping_that_was_refused_for_its_count_goes_live_when_the_campaign_is_changed(asking: Running) -> None:
    file = Path(asking.settings.text("GATEWAY_MAPPINGS"), "other.yaml")
    file.write_text(mapping(params="$name $city"), encoding="utf-8")
    asking.let_time_pass(4, step=2)
    _post(asking, "First")
    asking.wait_for_states(accepted=1)

    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, "Second")

    asking.wait_for_states(accepted=2)
    assert [call["templateParams"] for call in asking.calls()] == [["First"], ["Second", "Goa"]]


def test_a_replay_looks_again_at_what_a_contract_holds_and_sends_nothing_wrong(asking: Running) -> None:
    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, "First", "Second")
    asking.wait_for_states(held=2)

    assert "what is right by now leaves at once" in asking.command("replay", "d1").output
    asking.let_time_pass(4, step=2)
    asking.wait_for_states(held=2)
    assert asking.seen()["send"] == 0

    _campaign(asking, params=1)
    assert asking.command("replay", "d2").exit_code == 0
    asking.wait_for_states(accepted=2)
    assert asking.books().balanced


def test_after_a_restart_what_was_held_is_held_again_and_no_wrong_call_leaves(asking: Running) -> None:
    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, "First")
    asking.wait_for_states(held=1)

    asking.stop_worker()
    asking.start_worker()

    asking.let_time_pass(4, step=2)
    asking.wait_for_states(held=1)
    assert asking.seen()["send"] == 0


def test_the_log_says_once_what_moved_and_what_is_held(asking: Running, caplog: pytest.LogCaptureFixture) -> None:
    asking.write_mapping("contracts.yaml", _lock(1))
    _wait_until_told(asking, Contract(1))
    caplog.set_level(logging.INFO)
    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, "First", "Second")
    asking.wait_for_states(held=2)
    asking.let_time_pass(2 * TURN, step=TURN)

    said = [record.message for record in caplog.records if record.name.startswith("gateway.pipeline.")]
    [moved] = [line for line in said if line.startswith("AiSensy says that campaign")]
    assert "wants 2 parameters" in moved
    assert "contracts.yaml says 1 parameter" in moved
    assert "`gateway contracts fetch`" in moved
    [held] = [line for line in said if line.startswith("messages are held: AiSensy says since ")]
    assert "wants 2 parameters, and 1 would be sent" in held


def test_nobody_is_asked_while_the_account_is_stopped(asking: Running) -> None:
    asking.fault(credit="none")
    _post(asking, "Mira")
    asking.wait_for_states(held=1)
    asked = asking.seen()["details"]

    asking.let_time_pass(2 * TURN, step=TURN)
    assert asking.seen()["details"] == asked

    asking.mend()
    asking.move_clock(TURN)
    asking.wait_for_states(accepted=1)
    wait_for(lambda: asking.seen()["details"], lambda count: count > asked)


def test_without_a_timer_nobody_is_asked_and_old_words_do_not_count(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with ledger.write() as connection:
        contracts.note(connection, WELCOME, Seen(Contract(7)), clock.now())
    with running(ledger, box, tmp_path) as gateway:
        gateway.write_mapping("other.yaml", mapping())
        _post(gateway, "Mira")
        gateway.wait_for_states(accepted=1)
        gateway.let_time_pass(2 * TURN, step=TURN)
        assert gateway.seen()["details"] == 0


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_workers_one_asks(asking: Running) -> None:
    asking.start_worker()
    every_campaign = len(campaigns(load_live(asking.ledger, asking.settings).mappings))
    wait_for(lambda: _contracts(asking), lambda found: len(found) == every_campaign and all(found))
    assert asking.seen()["details"] == every_campaign

    asking.move_clock(TURN)
    wait_for(lambda: asking.seen()["details"], lambda count: count == 2 * every_campaign)
    asking.let_time_pass(8, step=2)

    assert asking.seen()["details"] == 2 * every_campaign


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_one_worker_held_in_the_moment_when_another_learned_better_is_found_and_leaves(asking: Running) -> None:
    asking.fault(status=503, retry_after=900)
    _post(asking, "Mira")
    [waiting] = asking.wait_for_states(retrying=1)
    now = clock.now()
    with asking.ledger.write() as connection:
        holds.put(connection, Hold.CONTRACT, HELD, "an old word", now=now, probe_at=now)
        deliveries.change(connection, waiting, Next(DeliveryState.HELD, "an old word", hold=HELD), now)

    asking.wait_for_states(accepted=1)
    assert asking.books().balanced


def test_what_is_held_by_a_mapping_that_is_not_live_any_more_is_found_and_leaves(asking: Running) -> None:
    asking.fault(status=503, retry_after=900)
    _post(asking, "Mira")
    [waiting] = asking.wait_for_states(retrying=1)
    _campaign(asking, params=2)
    asking.write_mapping("other.yaml", mapping(params="$name $city"))
    now = clock.now()
    with asking.ledger.write() as connection:
        holds.put(connection, Hold.CONTRACT, HELD, "an old mapping", now=now, probe_at=now)
        deliveries.change(connection, waiting, Next(DeliveryState.HELD, "an old mapping", hold=HELD), now)

    asking.wait_for_states(accepted=1)


def test_a_right_call_among_many_wrong_ones_of_its_campaign_is_found(asking: Running) -> None:
    _campaign(asking, params=2)
    asking.move_clock(TURN)
    _wait_until_told(asking, Contract(2))
    _post(asking, *(f"Wrong {number}" for number in range(25)))
    asking.wait_for_states(held=25)
    asking.write_mapping("right.yaml", mapping("right", params="$name $city"))
    asking.fault(status=503, retry_after=900)
    asking.post_website("right", **PERSON)
    found = asking.wait_for_states(held=25, retrying=1)
    with asking.ledger.write() as connection:
        deliveries.change(connection, found[-1], Next(DeliveryState.HELD, "an old word", hold=HELD), clock.now())

    asking.move_clock(TURN)

    asking.wait_for_states(held=25, accepted=1)


def _post(gateway: Running, *names: str) -> None:
    """A lead of each name, one after the other."""
    for name in names:
        event = gateway.post_website("other", **somebody(sum(name.encode()), name=name))
        wait_for(lambda event=event: gateway.leads(event))  # type: ignore[misc]


def _campaign(gateway: Running, **changes: Any) -> None:
    """Change the campaign in the sandbox."""
    requests.put(f"{gateway.box.url}/campaigns/{WELCOME}", json=changes, timeout=10).raise_for_status()


def _lock(params: int) -> str:
    return f"{WELCOME}:\n  params: {params}\n  media: none\n"


def _told(gateway: Running) -> Told | None:
    with gateway.ledger.read() as connection:
        return contracts.of(connection, WELCOME)


def _contracts(gateway: Running) -> list[Contract | None]:
    """What AiSensy told of every campaign that it was asked about."""
    with gateway.ledger.read() as connection:
        return [told.seen.contract for told in contracts.all_of(connection).values()]


def _wait_until_told(gateway: Running, contract: Contract) -> None:
    wait_for(lambda: _told(gateway), lambda told: told is not None and told.seen.contract == contract)


def _wait_for_another_word(gateway: Running, said: str) -> Told:
    """Wait until AiSensy's sentence is another one."""
    told = wait_for(lambda: _told(gateway), lambda told: told is not None and told.seen.says not in ("", said))
    assert told is not None
    return told
