"""What is live is one version in the ledger: `gateway publish` makes it, and workers that follow no folder obey it."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner, Result
from consoling import sign_in
from harness import PERSON, Running, environment, mapping, running, somebody, wait_for

from gateway import cli, clock
from gateway.pipeline.watching import follows
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings
from gateway.store import versions
from gateway.store.ledger import Ledger

ANOTHER = mapping(campaign="price_list", params="$name $city")
BROKEN = mapping().replace("campaignName", "campainName")


@pytest.fixture
def gateway(ledger: Ledger, box: Sandbox, tmp_path: Path) -> Iterator[Running]:
    """A gateway whose workers follow no folder, with one mapping in its folder; no worker runs yet."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "other.yaml").write_text(mapping())
    with running(ledger, box, tmp_path, worker=False, GATEWAY_FOLLOW="no") as found:
        yield found
    clock.follow(None)


def publish(gateway: Running, *arguments: str, follow: str = "no") -> Result:
    url = gateway.ledger.url.render_as_string(hide_password=False)
    settings = environment(gateway.box, gateway.tmp_path, url) | {"GATEWAY_FOLLOW": follow}
    return CliRunner(env=settings).invoke(cli.gateway, ["publish", *arguments])


def write(gateway: Running, name: str, text: str) -> Path:
    path = gateway.tmp_path / "mappings" / name
    path.write_text(text, encoding="utf-8")
    return path


def live(gateway: Running) -> tuple[int, dict[str, str]]:
    with gateway.ledger.read() as connection:
        return versions.live(connection)


def let_beats_pass(gateway: Running) -> None:
    """Give the worker that was just started a few looks at everything it follows."""
    wait_for(lambda: requests.get(f"{gateway.url}/healthz", timeout=10).status_code, lambda status: status == 200)
    gateway.let_time_pass(4, 2)


def test_leads_wait_unread_until_the_first_mappings_are_published(
    gateway: Running, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.post_website("other", **PERSON)
    with caplog.at_level(logging.WARNING):
        gateway.start_worker()
        let_beats_pass(gateway)
    assert gateway.books().events == {"new": 1}
    assert [text for text in caplog.messages if "gateway publish" in text] == [
        "no mappings are live yet: what comes in waits until `gateway publish` makes some live"
    ]

    published = publish(gateway)

    assert (published.exit_code, published.output) == (0, "added    other.yaml\nVersion 1 is live: 1 mapping.\n")
    assert gateway.wait_for_delivery("accepted").campaign == "goa_villas_welcome"


def test_a_worker_that_follows_no_folder_takes_what_is_published_and_nothing_else(gateway: Running) -> None:
    publish(gateway)
    gateway.start_worker()
    write(gateway, "other.yaml", ANOTHER)
    let_beats_pass(gateway)
    assert live(gateway) == (1, {"other.yaml": mapping()})

    assert publish(gateway).exit_code == 0

    [(worker, _thread)] = gateway.workers
    wait_for(lambda: worker.live.version, lambda version: version == 2)
    gateway.post_website("other", **PERSON)
    assert gateway.wait_for_delivery("accepted").campaign == "price_list"


def test_what_was_held_by_the_old_version_follows_the_published_one(gateway: Running) -> None:
    publish(gateway)
    gateway.start_worker()
    gateway.fault(status=503, times=1)
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(retrying=1)

    write(gateway, "other.yaml", ANOTHER)
    publish(gateway)
    [(worker, _thread)] = gateway.workers
    wait_for(lambda: worker.live.version, lambda version: version == 2)
    gateway.move_clock(3600)

    [accepted] = gateway.wait_for_states(accepted=1)
    assert (accepted.campaign, accepted.first_version, accepted.mapping_version) == ("price_list", 1, 2)


def test_one_mistake_in_one_file_and_nothing_of_the_folder_is_published(gateway: Running) -> None:
    publish(gateway)
    path = write(gateway, "broken.yaml", BROKEN.replace("form: other", "form: elsewhere"))
    write(gateway, "other.yaml", ANOTHER)

    refused = publish(gateway)

    assert refused.exit_code == 1
    assert f"{path}:10:7: unknown key 'campainName'; did you mean 'campaignName'?" in refused.output
    assert refused.output.endswith("nothing was published.\n")
    assert live(gateway) == (1, {"other.yaml": mapping()})


def test_a_dry_run_says_what_would_change_and_publishes_nothing(gateway: Running) -> None:
    write(gateway, "gone.yaml", mapping("gone"))
    publish(gateway)
    (gateway.tmp_path / "mappings" / "gone.yaml").unlink()
    write(gateway, "other.yaml", ANOTHER)
    write(gateway, "another.yaml", mapping("another"))

    said = publish(gateway, "--dry-run")

    assert said.exit_code == 0
    assert said.output.splitlines() == [
        "added    another.yaml",
        "removed  gone.yaml",
        "changed  other.yaml",
        "Version 1 stays live. Nothing was published.",
    ]
    assert live(gateway)[0] == 1


def test_the_same_files_again_are_no_new_version(gateway: Running) -> None:
    publish(gateway)

    again = publish(gateway)

    assert (again.exit_code, again.output) == (0, "Version 1 is live and says all of this; nothing was published.\n")
    assert live(gateway)[0] == 1


def test_contracts_and_limits_are_published_with_the_mappings(gateway: Running) -> None:
    publish(gateway)
    write(gateway, "limits.yaml", "too_old: 2 hours\n")
    write(gateway, "contracts.yaml", "goa_villas_welcome:\n  params: 2\n  media: none\n")

    refused = publish(gateway)
    write(gateway, "contracts.yaml", "goa_villas_welcome:\n  params: 1\n  media: none\n")
    published = publish(gateway)

    assert (refused.exit_code, published.exit_code) == (1, 0)
    assert "wants 2 parameters" in refused.output
    assert set(live(gateway)[1]) == {"contracts.yaml", "limits.yaml", "other.yaml"}


@pytest.mark.parametrize(
    ("arguments", "follow", "sentence"),
    [
        (("--mappings", "nowhere"), "no", "There is no folder nowhere"),
        (("--mappings", "empty"), "no", "There is no mapping in empty"),
        (("--mappings", "empty"), "yes", "set GATEWAY_FOLLOW=no"),
    ],
)
def test_a_folder_that_cannot_be_made_live_is_refused_with_a_sentence(
    gateway: Running, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], follow: str, sentence: str
) -> None:
    (gateway.tmp_path / "empty").mkdir()
    monkeypatch.chdir(gateway.tmp_path)

    refused = publish(gateway, *arguments, follow=follow)

    assert refused.exit_code == 2
    assert sentence in refused.stderr
    assert live(gateway)[0] == 0


