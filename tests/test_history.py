"""`gateway history` and `gateway restore`: every text of a mapping that was ever live, and the way back to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import PERSON, Running, mapping, running, wait_for

from gateway import clock
from gateway.pipeline.publishing import read_folder
from gateway.sandbox.server import Sandbox
from gateway.store import versions
from gateway.store.ledger import Ledger

FIRST, SECOND, THIRD = (mapping(campaign=name) for name in ("goa_villas_welcome", "site_visit", "goa_villas_priority"))
BROKEN = mapping().replace("campaignName", "campainName")


def folder(gateway: Running) -> Path:
    return Path(gateway.settings.text("GATEWAY_MAPPINGS"))


def rows(gateway: Running, *names: str) -> list[dict[str, Any]]:
    found = gateway.command("history", *names, "--json")
    assert found.exit_code == 0, found.output
    listed: list[dict[str, Any]] = json.loads(found.output)
    return listed


def publish(gateway: Running, name: str, text: str | None) -> None:
    """Save a mapping (None: remove it), and make the folder live at once, as a worker would within a second."""
    path = folder(gateway) / name
    if text is None:
        path.unlink()
    else:
        path.write_text(text, encoding="utf-8")
    files = {name: content.decode() for name, content in read_folder(folder(gateway)).items()}
    with gateway.ledger.write() as connection:
        versions.publish(connection, files, clock.now())


@pytest.fixture
def gateway(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway without a worker: only what a test says goes live."""
    with running(ledger, box, tmp_path, worker=False) as found:
        yield found
    clock.follow(None)


@pytest.fixture
def written(gateway: Running) -> list[int]:
    """The versions of a mapping that was written three times, one of another between them: the oldest first."""
    publish(gateway, "other.yaml", FIRST)
    publish(gateway, "another.yaml", mapping("another"))
    publish(gateway, "other.yaml", SECOND)
    publish(gateway, "other.yaml", THIRD)
    return [row["version"] for row in reversed(rows(gateway, "other.yaml"))]


def test_every_version_of_a_file_is_listed_with_its_lines_and_what_it_planned(
    gateway: Running, written: list[int]
) -> None:
    gateway.start_worker()
    gateway.post_website("other", **PERSON)
    wait_for(gateway.deliveries)

    [third, second, first] = rows(gateway, "other.yaml")

    assert written == [1, 3, 4]
    assert (first["added"], first["removed"], first["planned"]) == (len(FIRST.splitlines()), 0, 0)
    assert (second["added"], second["removed"], second["planned"]) == (1, 1, 0)
    assert (third["added"], third["removed"], third["planned"]) == (1, 1, 1)
    assert third["hash"] == versions.hash_of(THIRD)[:8]
    assert third["hash"] in gateway.command("history", "other.yaml").output


def test_all_files_are_listed_be_they_live_or_gone(gateway: Running, written: list[int]) -> None:
    lock = "goa_villas_welcome:\n  params: 1\n  media: none\n"
    publish(gateway, "contracts.yaml", lock)
    publish(gateway, "another.yaml", None)

    found = {row["file"]: row for row in rows(gateway)}

    assert (found["other.yaml"]["versions"], found["other.yaml"]["newest"]) == (3, written[-1])
    assert [found[name]["state"] for name in ("other.yaml", "another.yaml", "contracts.yaml")] == [
        "live",
        "gone",
        "live",
    ]
    assert gateway.command("history", "contracts.yaml@" + found["contracts.yaml"]["hash"]).output == lock
    assert "gone" in gateway.command("history", "another.yaml").output
    assert gateway.command("history", "another.yaml", "--diff").output.startswith("--- another.yaml@")


def test_a_version_is_printed_by_its_number_or_the_start_of_its_hash(gateway: Running, written: list[int]) -> None:
    for version in (str(written[1]), versions.hash_of(SECOND)[:6]):
        assert gateway.command("history", f"other.yaml@{version}").output == SECOND


