"""contracts.yaml: read with care, written only by command, whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from harness import MAPPINGS, PERSON, Running, environment, mapping, wait_for
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.cli import gateway as command
from gateway.mapping.reader.contracts import read_contracts, write_contracts
from gateway.model import Contract, Media, Seen
from gateway.sandbox.server import Sandbox
from gateway.store import contracts

BROKEN = sorted((Path(__file__).parent / "problems" / "contracts").glob("*.yaml"))
SIGNS = "ab:-# \t'\"[]{}*&!|>?,$%@`<=~.\\19\n\xa0\u200b\u2028\ufeff"


@pytest.fixture
def desk(box: Sandbox, tmp_path: Path) -> dict[str, str]:
    """Settings with a copy of the shipped mappings, contracts.yaml among them, and the sandbox for AiSensy."""
    shutil.copytree(MAPPINGS, tmp_path / "mappings")
    return environment(box, tmp_path)


def run(desk: dict[str, str], *arguments: str) -> Result:
    return CliRunner(env=desk).invoke(command, arguments)


def known(desk: dict[str, str]) -> dict[str, Contract]:
    found, problems = read_contracts("", (Path(desk["GATEWAY_MAPPINGS"]) / "contracts.yaml").read_bytes())

    assert problems == []
    return found


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_each_broken_file_of_contracts_prints_exactly_its_text(path: Path) -> None:
    found, problems = read_contracts(path.name, path.read_bytes())

    assert "".join(f"{problem}\n" for problem in problems) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert problems
    assert found == {}


def test_every_text_has_its_broken_file() -> None:
    texts = {path.stem for path in BROKEN[0].parent.glob("*.txt")}

    assert {path.stem for path in BROKEN} == texts


@settings(deadline=None)  # The machine may be busy with other tests.
@given(
    st.dictionaries(
        (st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80) | st.text(SIGNS))
        .filter(str.strip)
        .filter(lambda name: not re.fullmatch("api[_-]?key", name, re.IGNORECASE)),
        st.builds(Contract, st.integers(0, 100), st.sampled_from(list(Media))),
    )
)
def test_any_name_of_a_campaign_is_read_as_it_was_written(whole: dict[str, Contract]) -> None:
    assert read_contracts("contracts.yaml", write_contracts(whole)) == (whole, [])


@settings(deadline=None)  # The machine may be busy with other tests.
@given(st.binary() | st.text(SIGNS + "params: media none").map(str.encode))
def test_any_bytes_give_contracts_or_a_problem(data: bytes) -> None:
    found, problems = read_contracts("contracts.yaml", data)

    assert not (found and problems)


def test_names_are_quoted_only_where_yaml_would_misread_them() -> None:
    names = ["price_list", "Goa villas 2", "yes", "2024", "a: b", "Offer #2", "*Diwali*", "it's", "line\nbreak"]

    written = write_contracts({name: Contract(1) for name in names})

    keys = " ".join(line for line in written.splitlines() if line.endswith(":"))
    assert keys == (
        r"""'*Diwali*': '2024': Goa villas 2: 'Offer #2': 'a: b': 'it''s': "line\nbreak": price_list: 'yes':"""
    )


def test_the_list_names_what_each_campaign_wants_and_who_calls_it(desk: dict[str, str]) -> None:
    shown = run(desk, "contracts")
    rows = {row["campaign"]: row for row in json.loads(run(desk, "contracts", "--json").stdout)}

    assert shown.exit_code == 0
    assert "website.yaml Price list" in shown.stdout
    assert (rows["goa_villas_priority"]["params"], rows["goa_villas_priority"]["media"]) == (3, "document")
    assert [use["rule"] for use in rows["price_list"]["used_by"]] == ["Price list"]
    assert (rows["price_list"]["aisensy"], rows["price_list"]["held"]) == (None, None)


def test_with_a_ledger_the_list_has_aisensys_last_word_and_what_is_held(gateway: Running) -> None:
    gateway.write_mapping("other.yaml", mapping())
    gateway.command("contracts", "set", "goa_villas_welcome", "--params", "1", "--media", "none")
    with gateway.ledger.write() as connection:
        now = datetime.now(UTC)
        contracts.note(connection, "goa_villas_welcome", Seen(Contract(2), status="LIVE"), now)
        contracts.note(connection, "price_list", Seen(missing=True), now)
    gateway.fault(status=402, times=0)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_delivery("held")

    rows = {row["campaign"]: row for row in json.loads(gateway.command("contracts", "--json").stdout)}
    shown = gateway.command("contracts").stdout

    assert rows["goa_villas_welcome"]["held"] == 1
    assert rows["goa_villas_welcome"]["aisensy"]["same"] is False
    assert rows["price_list"]["aisensy"]["missing"] is True
    assert "2 parameters and no media, LIVE" in shown
    assert "no such campaign" in shown
    assert "not asked yet" in shown


def test_fetch_writes_what_aisensy_says_and_keeps_the_kind_of_media_that_a_person_set(desk: dict[str, str]) -> None:
    path = Path(desk["GATEWAY_MAPPINGS"]) / "contracts.yaml"
    path.write_text(path.read_text().replace("params: 3\n  media: document", "params: 9\n  media: document"))
    run(desk, "contracts", "forget", "price_list")
    path.chmod(0o640)

    result = run(desk, "contracts", "fetch")

    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "goa_villas_priority: 3 parameters and a document (was 9 parameters and a document); AiSensy calls it LIVE\n"
        "goa_villas_welcome: 1 parameter and no media (as before); AiSensy calls it LIVE\n"
        "price_list: 2 parameters and no media (new); AiSensy calls it LIVE\n"
        "site_visit_followup: 2 parameters and no media (as before); AiSensy calls it LIVE\n"
        "site_visit_hot: 3 parameters and no media (as before); AiSensy calls it LIVE\n"
    )
    assert known(desk) == read_contracts("", (MAPPINGS / "contracts.yaml").read_bytes())[0]
    assert path.stat().st_mode & 0o777 == 0o640
    assert sorted(entry.name for entry in path.parent.iterdir()) == sorted(entry.name for entry in MAPPINGS.iterdir())


def test_what_cannot_be_learned_is_named_with_its_reason_and_the_file_keeps_it(desk: dict[str, str]) -> None:
    run(desk, "contracts", "set", "diwali", "--params", "1", "--media", "yes")

    result = run(desk, "contracts", "fetch", "diwali", "holi", "price_list")
    refused = run(desk | {"AISENSY_API_KEY": "bad-key"}, "contracts", "fetch")

    assert result.exit_code == 1
    assert result.stdout == (
        "diwali: AiSensy knows no campaign of this name; its entry in contracts.yaml stays as it is\n"
        "holi: AiSensy knows no campaign of this name\n"
        "price_list: 2 parameters and no media (as before); AiSensy calls it LIVE\n"
    )
    assert known(desk)["diwali"] == Contract(1, Media.YES)
    assert refused.exit_code == 1
    assert "diwali: not learned: The API key is missing or bad" in refused.stdout
    assert len(known(desk)) == 6


def test_after_three_refusals_in_the_same_words_the_others_are_not_asked(desk: dict[str, str], box: Sandbox) -> None:
    result = run(desk | {"AISENSY_API_KEY": "bad-key"}, "contracts", "fetch", "--json")

    rows = json.loads(result.stdout)
    assert [row["says"].startswith("not asked") for row in rows] == [False, False, False, True, True]
    assert requests.get(f"{box.url}/seen", timeout=10).json()["details"] == 3


def test_when_aisensy_falls_silent_on_the_way_the_others_are_not_asked(desk: dict[str, str], box: Sandbox) -> None:
    good = {"success": True, "requestBody": {"templateParams": []}}
    for fault in ({"status": 200, "body": good}, {"status": 500, "times": 0}):
        requests.post(f"{box.url}/faults", json={"on": "details"} | fault, timeout=10).raise_for_status()

    rows = json.loads(run(desk, "contracts", "fetch", "--json").stdout)

    assert [row["learned"] for row in rows] == [True, False, False, False, False]
    assert [row["says"].startswith("not asked") for row in rows] == [False, False, False, False, True]


def test_what_a_person_sets_while_aisensy_is_asked_is_kept(desk: dict[str, str], box: Sandbox) -> None:
    run(desk, "contracts", "forget", "price_list")
    slow = {"on": "details", "delay": 2}
    requests.post(f"{box.url}/faults", json=slow, timeout=10).raise_for_status()
    asking = threading.Thread(target=run, args=(desk, "contracts", "fetch"))
    asking.start()
    wait_for(lambda: requests.get(f"{box.url}/seen", timeout=10).json()["details"])
    path = Path(desk["GATEWAY_MAPPINGS"]) / "contracts.yaml"
    path.write_text(path.read_text() + "\ntulips:\n  params: 2\n  media: image\n")

    asking.join(30)

    assert known(desk)["tulips"] == Contract(2, Media.IMAGE)
    assert known(desk)["price_list"] == Contract(2)


def test_without_a_key_fetch_says_what_to_do(desk: dict[str, str]) -> None:
    result = run(desk | {"AISENSY_API_KEY": ""}, "contracts", "fetch")

    assert result.exit_code == 2
    assert result.stderr == (
        "AiSensy cannot be asked, because AISENSY_API_KEY is not set; set it in .env, or before the "
        "command as before `gateway serve`, or write down what you know with `gateway contracts set`.\n"
    )


def test_a_person_sets_what_they_know_and_what_they_leave_out_stays(desk: dict[str, str]) -> None:
    first = run(desk, "contracts", "set", "Diwali: 50% off", "--params", "3", "--media", "document")
    then = run(desk, "contracts", "set", "Diwali: 50% off", "--media", "video")
    same = run(desk, "contracts", "set", "Diwali: 50% off", "--params", "3")

    assert first.stdout == "Diwali: 50% off: 3 parameters and a document (new)\n"
    assert then.stdout == "Diwali: 50% off: 3 parameters and a video (was 3 parameters and a document)\n"
    assert same.stdout == "Diwali: 50% off: 3 parameters and a video (as before)\n"
    assert known(desk)["Diwali: 50% off"] == Contract(3, Media.VIDEO)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("set", "price_list"), "Say what it wants: --params with a number, --media with a kind, or both."),
        (("set", "x", "--params", "1"), "contracts.yaml does not have campaign 'x' yet, so write both --params"),
        (("set", " ", "--params", "1", "--media", "none"), "' ' cannot be a campaign's name; write it exactly"),
        (("set", "a\0b", "--params", "1", "--media", "none"), "cannot be a campaign's name; write it exactly"),
        (("set", "a\udc80", "--params", "1", "--media", "none"), "cannot be a campaign's name; write it exactly"),
        (("set", "price_list", "--params", "101"), "101 is not in the range 0<=x<=100"),
        (("set", "price_list", "--media", "pdf"), "'pdf' is not one of"),
        (("forget", "pricelist"), "contracts.yaml does not have campaign 'pricelist'; did you mean 'price_list'?"),
    ],
)
def test_a_slip_changes_nothing_and_is_said(desk: dict[str, str], arguments: tuple[str, ...], sentence: str) -> None:
    path = Path(desk["GATEWAY_MAPPINGS"]) / "contracts.yaml"
    before = path.read_bytes()

    result = run(desk, "contracts", *arguments)

    assert result.exit_code == 2
    assert sentence in result.stderr
    assert path.read_bytes() == before


def test_a_broken_file_is_never_written_over(desk: dict[str, str]) -> None:
    path = Path(desk["GATEWAY_MAPPINGS"]) / "contracts.yaml"
    path.write_text("price_list:\n  parms: 2\n")

    for arguments in (["fetch"], ["set", "price_list", "--params", "2"], ["forget", "price_list"], []):
        result = run(desk, "contracts", *arguments)

        assert result.exit_code == 2
        assert "contracts.yaml:2:3: unknown key 'parms'; did you mean 'params'?" in result.stderr
    assert path.read_text() == "price_list:\n  parms: 2\n"


def test_the_last_campaign_can_be_forgotten(desk: dict[str, str]) -> None:
    for name in list(known(desk)):
        assert run(desk, "contracts", "forget", name).exit_code == 0

    assert known(desk) == {}
    assert "0 problems" in run(desk, "check").stdout
