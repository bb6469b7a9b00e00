"""The Dockerfile: no engine is needed, its steps are run in a plain virtual environment in a folder of their own.

The folder stands for the root of the image. Nothing is fetched: what this environment has installed is
lent to the new one, where pip finds each requirement met, and installs the gateway alone.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness import ROOT, wait_for
from serving import free_port

#: Where the image's `python` would come from: that of the tests.
BASE_PATH = f"{sys.prefix}/bin:{os.environ['PATH']}"

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


@dataclass(slots=True)
class Stage:
    """What a stage of the Dockerfile has said so far."""

    where: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)  #: CMD, ENTRYPOINT, USER, …: the last of each.


@dataclass(frozen=True, slots=True)
class Image:
    """What the steps made: a root folder, and the last stage's words."""

    root: Path
    stage: Stage

    def inside(self, text: str) -> str:
        """A text with the image's own folders where they are here."""
        return re.sub(r"(?<![\w./])/(venv|data|mappings|build)\b", rf"{self.root}/\1", text)

    def environment(self) -> dict[str, str]:
        """Of the image: nothing else of this machine reaches what runs in it."""
        said = {name: self.inside(value) for name, value in self.stage.environment.items()}
        return said | {"PATH": said.get("PATH", "$PATH").replace("$PATH", BASE_PATH)}

    def run(self, *words: str) -> str:
        done = subprocess.run(words, cwd=self.root, env=self.environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
        return done.stdout


def instructions() -> Iterator[tuple[str, str]]:
    for line in re.sub(r"\\\n\s*", "", DOCKERFILE).splitlines():
        word, _, rest = line.partition(" ")
        if word and not word.startswith("#"):
            yield word, rest


def build(root: Path) -> Image:
    image = Image(root, Stage())
    for word, rest in instructions():
        stage = image.stage
        if word == "FROM":
            image = Image(root, Stage())
        elif word == "WORKDIR":
            stage.where = rest
            (root / rest.strip("/")).mkdir()
        elif word == "ENV":
            name, _, value = rest.partition("=")
            stage.environment[name] = value
        elif word == "COPY":
            copy(root, stage.where, rest.split())
        elif word == "RUN":
            run_step(image, rest)
        else:
            stage.words[word] = rest
    return image


def copy(root: Path, where: str, words: list[str]) -> None:
    """What .dockerignore lets through, to where the step says; one stage's folders are the other's here."""
    *sources, target = words
    if sources[0].startswith("--from="):
        assert (root / sources[1].strip("/")).is_dir()
        return
    allowed = re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    for source in sources:
        assert source in allowed
        to = root / f"{'' if target.startswith('/') else where}/{target}".strip("/")
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, to, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, to)


def run_step(image: Image, step: str) -> None:
    if "useradd" in step:
        return  # accounts of this machine are none of a test's business
    folder = image.root / image.stage.where.strip("/")
    environment = image.environment() | {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "HOME": str(folder)}
    subprocess.run(["bash", "-ec", image.inside(step)], cwd=folder, env=environment, check=True, stdout=sys.stderr)
    if step.startswith("python -m venv"):
        lend(image.root / "venv")


def lend(venv: Path) -> None:
    """Let the new environment see the packages of this one (its own come first)."""
    [packages] = venv.glob("lib/python*/site-packages")
    for old in packages.glob("setuptools*"):  # Python 3.11 puts one there, older than the constraint
        shutil.rmtree(old)
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    return build(tmp_path_factory.mktemp("image"))


def test_the_steps_install_this_version_and_nothing_of_the_checkout(image: Image) -> None:
    where = image.run("python", "-c", "import gateway; print(gateway.__file__)")

    assert image.run("gateway", "--version").startswith("gateway, version ")
    assert Path(where.strip()).is_relative_to(image.root / "venv")


def test_the_installed_package_has_its_migrations_and_the_campaigns_of_the_sandbox(image: Image) -> None:
    package = Path(image.run("python", "-c", "import gateway; print(gateway.__file__)").strip()).parent
    wanted = [path.relative_to(ROOT / "gateway") for path in (ROOT / "gateway").rglob("*") if path.is_file()]

    missing = [path for path in wanted if "__pycache__" not in path.parts and not (package / path).is_file()]

    assert missing == []
    assert (package / "store" / "migrations" / "env.py").is_file()
    assert (package / "sandbox" / "campaigns.yaml").is_file()


def test_the_bundled_mappings_are_in_the_image_and_right(image: Image) -> None:
    assert image.run("gateway", "check").endswith(" 0 problems\n")


def test_the_image_serves_by_default_and_its_health_check_sees_it(image: Image) -> None:
    port = str(free_port())
    entry, command, check = (json.loads(_words(image, word)) for word in ("ENTRYPOINT", "CMD", "HEALTHCHECK"))
    command = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in entry + command]
    log = image.root / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=image.root, env=image.environment(), stdout=out, stderr=out)
    try:
        ask = [word.replace(":8000", f":{port}") for word in check]
        wait_for(lambda: _is_well(image, ask) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        assert (image.root / "data" / "gateway.db").is_file()
    finally:
        process.terminate()
        assert process.wait(25) == 0


def _words(image: Image, word: str) -> str:
    """The list of words of ENTRYPOINT, CMD or HEALTHCHECK."""
    found = re.search(r"\[.*\]$", image.stage.words[word])
    assert found is not None
    return found.group()


def _is_well(image: Image, ask: list[str]) -> bool:
    done = subprocess.run(ask, cwd=image.root, env=image.environment(), capture_output=True, check=False)
    return done.returncode == 0


def test_the_image_runs_as_nobody_special_and_keeps_its_data_in_a_volume(image: Image) -> None:
    words = image.stage.words

    assert words["USER"] == "10001"
    assert words["VOLUME"] == image.stage.environment["GATEWAY_DATA"] == "/data"
    assert words["EXPOSE"] == "8000"
    assert words["STOPSIGNAL"] == "SIGTERM"