@pytest.mark.parametrize(
    ("arguments", "old", "new"),
    [
        (("other.yaml", "--diff"), "site_visit", "goa_villas_priority"),
        (("other.yaml@{1}", "--diff"), "goa_villas_welcome", "site_visit"),
        (("other.yaml@{0}", "other.yaml@{2}"), "goa_villas_welcome", "goa_villas_priority"),
        (("other.yaml@{0}", "other.yaml"), "goa_villas_welcome", "goa_villas_priority"),
    ],
)
def test_what_changed_is_shown_line_by_line(
    gateway: Running, written: list[int], arguments: tuple[str, ...], old: str, new: str
) -> None:
    shown = gateway.command("history", *(one.format(*written) for one in arguments)).output.splitlines()

    assert [line for line in shown[2:] if line[0] in "+-"] == [
        f"-      campaignName: {old}",
        f"+      campaignName: {new}",
    ]


def test_a_version_is_restored_as_it_was_and_a_running_gateway_makes_it_live(
    gateway: Running, written: list[int]
) -> None:
    path = folder(gateway) / "other.yaml"
    path.chmod(0o640)

    restored = gateway.command("restore", f"other.yaml@{written[0]}")

    assert restored.exit_code == 0, restored.output
    assert "+      campaignName: goa_villas_welcome" in restored.output
    assert f"gateway diff --from {written[-1]}" in restored.output
    assert (path.read_text(), path.stat().st_mode & 0o777) == (FIRST, 0o640)
    assert [entry.name for entry in folder(gateway).iterdir() if entry.name.startswith(".")] == []
    gateway.start_worker()
    wait_for(lambda: len(rows(gateway, "other.yaml")), lambda count: count == 4)
    again = gateway.command("restore", f"other.yaml@{written[0]}")
    assert (again.exit_code, "says this already" in again.output) == (0, True)


def test_a_text_that_was_never_live_is_not_lost_by_accident(gateway: Running, written: list[int]) -> None:
    path = folder(gateway) / "other.yaml"
    path.write_text(BROKEN)

    refused = gateway.command("restore", f"other.yaml@{written[0]}")

    assert refused.exit_code == 2
    assert "would be lost" in refused.stderr
    assert path.read_text() == BROKEN
    assert gateway.command("restore", f"other.yaml@{written[0]}", "--yes").exit_code == 0
    assert path.read_text() == FIRST


def test_a_version_that_has_problems_by_now_is_not_written(gateway: Running, written: list[int]) -> None:
    publish(gateway, "other.yaml", mapping("elsewhere"))
    publish(gateway, "newer.yaml", mapping())  # it took the form over

    for more in ([], ["--yes"]):
        refused = gateway.command("restore", f"other.yaml@{written[0]}", *more)

        assert refused.exit_code == 1
        assert "form 'other' stands in 'newer.yaml' too" in refused.output
    assert (folder(gateway) / "other.yaml").read_text() == mapping("elsewhere")


def test_a_problem_of_another_file_does_not_stand_in_the_way(gateway: Running, written: list[int]) -> None:
    (folder(gateway) / "broken.yaml").write_text(BROKEN.replace("form: other", "form: broken"))

    assert gateway.command("restore", f"other.yaml@{written[0]}").exit_code == 0


def test_a_file_that_is_gone_is_written_anew(gateway: Running, written: list[int]) -> None:
    publish(gateway, "other.yaml", None)

    assert gateway.command("restore", f"other.yaml@{written[1]}").exit_code == 0
    assert (folder(gateway) / "other.yaml").read_text() == SECOND


@pytest.mark.parametrize(
    "arguments",
    [
        "history nothing.yaml",
        "history website.yml",
        "history website.yaml@99",
        "history website.yaml@abc",
        "history mappings/website.yaml",
        "history website.yaml website.yaml website.yaml",
        "restore website.yaml",
        "restore ../website.yaml@1",
        "restore website.yaml@zzzz",
    ],
)
def test_a_slip_is_one_sentence_and_exit_code_2(gateway: Running, arguments: str) -> None:
    publish(gateway, "other.yaml", FIRST)

    result = gateway.command(*arguments.split())

    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