def test_another_folder_can_be_made_live(gateway: Running) -> None:
    drafts = gateway.tmp_path / "drafts"
    drafts.mkdir()
    (drafts / "other.yaml").write_text(ANOTHER)

    assert publish(gateway, "--mappings", str(drafts)).exit_code == 0

    assert live(gateway)[1] == {"other.yaml": ANOTHER}


def test_a_restored_text_says_that_it_must_be_published(gateway: Running) -> None:
    publish(gateway)
    write(gateway, "other.yaml", ANOTHER)
    publish(gateway)

    url = gateway.ledger.url.render_as_string(hide_password=False)
    settings = environment(gateway.box, gateway.tmp_path, url) | {"GATEWAY_FOLLOW": "no"}
    restored = CliRunner(env=settings).invoke(cli.gateway, ["restore", "other.yaml@1"])

    assert restored.output.endswith("and `gateway publish` makes it live.\n")
    assert publish(gateway).output == "changed  other.yaml\nVersion 3 is live: 1 mapping.\n"


@pytest.mark.parametrize(
    ("word", "url", "serving", "answer"),
    [
        ("auto", "", False, True),
        ("auto", "postgresql+psycopg://gateway@db/gateway", False, False),
        ("auto", "postgresql+psycopg://gateway@db/gateway", True, True),
        ("yes", "postgresql+psycopg://gateway@db/gateway", False, True),
        ("no", "", True, False),
    ],
)
def test_a_worker_follows_the_folder_where_there_is_one_machine(
    word: str, url: str, *, serving: bool, answer: bool
) -> None:
    settings = Settings.load({"GATEWAY_FOLLOW": word, "DATABASE_URL": url}, None)

    assert follows(settings, serving=serving) is answer


def test_two_workers_plan_by_the_same_published_version(gateway: Running) -> None:
    publish(gateway)
    gateway.start_worker()
    gateway.post_website("other", **PERSON)
    gateway.wait_for_states(accepted=1)

    write(gateway, "other.yaml", ANOTHER)
    publish(gateway)
    gateway.stop_worker()
    gateway.start_worker()  # one that starts later plans by it at once
    gateway.post_website("other", **somebody(1))

    assert {one.campaign for one in gateway.wait_for_states(accepted=2)} == {"goa_villas_welcome", "price_list"}


def test_it_tells_whose_text_of_the_console_it_takes_the_place_of(gateway: Running) -> None:
    publish(gateway)
    asha, before = sign_in(gateway), live(gateway)[1]["other.yaml"]
    base = hashlib.sha256(before.encode()).hexdigest()
    assert asha.post("mappings/save", file="other.yaml", text=ANOTHER, base=base).status_code == 200
    assert live(gateway) == (2, {"other.yaml": ANOTHER})
    told = publish(gateway, "--dry-run")
    assert "Asha saved what is live of other.yaml in the console; `gateway history other.yaml@2` has it" in told.output
    write(gateway, "other.yaml", ANOTHER)
    assert "in the console" not in publish(gateway).output
