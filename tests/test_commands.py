"""The commands: a table for people, JSON for programs, exit codes, and no traceback for a user's mistake."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from harness import MAPPINGS, SAMPLES, Running, wait_for

from gateway.cli import gateway as command

PERSON = {"name": "Mira Sample", "phone": "+12025550143", "interest": "2 BHK", "city": "Goa"}
NAMES = sorted(command.commands)


def run(*arguments: str, **environ: str) -> Result:
    return CliRunner(env=environ).invoke(command, ["--no-env", *arguments])


@pytest.mark.parametrize("name", NAMES)
def test_every_command_explains_itself(name: str) -> None:
    result = run(name, "--help")

    assert result.exit_code == 0
    assert len(result.output.splitlines()) >= 6


def test_the_commands_are_those_that_were_promised() -> None:
    promised = "audit check demo deliveries events explain filters leads migrate replay sandbox serve test web worker"
    assert set(promised.split()) <= set(NAMES)


def test_check_is_clean_on_the_bundled_mappings() -> None:
    result = run("check", *map(str, sorted(MAPPINGS.glob("*.yaml"))))

    assert result.exit_code == 0
    assert result.output == "3 files, 8 rules, 0 problems\n"


def test_check_shows_every_problem_at_its_place_and_exits_with_1(tmp_path: Path) -> None:
    text = (MAPPINGS / "website.yaml").read_text().replace("campaignName", "campainName")
    (tmp_path / "website.yaml").write_text(text)

    result = run("check", str(tmp_path / "website.yaml"))
    as_json = json.loads(run("check", "--json", str(tmp_path / "website.yaml")).output)

    assert result.exit_code == 1
    assert "did you mean 'campaignName'?" in result.output
    assert as_json[0]["line"] > 1


@pytest.mark.parametrize(
    "arguments", [("check", "no-such.yaml"), ("explain", "nothing"), ("test", "--samples", "/nowhere")]
)
def test_what_cannot_run_exits_with_2_and_one_sentence(arguments: tuple[str, ...]) -> None:
    result = run(*arguments)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_every_bundled_sample_gives_its_expected_plan() -> None:
    result = CliRunner().invoke(command, ["test", "--samples", str(SAMPLES)], env={"GATEWAY_MAPPINGS": str(MAPPINGS)})

    assert result.exit_code == 0, result.output
    assert ", 0 different" in result.output


def test_a_changed_mapping_shows_as_a_difference_of_plans_until_it_is_updated(tmp_path: Path) -> None:
    folder = tmp_path / "samples" / "website"
    folder.mkdir(parents=True)
    (folder / "price-list--json.json").write_bytes((SAMPLES / "website" / "price-list--json.json").read_bytes())
    arguments = ["test", "--samples", str(tmp_path / "samples")]
    environ = {"GATEWAY_MAPPINGS": str(MAPPINGS)}

    missing = CliRunner(env=environ).invoke(command, arguments)
    updated = CliRunner(env=environ).invoke(command, [*arguments, "--update"])
    same = CliRunner(env=environ).invoke(command, arguments)
    expected = folder / "price-list--json.expected.json"
    expected.write_text(expected.read_text().replace("price_list", "another_campaign"))
    different = CliRunner(env=environ).invoke(command, arguments)

    assert [missing.exit_code, updated.exit_code, same.exit_code, different.exit_code] == [1, 0, 0, 1]
    assert "another_campaign" in different.output
    assert "price_list" in different.output


def test_explain_says_for_every_word_which_answer_field_and_line_it_came_from() -> None:
    sample = str(SAMPLES / "facebook" / "one-lead-large-budget.json")
    environ = {"GATEWAY_MAPPINGS": str(MAPPINGS)}

    shown = CliRunner(env=environ).invoke(command, ["explain", sample])
    plan = json.loads(CliRunner(env=environ).invoke(command, ["explain", "--json", sample]).output)["leads"][0]["plan"]

    assert shown.exit_code == 0
    assert "passed over 'Outside our cities'" in shown.output
    texts = [*plan["call"]["templateParams"], *plan["call"]["tags"], plan["call"]["destination"]]
    explained = {word["text"]: word for word in plan["words"]}
    assert set(texts) <= set(explained)
    mapping = (MAPPINGS / "facebook.yaml").read_text().splitlines()
    for word in plan["words"]:
        assert mapping[word["line"] - 1].strip()
        for part in word["parts"]:
            assert not part["field"] or part["defaulted"] or (part["answer"] and part["typed"] and part["line"])
    budget = explained["above ₹1 crore"]["parts"][0]
    assert (budget["answer"], budget["typed"], budget["filters"]) == (
        "what_is_your_budget?",
        "above_1_crore",
        ["values"],
    )


def test_explain_says_what_is_left_out_of_a_call_and_where_a_default_is_written(tmp_path: Path) -> None:
    sample = tmp_path / "website" / "price-list--nobody.json"
    sample.parent.mkdir()
    sample.write_text('{"phone": "+12025550143", "interest": "Plot", "message": "Hello"}')
    environ = {"GATEWAY_MAPPINGS": str(MAPPINGS)}
    lines = (MAPPINGS / "website.yaml").read_text().splitlines()

    shown = CliRunner(env=environ).invoke(command, ["explain", str(sample)]).output
    as_json = CliRunner(env=environ).invoke(command, ["explain", "--json", str(sample)]).output
    plan = json.loads(as_json)["leads"][0]["plan"]

    left = {(one["place"], one["text"]): one for one in plan["left_out"]}
    assert left["tags", "villas"]["because"] == "interest is 'Plot', which does not contain 'villa'"
    assert left["attributes.city", "$city"]["because"] == "$city is empty"
    for one in left.values():
        assert one["text"] in lines[one["line"] - 1]
        assert f"'{one['text']}' is left out: {one['because']}   (line {one['line']})" in shown
    [word] = [word for word in plan["words"] if word["place"] == "templateParams[0]"]
    assert lines[word["parts"][0]["line"] - 1].strip() == "default: there"


def test_filters_are_listed_with_examples() -> None:
    result = run("filters")

    assert result.exit_code == 0
    assert "first_word" in result.output
    assert all(row["examples"] for row in json.loads(run("filters", "--json").output))


def test_lists_show_what_happened_and_hide_phone_numbers(gateway: Running) -> None:
    event = gateway.post_website(**PERSON)
    gateway.wait_for_states(accepted=1)
    gateway.post("website", b"x")

    for name, shown in (("events", f"e{event}"), ("leads", "Mira Sample"), ("deliveries", "price_list")):
        result = gateway.command(name)
        assert result.exit_code == 0
        assert shown in result.output
        assert "2025550143" not in result.output
        assert json.loads(gateway.command(name, "--json").output)
        assert "2025550143" not in gateway.command(name, "--json").output
    assert "+12025550143" in gateway.command("leads", "--phones").output
    wait_for(lambda: "no token" in gateway.command("events", "--refused").output)


def test_one_of_each_is_shown_whole(gateway: Running) -> None:
    event = gateway.post_website(**PERSON)
    gateway.wait_for_states(accepted=1)

    whole_event = gateway.command("events", f"e{event}").output
    whole_lead = gateway.command("leads", "l1").output
    whole_delivery = gateway.command("deliveries", "d1").output
    as_json = json.loads(gateway.command("deliveries", "d1", "--json").output)

    assert "name=Mira+Sample" in whole_event
    assert "interest: 2 BHK" in whole_lead
    assert '"campaignName": "price_list"' in whole_delivery
    assert "accepted" in whole_delivery
    assert as_json["attempts"][0]["status"] == 200
    assert "test-key" not in whole_delivery + json.dumps(as_json)


def test_explain_works_on_a_stored_event_with_the_answers_of_its_look_up(gateway: Running) -> None:
    event = gateway.post_sample("facebook/one-lead-large-budget.json")
    gateway.wait_for_states(accepted=1)

    result = gateway.command("explain", f"e{event}")

    assert result.exit_code == 0
    assert "goa_villas_priority" in result.output


def test_explain_works_on_a_lead_and_on_a_delivery_by_the_mappings_of_the_folder(gateway: Running) -> None:
    gateway.post_website(**PERSON)
    gateway.wait_for_states(accepted=1)
    gateway.stop_worker()
    changed = Path(gateway.settings.text("GATEWAY_MAPPINGS")) / "website.yaml"
    changed.write_text(changed.read_text().replace("campaignName: price_list", "campaignName: another"))

    for name, kind, state in (("l1", "lead", "planned"), ("d1", "delivery", "accepted")):
        as_json = json.loads(gateway.command("explain", name, "--json").output)
        assert as_json[kind] == state
        assert as_json["leads"][0]["id"] == "l1"
        assert as_json["leads"][0]["plan"]["call"]["campaignName"] == "another"
        assert f"The {kind} is {state}." in gateway.command("explain", name).output
    assert "price_list" in gateway.command("deliveries", "d1").output


@pytest.mark.parametrize("name", ["e999", "l999", "d999", "x1", "no/such.json"])
def test_what_cannot_be_explained_is_one_sentence_and_exit_code_2(gateway: Running, name: str) -> None:
    result = gateway.command("explain", name)

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1


def test_the_books_balance_and_audit_says_so(gateway: Running) -> None:
    for name in (
        "facebook/three-entries-many-changes.json",
        "typeform/no-phone.json",
        "website/price-list--honeypot.form",
    ):
        gateway.post_sample(name)
    gateway.wait_for_states(accepted=12)
    wait_for(lambda: gateway.books().events.get("new", 0), lambda new: new == 0)

    result = gateway.command("audit")

    assert result.exit_code == 0
    assert "The books balance." in result.output
    assert json.loads(gateway.command("audit", "--json").output)["leads"] == {
        "failed": 1,
        "planned": 12,
        "suspected": 1,
    }


def test_without_a_ledger_a_command_says_so(tmp_path: Path) -> None:
    result = CliRunner(env={"GATEWAY_DATA": str(tmp_path / "data")}).invoke(command, ["leads"])

    assert result.exit_code == 2
    assert "gateway serve" in result.stderr
