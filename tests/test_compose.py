"""compose.yaml and what belongs to it: right by the schema of Compose, and right by the program that it starts."""

from __future__ import annotations

import ipaddress
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from harness import ROOT

from gateway.app import WORKER_GRACE
from gateway.cli import gateway as gateway_command
from gateway.settings import Settings, SettingsSchema

TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
CADDYFILE = (ROOT / "proxy" / "Caddyfile").read_text(encoding="utf-8")


def test_it_is_what_compose_takes() -> None:
    command = [f"{sys.prefix}/bin/check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]

    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_there_are_two_of_each_part_that_works_and_each_starts_again() -> None:
    staying = {name for name in SERVICES if SERVICES[name]["restart"] == "unless-stopped"}

    assert staying == {"proxy", "web", "worker", "db"}
    assert {name: OURS[name]["deploy"]["replicas"] for name in OURS if "deploy" in OURS[name]} == {
        "web": 2,
        "worker": 2,
    }


@pytest.mark.parametrize("name", OURS)
def test_what_a_container_runs_is_a_command_with_its_options(name: str) -> None:
    answered = CliRunner().invoke(gateway_command, [*OURS[name]["command"], "--help"])

    assert answered.exit_code == 0, answered.output
    assert answered.output.startswith(f"Usage: gateway {OURS[name]['command'][0]}")


@pytest.mark.parametrize("name", OURS)
def test_the_gateway_has_as_few_rights_as_it_can(name: str) -> None:
    service = OURS[name]

    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "user" not in service  # the image's own, which is nobody special
    assert not service.get("ports")  # only the proxy is met from outside


@pytest.mark.parametrize("name", OURS)
def test_every_setting_is_one_of_the_program_and_can_be_read(name: str) -> None:
    given = OURS[name]["environment"]

    assert {*given} <= {*SettingsSchema().fields} | {"PGPASSWORD"}
    assert Settings.load(given, None).database_url.startswith("postgresql+psycopg://gateway@db:5432/gateway")


def test_nothing_starts_without_a_password_of_its_own() -> None:
    secret = re.findall(r"\$\{(?:POSTGRES_PASSWORD|DOMAIN)(.*?)\}", TEXT)

    assert len(secret) == 3
    assert all(rest.startswith(":?") for rest in secret)
    assert SERVICES["db"]["environment"]["POSTGRES_PASSWORD"] == OURS["web"]["environment"]["PGPASSWORD"]


def test_the_names_beside_our_settings_in_the_env_file_are_no_misspelt_settings() -> None:
    used = set(re.findall(r"\$\{([A-Z_]+)", TEXT))
    families = {name.partition("_")[0] for name in SettingsSchema().fields} - {"DATABASE"}

    assert {name for name in used if name.partition("_")[0] in families} == set()


def test_what_is_mounted_is_in_the_checkout_or_a_volume() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]

    assert {source for source in mounted if not source.startswith("./")} == {*COMPOSE["volumes"]}
    assert all((ROOT / source).exists() for source in mounted if source.startswith("./"))


def test_whoever_waits_for_another_service_waits_for_one_that_is_there() -> None:
    awaited = {other for service in SERVICES.values() for other in service.get("depends_on", [])}

    assert awaited <= {*SERVICES}
    for name in ("web", "worker"):
        assert OURS[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert "profiles" in OURS["publish"]  # only a person says what goes live


def test_the_gateway_believes_the_proxy_and_nobody_else() -> None:
    [pool] = COMPOSE["networks"]["inside"]["ipam"]["config"]
    proxy = ipaddress.ip_address(SERVICES["proxy"]["networks"]["inside"]["ipv4_address"])

    assert OURS["web"]["environment"]["GATEWAY_TRUSTED_PROXIES"] == str(proxy)
    assert proxy in ipaddress.ip_network(pool["subnet"])
    assert proxy not in ipaddress.ip_network(pool["ip_range"])  # no other container can be given it


def test_the_proxy_lets_webhooks_and_the_console_in_and_finds_the_web_containers() -> None:
    bind = OURS["web"]["command"][-1]
    limit = re.findall(r"max_size (\d+)MB", CADDYFILE)

    assert re.findall(r"handle (\S+)", CADDYFILE) == ["/hooks/*", "@console"]
    assert re.findall(r"@console path (.+)", CADDYFILE) == ["/ /console /console/*"]
    assert CADDYFILE.count("import to_web") == 2
    assert CADDYFILE.index("\t@console path") < CADDYFILE.index("\trespond 404")
    assert re.findall(r"name (\w+)\n\s+port (\d+)", CADDYFILE) == [("web", bind.rpartition(":")[2])]
    assert int(limit[0]) * 1_000_000 > Settings.load({}, None).number("GATEWAY_MAX_BODY")
    assert CADDYFILE.count("{") == CADDYFILE.count("}")
    assert not re.search(r"^\s*log\b", CADDYFILE, re.MULTILINE)  # it would hold tokens


def test_a_worker_that_is_told_to_end_has_the_time_that_it_takes() -> None:
    assert int(OURS["worker"]["stop_grace_period"].removesuffix("s")) > WORKER_GRACE


def test_no_image_of_others_moves_from_one_generation_to_the_next_by_itself() -> None:
    tags = {service["image"].rpartition(":")[2] for name, service in SERVICES.items() if name not in OURS}

    assert all(re.match(r"\d", tag) for tag in tags)
