"""limits.yaml beside the mappings, and what the commands say of limits and follow-ups before anything is sent."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import PERSON, Running, environment, mapping, somebody, wait_for

from gateway import clock
from gateway.cli import gateway as command
from gateway.mapping.limits import Limits
from gateway.mapping.reader.limits import read_limits
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import load_live
from gateway.sandbox.server import Sandbox
from gateway.store import versions
from gateway.store.receipts import Arrived, Settled, add, new, settle

BROKEN = sorted((Path(__file__).parent / "problems" / "limits").glob("*.yaml"))

FOLLOWED = mapping() + (
    "    follow_ups:\n"
    "      - after: 2 hours\n"
    "        unless: replied\n"
    "        campaignName: price_list\n"
    "        templateParams:\n"
    "          - $name\n"
    "          - $city\n"
)
#: The last parameter of its follow-up.
LAST = "          - $city"
#: Where `replied` stands in it.
REPLIED = "other.yaml:19:17"


def folder(gateway: Running) -> Path:
    return Path(gateway.settings.text("GATEWAY_MAPPINGS"))


def live(gateway: Running) -> Live:
    return load_live(gateway.ledger, gateway.settings)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_broken_file_of_limits_prints_exactly_its_text(path: Path) -> None:
    _limits, problems = read_limits(path.name, path.read_bytes())

    assert "".join(f"{problem}\n" for problem in problems) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert problems


@pytest.mark.parametrize("text", ["", "# Nothing yet.\n\n"])
def test_a_file_without_limits_limits_nothing(text: str) -> None:
    assert read_limits("limits.yaml", text) == (Limits(), [])


def test_limits_for_all_files_go_live_with_them_and_of_two_the_stricter_counts(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping() + "limits:\n  too_old: 2 days\n  once_per_person: 1 day\n")

    gateway.write_mapping("limits.yaml", "too_old: 12 hours\nonce_per_person: 7 days\n")

    now = live(gateway)
    assert now.limits("other.yaml") == Limits(too_old=timedelta(hours=12), once_per_person=timedelta(days=7))
    assert now.limits("website.yaml") == now.common
    assert now.unreadable == ()


def test_bad_limits_never_go_live_and_the_last_good_ones_stay(gateway: Running) -> None:
    gateway.write_mapping("limits.yaml", "too_old: 12 hours\n")
    (folder(gateway) / "limits.yaml").write_text("too_old: soon\n")

    gateway.write_mapping("other.yaml", mapping())  # a good change beside it goes live

    assert live(gateway).common == Limits(too_old=timedelta(hours=12))
    checked = gateway.command("check")
    assert checked.exit_code == 1
    assert "limits.yaml:1:10: 'soon' is no length of time" in checked.stdout


def test_limits_under_a_name_that_is_none_of_theirs_do_not_go_away(gateway: Running) -> None:
    gateway.write_mapping("limits.yaml", "too_old: 12 hours\n")
    (folder(gateway) / "limits.yaml").rename(folder(gateway) / "limits.yml")

    gateway.write_mapping("other.yaml", mapping())

    assert live(gateway).common == Limits(too_old=timedelta(hours=12))
    (folder(gateway) / "limits.yml").unlink()
    wait_for(lambda: live(gateway).common, lambda common: common == Limits())


def _unreadable(gateway: Running, name: str, text: str) -> None:
    """Make a live file one that this version of the program cannot read, as an older or newer one could."""
    gateway.stop_worker()
    (folder(gateway) / name).write_text(text)
    with gateway.ledger.write("test") as connection:
        _version, files = versions.live(connection)
        versions.publish(connection, files | {name: text}, clock.now())
    gateway.move_clock(60)
    gateway.start_worker()


def test_while_the_live_limits_cannot_be_read_nothing_leaves(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.write_mapping("limits.yaml", "too_old: 12 hours\n")
    gateway.fault(status=503, times=1)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)

    _unreadable(gateway, "limits.yaml", "send_between: whenever\n")

    wait_for(gateway.deliveries, lambda found: found[0].hold == "mapping")
    assert "limits.yaml cannot be used as it is" in gateway.deliveries()[0].reason
    gateway.post_website("other", **somebody(1))
    wait_for(gateway.leads, lambda found: len(found) == 2 and found[0].state == "waiting")
    assert gateway.calls() == []
    gateway.write_mapping("limits.yaml", "too_old: 12 hours\n")
    gateway.wait_for_states(accepted=2)


def test_what_waits_for_a_mapping_that_cannot_be_read_leaves_once_a_version_can(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.fault(status=503, times=1)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)
    _unreadable(gateway, "other.yaml", mapping() + "limits:\n  send_between: whenever\n")
    wait_for(gateway.deliveries, lambda found: found[0].hold == "mapping")
    assert "other.yaml cannot be used as it is" in gateway.deliveries()[0].reason

    _unreadable(gateway, "other.yaml", mapping())

    gateway.wait_for_states(accepted=1)


def test_limits_that_ask_for_a_field_which_a_mapping_lacks_never_go_live(gateway: Running) -> None:
    for name in ("facebook.yaml", "typeform.yaml", "website.yaml"):
        (folder(gateway) / name).unlink()
    gateway.write_mapping("other.yaml", mapping())
    (folder(gateway) / "limits.yaml").write_text("consent: opt_in\n")
    gateway.write_mapping("another.yaml", mapping("another"))
    before = live(gateway).common
    checked = gateway.command("check")

    agreed = mapping().replace("  city: city\n", "  city: city\n  opt_in: opt_in\n")
    (folder(gateway) / "another.yaml").unlink()
    gateway.write_mapping("other.yaml", agreed)
    wait_for(lambda: live(gateway).common, lambda common: common == Limits(consent="opt_in"))

    assert before == Limits()
    for name in ("other.yaml", "another.yaml"):
        assert f"limits.yaml:1:10: {folder(gateway)}/{name} has no field 'opt_in'; give it one, or" in checked.stdout
    assert "no rule uses" not in gateway.command("check").stdout


def test_hours_that_are_never_open_together_never_go_live(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", f"{mapping()}limits:\n  send_between: 09:00-12:00\n")
    (folder(gateway) / "limits.yaml").write_text("send_between: 12:00-20:00\n")
    checked = gateway.command("check")
    gateway.write_mapping("another.yaml", mapping("another"))
    before = live(gateway).common

    (folder(gateway) / "limits.yaml").write_text("send_between: 11:00-20:00\n")
    wait_for(lambda: live(gateway).common.windows)

    assert before == Limits()
    assert f"limits.yaml:1:15: the hours of {folder(gateway)}/other.yaml are never open together" in checked.stdout
    assert checked.exit_code == 1


def test_limits_have_a_history_and_an_older_text_can_be_restored(gateway: Running) -> None:
    gateway.write_mapping("limits.yaml", "too_old: 12 hours\n")
    gateway.write_mapping("limits.yaml", "too_old: 6 hours\n")
    rows = json.loads(gateway.command("history", "limits.yaml", "--json").stdout)

    restored = gateway.command("restore", f"limits.yaml@{rows[-1]['version']}")

    assert restored.exit_code == 0, restored.output
    assert (folder(gateway) / "limits.yaml").read_text() == "too_old: 12 hours\n"
    wait_for(lambda: live(gateway).common.too_old, lambda age: age == timedelta(hours=12))


def test_whoever_has_not_agreed_is_a_change_in_a_diff(gateway: Running) -> None:
    asks = mapping().replace("  city: city\n", "  city: city\n  opt_in: opt_in\n") + "limits:\n  consent: opt_in\n"
    gateway.write_mapping("other.yaml", mapping())
    gateway.post_website("other", **PERSON)
    gateway.wait_for_delivery("accepted")
    gateway.write_mapping("other.yaml", asks)

    found = gateway.command("diff", "--from", str(live(gateway).version - 1))

    assert "nothing (skipped: the field 'opt_in' is empty)" in found.stdout


def test_another_follow_up_is_a_change_in_a_diff(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", FOLLOWED)
    gateway.post_website("other", **PERSON)
    wait_for(gateway.leads)
    drafts = gateway.tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "other.yaml").write_text(
        FOLLOWED.replace("2 hours", "3 hours").replace(LAST, LAST.replace("$city", "soon"))
    )

    expected = ("--expect", "follow-ups:Everyone", "--expect", "text:Everyone")

    found = gateway.command("diff", "--mappings", str(drafts))
    meant = gateway.command("diff", "--mappings", str(drafts), *expected)

    assert found.exit_code == 1
    assert "Other follow-ups (1): other.yaml, rule 'Everyone'" in found.stdout
    assert "follow-up 1: after: '2 hours' → '3 hours'" in found.stdout
    assert "follow-up 1: templateParams[1]: 'Goa' → 'soon'" in found.stdout
    assert meant.exit_code == 0


def test_while_no_receipt_ever_came_check_warns_that_nobody_knows_who_replied(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", FOLLOWED)
    before = gateway.command("check")
    with gateway.ledger.write("receipts") as connection:
        add(connection, [Arrived("n1", b"{}", clock.now())])
        settle(connection, new(connection, 1)[0], Settled("read", kind="reply"))

    after = gateway.command("check")

    assert before.exit_code == 0
    assert f"{REPLIED}: warning: no receipt has ever come from AiSensy, so nobody can know who replied" in before.stdout
    assert "no receipt" not in after.stdout


def test_without_a_ledger_check_says_nothing_of_receipts(box: Sandbox, tmp_path: Path) -> None:
    desk = environment(box, tmp_path)
    (Path(desk["GATEWAY_MAPPINGS"]) / "other.yaml").write_text(FOLLOWED)

    assert "receipt" not in run(desk, "check").stdout
    assert not (tmp_path / "data").exists()


def run(desk: dict[str, str], *arguments: str) -> Result:
    return CliRunner(env=desk).invoke(command, arguments)


def test_the_campaigns_of_follow_ups_are_asked_about_and_listed(box: Sandbox, tmp_path: Path) -> None:
    desk = environment(box, tmp_path)
    for path in Path(desk["GATEWAY_MAPPINGS"]).glob("*.yaml"):
        path.unlink()
    path = Path(desk["GATEWAY_MAPPINGS"]) / "other.yaml"
    path.write_text(FOLLOWED.replace("price_list", "site_visit_hot") + "        attributes:\n          stage: late\n")

    fetched = run(desk, "contracts", "fetch")
    checked = run(desk, "check")
    tags = run(desk, "check", "--tags")

    assert "site_visit_hot: 3 parameters" in fetched.stdout
    assert "site_visit_hot" in run(desk, "contracts").stdout
    assert "campaign 'site_visit_hot' wants 3 parameters, the follow-up after 2 hours of rule 'Everyone' gives 2" in (
        checked.stdout
    )
    assert "stage" in tags.stdout


def test_explain_says_what_the_message_is_held_against(gateway: Running) -> None:
    gateway.write_mapping("limits.yaml", "no_more_than: 2 per person per day\n")
    gateway.write_mapping("other.yaml", FOLLOWED + "limits:\n  send_between: 9-20\n")
    gateway.post_website("other", **PERSON)
    wait_for(gateway.leads)

    said = gateway.command("explain", "l1")
    lead = json.loads(gateway.command("explain", "l1", "--json").stdout)["leads"][0]

    assert (
        "  limits:\n    send_between         09:00-20:00\n    no_more_than         2 per person per day" in said.stdout
    )
    assert "follow-up 1, 2 hours after the message before it is accepted, unless they replied" in said.stdout
    assert lead["limits"] == {"send_between": "09:00-20:00", "no_more_than": "2 per person per day"}
    assert lead["plan"]["follow_ups"][0]["call"]["campaignName"] == "price_list"
