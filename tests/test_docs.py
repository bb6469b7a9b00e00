"""Whatever can be executed in the README and the docs is executed here, in the order of its page."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, pairwise
from pathlib import Path

import pytest
import requests
import settings_in_docs
from click.testing import CliRunner
from harness import Running, environment, running, wait_for
from pages import PAGES, ROOT, Block, all_blocks, blocks, name, spans

from gateway import clock
from gateway.app import open_sources
from gateway.cli import gateway as gateway_command
from gateway.model import Event, Lead
from gateway.pipeline.planning import Live
from gateway.sandbox.campaigns import load_campaigns
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings, SettingsSchema
from gateway.store import versions
from gateway.store.ledger import Ledger

#: The secrets that the examples use.
TOKENS = "sample-website-token,try-me"
SECRETS = "sample-typeform-secret,try-me"

#: Commands that run until they are stopped: the fixture stands for them.
STAYS = re.compile(r"(?:[A-Z_]+=\S+ +)*\S*gateway (serve|sandbox|web|worker|demo)\b")

#: Commands that need another place: an engine, the network, a service, a checkout. Their words are checked elsewhere.
ELSEWHERE = re.compile(r"(docker|make|python3 -m venv|\.venv/bin/pip|cd /opt/lead-gateway|curl .*https://)\b")

#: What may stand before a `gateway …` to run it in its place.
LEADING = re.compile(
    r"^(?:[A-Z_]+=\S+ +)*(?:cd /opt/lead-gateway && sudo -u gateway |docker exec gateway )?(?:\.venv/bin/)?"
)

SETTING = re.compile(r"\b(?:AISENSY|GATEWAY|FACEBOOK|GRAPH|TYPEFORM|WEBSITE|DATABASE)_[A-Z_]+[A-Z]\b")
SHOWN_MAPPINGS = [block for block in all_blocks("yaml") if "rules:" in block.text]
SHOWN_CAMPAIGNS = [block for block in all_blocks("yaml") if block not in SHOWN_MAPPINGS]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who follows a page word by word, in a folder like a checkout, beside a running gateway."""

    gateway: Running
    folder: Path

    def follow(self, block: Block, following: Block | None) -> None:
        if block.kind == "yaml":
            self._save(block)
        elif block.kind == "sh":
            printed = "".join(self._run(command) for command in block.commands)
            if following and following.kind == "text":
                assert re.fullmatch(_pattern(following.text), printed.strip()), f"{following.place}:\n{printed}"

    def _save(self, block: Block) -> None:
        """Save a mapping under the name that the page gives it, and wait until it is live."""
        given = re.search(r"as `mappings/([\w-]+\.yaml)`:\s*$", block.before)
        if given:
            (self.folder / "mappings" / given[1]).write_text(block.text, encoding="utf-8")
            wait_for(self._live, lambda live: given[1] in live)

    def _live(self) -> dict[str, str]:
        with self.gateway.ledger.read() as connection:
            return versions.live(connection)[1]

    def _run(self, command: str) -> str:
        if STAYS.match(command) or ELSEWHERE.match(command):
            return ""
        here = command.replace("http://127.0.0.1:8000", self.gateway.url)
        here = here.replace("http://127.0.0.1:9000", self.gateway.box.url)
        shell, place, pipe = ["bash", "-c", here], self.folder, subprocess.PIPE
        done = subprocess.run(
            shell, check=False, cwd=place, env=self._environment(), stdout=pipe, stderr=pipe, text=True, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        wait_for(self._at_rest)
        return done.stdout

    def _environment(self) -> dict[str, str]:
        url = f"sqlite:///{self.folder}/data/gateway.db"
        settings = environment(self.gateway.box, self.folder, url) | {"GATEWAY_MAPPINGS": "mappings"}
        return settings | {"PATH": f"{sys.prefix}/bin:{os.environ['PATH']}", "LANG": "C.UTF-8"}

    def _at_rest(self) -> bool:
        [(worker, _thread)] = self.gateway.workers
        books = self.gateway.books()
        if worker.publisher.unpublished():
            return False
        moving = (books.events.get("new"), books.leads.get("waiting"), books.planned.get("scheduled"))
        return not any((*moving, books.planned.get("sending")))


@pytest.fixture
def reader(box: Sandbox, tmp_path: Path) -> Iterator[Reader]:
    for folder in ("mappings", "samples"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copy(ROOT / ".env.example", tmp_path)
    (tmp_path / ".venv").symlink_to(sys.prefix)
    ledger = Ledger(f"sqlite:///{tmp_path}/data/gateway.db")
    ledger.migrate()
    folder = str(tmp_path / "mappings")
    with running(
        ledger, box, tmp_path, WEBSITE_TOKEN=TOKENS, TYPEFORM_SECRET=SECRETS, GATEWAY_MAPPINGS=folder
    ) as found:
        wait_for(lambda: requests.get(f"{found.url}/healthz", timeout=5).ok)
        yield Reader(found, tmp_path)
    ledger.close()
    clock.follow(None)


def _pattern(shown: str) -> str:
    """What is shown, however its columns are spaced; … stands for anything on that line."""
    words = (re.sub(r"^-+$", "-+", word) if set(word) == {"-"} else _word(word) for word in shown.split())
    return r"\s+".join(words)


def _word(word: str) -> str:
    return ".*".join(re.escape(part) for part in word.split("…"))


PAGES_TO_FOLLOW = [page for page in PAGES if any(block.kind == "sh" for block in blocks(page))]


@pytest.mark.parametrize("page", PAGES_TO_FOLLOW, ids=name)
def test_every_command_of_a_page_runs_in_its_order_and_prints_what_is_shown(page: Path, reader: Reader) -> None:
    found = list(blocks(page))

    for block, following in pairwise([*found, None]):
        assert block is not None
        reader.follow(block, following)


@pytest.mark.parametrize("block", SHOWN_MAPPINGS, ids=lambda block: block.place)
def test_every_mapping_that_is_shown_is_right(block: Block, tmp_path: Path) -> None:
    (tmp_path / "shown.yaml").write_text(block.text, encoding="utf-8")

    checked = CliRunner().invoke(gateway_command, ["--no-env", "check", str(tmp_path / "shown.yaml")])

    assert checked.output.endswith(" 0 problems\n"), checked.output


@pytest.mark.parametrize("block", SHOWN_CAMPAIGNS, ids=lambda block: block.place)
def test_every_list_of_campaigns_that_is_shown_can_be_read(block: Block, tmp_path: Path) -> None:
    (tmp_path / "campaigns.yaml").write_text(block.text, encoding="utf-8")

    assert load_campaigns(tmp_path / "campaigns.yaml")


def test_the_first_mapping_of_the_readme_makes_exactly_the_call_beside_it() -> None:
    mapping, call = (block for block in blocks(ROOT / "README.md") if block.kind in {"yaml", "json"})
    sent = re.search(r"A visitor sends `(\{.*?\})`", call.before)
    assert sent is not None
    settings = Settings.load({"WEBSITE_TOKEN": TOKENS}, None)

    plan = Live.of(1, {"shown.yaml": mapping.text}, settings).plan(_website_lead(sent[1], settings))

    assert plan is not None
    assert json.dumps(plan.call, ensure_ascii=False, indent=2) + "\n" == call.text


def _website_lead(body: str, settings: Settings) -> Lead:
    event = Event("website", "price-list", datetime(2026, 10, 5, tzinfo=UTC), "application/json", "", body.encode())
    [lead] = open_sources(settings)["website"].leads(event).leads
    return lead


def _shown_commands() -> list[str]:
    """Every `gateway …` of the pages, in blocks and in sentences, without what its page leaves out."""
    in_blocks = chain.from_iterable(block.commands for block in all_blocks("sh"))
    in_text = chain.from_iterable(spans(page) for page in PAGES)
    bare = (LEADING.sub("", command) for command in chain(in_blocks, in_text))
    return sorted({re.split(r" [|>]", command)[0] for command in bare if re.match(r"gateway [a-z-]", command)})


@pytest.mark.parametrize("command", _shown_commands())
def test_every_command_that_is_shown_exists_with_its_options(command: str) -> None:
    words = [word for word in shlex.split(command)[1:] if word != "…"]

    answered = CliRunner().invoke(gateway_command, [*words, "--help"])

    assert answered.exit_code == 0, answered.output


def test_the_readme_lists_every_command() -> None:
    listed = re.findall(r"^\| `gateway (\w+)` \|", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert sorted(gateway_command.commands) == sorted(listed)


def test_every_make_target_that_is_shown_exists() -> None:
    shown = chain((block.text for block in all_blocks("sh")), chain.from_iterable(spans(page) for page in PAGES))
    targets = set(chain.from_iterable(re.findall(r"^make ([a-z]+)", text, re.MULTILINE) for text in shown))
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert targets
    assert {target for target in targets if not re.search(f"^{target}:", makefile, re.MULTILINE)} == set()


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_setting_that_is_named_exists(page: Path) -> None:
    named = set(SETTING.findall(page.read_text(encoding="utf-8")))

    assert named <= set(SettingsSchema().fields)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_inside_the_project_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_example_of_an_env_file_lists_exactly_the_settings_and_sets_none() -> None:
    text = settings_in_docs.ENV_EXAMPLE.read_text(encoding="utf-8")

    assert settings_in_docs.env_example() == text, "run `python tests/settings_in_docs.py`"
    assert Settings.load({}, settings_in_docs.ENV_EXAMPLE) == Settings.load({}, None)


def test_the_table_of_settings_lists_exactly_the_settings() -> None:
    assert settings_in_docs.settings_table() == settings_in_docs.in_operating(), (
        "run `python tests/settings_in_docs.py`"
    )


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    page = (ROOT / "docs" / "decisions" / "0001-dependencies.md").read_text(encoding="utf-8")
    rows = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))

    assert sorted(re.split(r"[<>=]", one)[0] for one in wanted) == sorted(re.findall(r"`(.+?)`", rows))
