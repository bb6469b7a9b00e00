"""`gateway check`: rules held against contracts.yaml, AiSensy itself and the files of media; tags to create."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import MAPPINGS, PERSON, Running, environment, mapping, wait_for
from media_server import media_server
from tls import own_certificate

from gateway import clock
from gateway.cli import gateway as command
from gateway.model import Contract, Seen
from gateway.sandbox.server import Sandbox
from gateway.store import contracts

PROBLEMS = Path(__file__).parent / "problems"
LOCKED = sorted(path for path in (PROBLEMS / "locked").glob("*.yaml") if path.name != "contracts.yaml")


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(command, ["--no-env", *arguments])


def with_settings(settings: dict[str, str], *arguments: str) -> Result:
    return CliRunner(env=settings).invoke(command, arguments)


def at_the_desk(box: Sandbox, tmp_path: Path, folder: Path) -> dict[str, str]:
    """Settings with a copy of a folder of mappings, and the sandbox for AiSensy."""
    shutil.copytree(folder, tmp_path / "mappings")
    return environment(box, tmp_path) | {"GATEWAY_MAPPINGS": "mappings"}


@pytest.mark.parametrize("path", LOCKED, ids=lambda path: path.stem)
def test_rules_that_do_not_give_what_contracts_say_print_exactly_their_text(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)

    result = run("check", path.name)

    assert result.output == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert result.exit_code == ("0 problems" not in result.output)


def test_without_contracts_there_is_one_warning_for_the_whole_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(MAPPINGS, tmp_path / "mappings", ignore=shutil.ignore_patterns("contracts.yaml"))
    monkeypatch.chdir(tmp_path)

    result = run("check", GATEWAY_MAPPINGS="mappings")
    one_file = run("check", "mappings/website.yaml")
    (tmp_path / "mappings" / "contracts.yaml").write_text("# still empty\n")
    empty = run("check", GATEWAY_MAPPINGS="mappings")

    assert (result.exit_code, one_file.exit_code) == (0, 0)
    assert one_file.output == "1 file, 2 rules, 0 problems\n"
    assert result.output == (
        "mappings/contracts.yaml:1:1: warning: this file is not there, so no rule is compared with its campaign; "
        "`gateway contracts fetch` writes it\n"
        "3 files, 8 rules, 0 problems, 1 warning\n"
    )
    assert empty.output == result.output.replace("this file is not there", "no campaign stands here")


def test_contracts_are_never_taken_for_a_mapping_and_their_mistakes_are_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(PROBLEMS / "locked", tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.txt"))
    monkeypatch.chdir(tmp_path)
    alone = run("check", "contracts.yaml")
    lock = tmp_path / "contracts.yaml"
    lock.write_text(lock.read_text().replace("params: 0", "parms: 0"))

    broken = run("check", "parameters.yaml")
    named = run("check", "contracts.yaml")

    assert (alone.exit_code, alone.output) == (0, "1 file, 0 rules, 0 problems\n")
    assert (broken.exit_code, named.exit_code) == (1, 1)
    place = "contracts.yaml:4:3: unknown key 'parms'; did you mean 'params'?\n"
    assert broken.output == f"{place}1 file, 4 rules, 1 problem\n"
    assert named.output == f"{place}1 file, 0 rules, 1 problem\n"


def test_online_aisensys_own_word_counts_and_its_status_word_is_only_a_note(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at_the_desk(box, tmp_path, PROBLEMS / "asked")
    monkeypatch.chdir(tmp_path)

    result = with_settings(settings, "check", "--online")
    rows = json.loads(with_settings(settings, "check", "--online", "--json").stdout)

    assert result.stdout == (PROBLEMS / "asked" / "expected.txt").read_text(encoding="utf-8")
    assert result.exit_code == 1
    assert {row["kind"] for row in rows if "PAUSED" in row["sentence"]} == {"note"}
    assert box.url not in result.output


def test_when_aisensy_cannot_be_asked_the_rest_is_printed_and_the_exit_code_is_2(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at_the_desk(box, tmp_path, PROBLEMS / "asked")
    monkeypatch.chdir(tmp_path)

    without_key = with_settings(settings | {"AISENSY_API_KEY": ""}, "check", "--online")
    refused = with_settings(settings | {"AISENSY_API_KEY": "bad-key"}, "check", "--online")

    for result in (without_key, refused):
        assert result.exit_code == 2
        assert "mappings/website.yaml:17:21: campaign 'price_list' wants a document" in result.stdout
        assert "1 file, 5 rules, 1 problem, 2 warnings" in result.stdout
    assert "AISENSY_API_KEY is not set" in without_key.stderr
    first = "AiSensy told nothing of 'goa_vilas_welcome', 'goa_villas_priority' and 'goa_villas_welcome': The API key"
    then = (
        "AiSensy told nothing of 'old_offer' and 'price_list': not asked, because AiSensy told nothing of those before"
    )
    assert [line[: len(wanted)] for line, wanted in zip(refused.stderr.splitlines(), (first, then), strict=True)] == [
        first,
        then,
    ]
    assert "bad-key" not in refused.output


def test_each_bad_file_of_media_prints_exactly_its_text(
    box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = own_certificate(tmp_path)
    settings = at_the_desk(box, tmp_path, PROBLEMS / "media_files")
    settings |= {"REQUESTS_CA_BUNDLE": str(certificate), "AISENSY_API_KEY": ""}
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mappings" / "website.yaml"
    with media_server(certificate) as port:
        file.write_text(file.read_text().replace("PORT", str(port)))

        result = with_settings(settings, "check", "--online")

    shown = result.stdout.replace(str(port), "PORT")
    assert shown == (PROBLEMS / "media_files" / "expected.txt").read_text(encoding="utf-8")
    assert result.exit_code == 2  # AiSensy could not be asked; the files were all the same
    assert "secret" not in result.output


def test_outside_a_test_no_file_of_this_machine_is_fetched(tmp_path: Path) -> None:
    file = tmp_path / "website.yaml"
    media = "\n      media:\n        url: https://127.0.0.1/a.pdf\n        filename: a.pdf\n"
    file.write_text(mapping().rstrip() + media)

    result = run("check", "--online", str(file))

    assert result.exit_code == 2
    assert f"{file}:18:14: this file cannot be fetched: 127.0.0.1 is at 127.0.0.1, which is no public" in result.stdout


def test_every_tag_and_attribute_to_create_is_listed_with_the_lines_that_say_it() -> None:
    result = run("check", "--tags", *map(str, sorted(MAPPINGS.glob("*.yaml"))), GATEWAY_DATA="/nowhere")
    rows = json.loads(run("check", "--tags", "--json", GATEWAY_MAPPINGS=str(MAPPINGS), GATEWAY_DATA="/nowhere").stdout)

    assert result.exit_code == 0
    assert "There is no ledger here yet" in result.stderr
    for row in rows:
        for said in row["said_by"]:
            lines = (MAPPINGS / said["file"]).read_text(encoding="utf-8").splitlines()
            assert row["name"] in lines[said["line"] - 1]
            assert f"{said['file']}:{said['line']}" in result.stdout
    assert [row["name"] for row in rows if row["what"] == "attribute"] == [
        "ad",
        "budget",
        "city",
        "message",
        "rating",
        "size",
    ]
    assert {row["name"] for row in rows if row["values"] is None} == {row["name"] for row in rows}


def test_the_values_of_a_tag_are_those_of_stored_leads(gateway: Running) -> None:
    tags = "      tags: [$city, lead, 'from $city', $phone]\n"
    gateway.write_mapping("other.yaml", mapping().replace("      tags:\n        - $city\n", tags))
    for number, city in enumerate(["Goa", "Goa", "Pune", ""]):
        gateway.post_website("other", **(PERSON | {"city": city, "phone": f"+1202555014{number}"}))
    gateway.wait_for_states(accepted=4)
    wait_for(lambda: len(gateway.calls()) == 4)

    rows = {row["name"]: row["values"] for row in json.loads(gateway.command("check", "--tags", "--json").stdout)}
    shown = gateway.command("check", "--tags").stdout

    assert rows["$city"] == {"Goa": 2, "Pune": 1}
    assert rows["from $city"] == {"from Goa": 2, "from Pune": 1}
    assert rows["lead"] is None
    assert sum(rows["$phone"].values()) == 4
    assert "555014" not in json.dumps(rows)
    assert "Goa (2), Pune (1)" in shown


def test_two_questions_at_once_are_refused() -> None:
    result = run("check", "--online", "--tags", GATEWAY_MAPPINGS=str(MAPPINGS))

    assert result.exit_code == 2
    assert result.stderr == "--online and --tags are two questions; ask one at a time.\n"


def test_the_list_of_what_to_create_prints_exactly_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = PROBLEMS / "to_create"
    monkeypatch.chdir(folder)

    result = run("check", "--tags", "website.yaml", GATEWAY_DATA="/nowhere")

    assert result.stdout == (folder / "expected.txt").read_text(encoding="utf-8")
    assert result.stderr == (
        "There is no ledger here yet, so nobody knows the values of the tags with a $: they come from stored leads.\n"
    )


def test_what_aisensy_told_the_running_gateway_is_a_warning_where_contracts_say_otherwise(gateway: Running) -> None:
    gateway.write_mapping("contracts.yaml", (MAPPINGS / "contracts.yaml").read_text())
    before = gateway.command("check")
    with gateway.ledger.write() as connection:
        contracts.note(connection, "price_list", Seen(Contract(3)), clock.now())
        contracts.note(connection, "site_visit_hot", Seen(missing=True), clock.now())

    after = gateway.command("check")

    assert before.output.endswith(" 0 problems\n")
    assert after.exit_code == 0
    assert "campaign 'price_list' wants 3 parameters and no media, and this entry says 2" in after.output
    assert "AiSensy says that it knows no campaign 'site_visit_hot'" in after.output
