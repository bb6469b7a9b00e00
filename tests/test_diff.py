"""Before a change goes live: who would get what instead, and what has not left yet."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from changes import CHANGED_KINDS, KINDS, OTHER_DEFAULT, WITH_DEFAULT
from click.testing import Result
from harness import MAPPINGS, PERSON, ROOT, Running, mapping, running, somebody, wait_for

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

ASHA = {"name": "Asha Rao", "phone": "+12025550144", "city": "Pune"}


@pytest.fixture
def drafts(gateway: Running) -> Path:
    """A copy of the mapping folder, once `other.yaml` is live."""
    gateway.write_mapping("other.yaml", WITH_DEFAULT)
    folder = gateway.tmp_path / "drafts"
    shutil.copytree(gateway.settings.text("GATEWAY_MAPPINGS"), folder)
    return folder


def ask(gateway: Running, *arguments: str | Path) -> Result:
    return gateway.command("diff", *map(str, arguments))


def told(gateway: Running, *arguments: str | Path) -> dict[str, Any]:
    """What the command says as JSON."""
    found: dict[str, Any] = json.loads(ask(gateway, *arguments, "--json").stdout)
    return found


def counted(found: dict[str, Any], sort: str = "leads") -> dict[str, int]:
    """The counts that are not 0."""
    return {name: count for name, count in found[sort].items() if name != "changes" and count}


def in_the_ledger(gateway: Running, leads: int) -> None:
    """Wait until so many leads are planned and nothing is under way."""
    wait_for(gateway.leads, lambda found: len(found) == leads)
    wait_for(gateway.deliveries, lambda found: not {"scheduled", "sending"} & {str(one.state) for one in found})


def posted(gateway: Running, *people: dict[str, str]) -> None:
    for person in people:
        gateway.post_website("other", **person)
    in_the_ledger(gateway, len(people))


def test_a_changed_default_names_exactly_those_who_had_it_with_both_words(gateway: Running, drafts: Path) -> None:
    posted(gateway, PERSON, {**ASHA, "city": ""}, {"name": "Ravi", "phone": "+12025550145"})
    (drafts / "other.yaml").write_text(OTHER_DEFAULT)

    shown = ask(gateway, "--mappings", drafts)
    found = told(gateway, "--mappings", drafts)

    assert shown.exit_code == 1
    assert counted(found) == {"compared": 3, "same": 1, "text": 2}
    [change] = found["leads"]["changes"]
    assert (change["kind"], change["rule"], change["count"]) == ("text", "Everyone", 2)
    assert [(one["id"], one["who"]) for one in change["touched"]] == [("l3", "Ravi"), ("l2", "Asha Rao")]
    assert change["touched"][0]["places"] == [
        {"place": "templateParams[1]", "before": "our city", "after": "your city"}
    ]
    assert "templateParams[1]: 'our city' → 'your city'" in shown.output
    assert "add --expect text:Everyone\n" in shown.output
    assert "3 leads in " in shown.output.splitlines()[-1]
    assert len(gateway.calls()) == 3


def test_every_kind_of_change_is_told_apart(gateway: Running, drafts: Path) -> None:
    gateway.write_mapping("other.yaml", KINDS)
    cities = ("Goa", "Delhi", "Pune", "Surat", "Mumbai")
    posted(gateway, *(somebody(number, name=f"From {city}", city=city) for number, city in enumerate(cities)))
    (drafts / "other.yaml").write_text(CHANGED_KINDS)

    found = told(gateway, "--mappings", drafts)
    shown = ask(gateway, "--mappings", drafts).output

    assert counted(found) == {
        "compared": 5, "same": 1, "campaign": 1, "something": 1, "nothing": 1, "reason": 1
    }  # fmt: skip
    changes = {change["kind"]: change for change in found["leads"]["changes"]}
    assert {kind: (change["rule"], change["touched"][0]["who"]) for kind, change in changes.items()} == {
        "campaign": ("Goa", "From Goa"),
        "something": ("Everyone", "From Delhi"),
        "nothing": ("Delhi", "From Pune"),
        "reason": ("Surat", "From Surat"),
    }
    assert "  site_visit_followup → goa_villas_priority\n" in shown
    assert "  nothing (skipped: we are not there) → price_list\n" in shown
    assert "Nothing instead of something (1): other.yaml, rule 'Delhi', no longer rule 'Everyone'\n" in shown
    assert "reason:" not in shown  # nobody gets anything else, so nobody must expect it


def test_a_change_that_is_expected_is_no_fault(gateway: Running, drafts: Path) -> None:
    posted(gateway, {**PERSON, "city": ""})
    (drafts / "other.yaml").write_text(OTHER_DEFAULT)

    codes = {
        text: ask(gateway, "--mappings", drafts, "--expect", text).exit_code
        for text in ("text", "text:Everyone", " text : Everyone ", "campaign", "nothing:Everyone")
    }

    assert codes == {"text": 0, "text:Everyone": 0, " text : Everyone ": 0, "campaign": 1, "nothing:Everyone": 1}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--expect", "txt"), "'txt' is none of campaign, text, follow-ups, something, nothing."),
        (("--expect", "reason"), "'reason' is none of campaign, text, follow-ups, something, nothing."),
        (
            ("--expect", "text:Evryone"),
            "no rule is called 'Evryone', neither before nor after; did you mean 'Everyone'?",
        ),
        (("--since", "yesterday"), "write 7d, 12h or a day like 2026-11-01."),
        (("--since", ""), "write 7d, 12h or a day like 2026-11-01."),
        (("--from", "77"), "There is no version 77 of the mappings"),
        (("--mappings", "/nowhere"), "There is no folder /nowhere"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence_and_exit_code_2(
    gateway: Running, drafts: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = ask(gateway, "--mappings", drafts, *arguments)

    assert result.exit_code == 2
    assert says in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_any_count_and_any_form_is_looked_for_or_refused(gateway: Running, drafts: Path) -> None:
    endless = ask(gateway, "--mappings", drafts, "--last", str(10**20))
    odd = ask(gateway, "--mappings", drafts, "--form", "\udcff")

    assert endless.exit_code == 2
    assert "is not in the range" in endless.stderr
    assert odd.exit_code == 0, odd.output


def test_a_broken_draft_is_named_at_its_line_and_nothing_is_compared(gateway: Running, drafts: Path) -> None:
    (drafts / "other.yaml").write_text(WITH_DEFAULT.replace("campaignName", "campainName"))

    result = ask(gateway, "--mappings", drafts)

    assert result.exit_code == 2
    assert f"{drafts}/other.yaml:12:7: unknown key 'campainName'; did you mean 'campaignName'?" in result.stderr
    assert result.stderr.endswith("Mend these first: nothing was compared.\n")
    assert not result.stdout


def test_what_has_not_left_is_counted_whatever_leads_are_compared(gateway: Running, drafts: Path) -> None:
    for form in ("another", "third"):
        gateway.write_mapping(f"{form}.yaml", mapping(form))
        shutil.copy(Path(gateway.settings.text("GATEWAY_MAPPINGS")) / f"{form}.yaml", drafts)
    gateway.fault(status=503, times=4)
    for number, form in enumerate(("other", "another", "third")):
        gateway.post_website(form, **somebody(number, city=""))
    gateway.wait_for_states(retrying=3)
    for one in ({**ASHA, "city": ""},):
        gateway.post_website("nobody", **one)
    wait_for(gateway.leads, lambda found: len(found) == 4)
    (drafts / "other.yaml").write_text(OTHER_DEFAULT)
    (drafts / "another.yaml").write_text(mapping("another", rule="A new name"))
    (drafts / "third.yaml").write_text(mapping("third").replace("phone: phone", "phone: mobile"))

    found = told(gateway, "--mappings", drafts, "--last", "1")
    shown = ask(gateway, "--mappings", drafts, "--last", "1")
    meant = ["--expect", "text:Everyone", "--expect", "nothing:Everyone"]

    assert counted(found) == {"compared": 1, "same": 1}
    assert counted(found, "deliveries") == {
        "compared": 3, "text": 1, "nothing": 2, "replanned": 1, "cancelled": 1, "held": 1
    }  # fmt: skip
    for line in ("1 re-planned, another text: d1", "1 cancelled, rule removed: d2", "1 held, no phone number"):
        assert f"\n  {line}" in shown.output
    assert shown.exit_code == 1
    assert ask(gateway, "--mappings", drafts, "--last", "1", *meant).exit_code == 0
    assert {str(one.state) for one in gateway.deliveries()} == {"retrying"}


def test_a_renamed_rule_changes_no_lead_and_cancels_what_waits_for_it(gateway: Running, drafts: Path) -> None:
    gateway.fault(status=503, times=2)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)
    (drafts / "other.yaml").write_text(WITH_DEFAULT.replace("name: Everyone", "name: Everybody"))

    found = told(gateway, "--mappings", drafts)

    assert counted(found) == {"compared": 1, "same": 1}
    assert counted(found, "deliveries") == {"compared": 1, "nothing": 1, "cancelled": 1}
    assert ask(gateway, "--mappings", drafts, "--expect", "nothing:Everyone").exit_code == 0


def test_leads_that_wait_for_a_clearer_mapping_and_would_be_sent_at_once_are_named(
    gateway: Running, drafts: Path
) -> None:
    gateway.post_website("other", name="Mira", phone="+12025550143", **{"City ": "Pune", "city!": "Goa"})
    wait_for(gateway.leads, lambda found: [str(one.state) for one in found] == ["waiting"])
    (drafts / "other.yaml").write_text(WITH_DEFAULT.replace("from: city", "from: city!"))

    found = told(gateway, "--mappings", drafts, "--last", "1")

    assert counted(found, "waiting") == {"compared": 1, "something": 1}
    assert "1 let go, price_list: l1 (other.yaml" in ask(gateway, "--mappings", drafts).output


def test_only_leads_that_a_mapping_decides_about_count_and_the_newest_come_first(
    gateway: Running, drafts: Path
) -> None:
    gateway.post_website("other", **{**PERSON, "city": ""})
    in_the_ledger(gateway, 1)
    gateway.post_website("other", **{**PERSON, "city": ""})  # a duplicate
    gateway.post_website("other", **ASHA, _gotcha="a machine")  # suspected
    gateway.post_sample("facebook/test-lead.json")
    in_the_ledger(gateway, 4)
    gateway.post_website("other", **{**ASHA, "city": ""})
    in_the_ledger(gateway, 5)
    (drafts / "other.yaml").write_text(OTHER_DEFAULT)

    found = told(gateway, "--mappings", drafts)

    assert counted(found) == {"compared": 2, "text": 2}
    assert [one["id"] for one in found["leads"]["changes"][0]["touched"]] == ["l5", "l1"]
    assert counted(told(gateway, "--mappings", drafts, "--last", "1"))["compared"] == 1
    assert counted(told(gateway, "--mappings", drafts, "--form", "nothing")) == {}
    assert counted(told(gateway, "--mappings", drafts, "--source", "website", "--form", "other"))["compared"] == 2


def test_since_takes_leads_by_the_time_they_came(gateway: Running, drafts: Path) -> None:
    posted(gateway, PERSON)
    gateway.move_clock(3 * 86_400)
    gateway.post_website("other", **ASHA)
    in_the_ledger(gateway, 2)

    compared = {
        since: told(gateway, "--mappings", drafts, "--since", since)["leads"]["compared"]
        for since in ("2d", "12h", "100h", "2020-01-01")
    }

    assert compared == {"2d": 1, "12h": 1, "100h": 2, "2020-01-01": 2}


def test_numbers_are_shown_in_full_only_when_asked_for(gateway: Running, drafts: Path) -> None:
    posted(gateway, {**PERSON, "city": "call 202-555-0143"})
    text = WITH_DEFAULT.replace("- $name\n", "- $name and $phone\n").replace(
        "campaignName: price_list", "campaignName: site_visit_followup"
    )
    (drafts / "other.yaml").write_text(text)

    for form in ((), ("--json",)):
        hidden = ask(gateway, "--mappings", drafts, "--all", *form)
        full = ask(gateway, "--mappings", drafts, "--all", "--phones", *form)
        assert "0143" not in hidden.output
        assert "+12025550143" in full.output


def test_a_version_that_was_live_is_compared_with_the_one_that_is(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", WITH_DEFAULT)
    posted(gateway, {**PERSON, "city": ""})
    gateway.fault(status=503, times=2)
    gateway.write_mapping("other.yaml", OTHER_DEFAULT)
    gateway.post_website("other", **{**ASHA, "city": ""})
    gateway.wait_for_states(accepted=1, retrying=1)

    nothing, shown = told(gateway), ask(gateway).output
    version = nothing["before"]["version"]
    after = told(gateway, "--from", str(version - 1))

    assert (counted(nothing), nothing["files"]) == ({"compared": 2, "same": 2}, [])
    assert f"No file differs. A running gateway takes a change within a second; --from {version - 1}" in shown
    assert (counted(after), after["files"]) == ({"compared": 2, "text": 2}, ["other.yaml"])
    assert counted(after, "deliveries") == {}  # the one that has not left was made by the new version
    assert f"Version {version} is the live one" in ask(gateway, "--from", str(version)).stderr


def test_before_anything_was_live_every_lead_of_a_mapped_form_gets_something(
    ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with running(ledger, box, tmp_path, GATEWAY_MAPPINGS=str(tmp_path / "none")) as gateway:
        gateway.post_website("price-list", **PERSON)
        gateway.post_website("other", **PERSON)
        in_the_ledger(gateway, 2)

        found = told(gateway, "--mappings", MAPPINGS)

        assert counted(found) == {"compared": 2, "same": 1, "something": 1}
        assert {change["before"]["state"] for change in found["leads"]["changes"]} == {"unmapped"}
    clock.follow(None)


def test_it_says_how_many_more_there_are_and_names_them_all_when_asked(gateway: Running, drafts: Path) -> None:
    posted(gateway, *({"name": f"Person {number}", "phone": f"+1202555014{number}"} for number in range(5)))
    (drafts / "other.yaml").write_text(OTHER_DEFAULT)

    few, everyone = (ask(gateway, "--mappings", drafts, *more).output for more in ((), ("--all",)))

    assert (few.count("Person"), "  and 2 more; --all names everyone\n" in few) == (3, True)
    assert (everyone.count("Person"), "more;" in everyone) == (5, False)


def test_the_benchmark_fills_a_ledger_and_finds_what_it_changed() -> None:
    command = [sys.executable, str(ROOT / "bench" / "diff.py"), "--leads", "60", "--rounds", "1"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"60 leads in [\d.]+ s \([\d,]+ a second\), median of 1\n", done.stdout)
