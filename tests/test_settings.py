"""Settings: all that is wrong is named at once, and nothing secret is ever shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import SettingsError
from gateway.settings import Settings


def mistakes(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.load(environ, None)
    return str(caught.value)


def test_every_mistake_is_named_at_once() -> None:
    said = mistakes(
        AISENSY_BASE_URL="http://backend.aisensy.com/campaign",
        AISENSY_VERSION="v3",
        DATABASE_URL="mysql://root:hunter2@db/gateway",
        GATEWAY_COUNTRY="India",
        GATEWAY_MAX_BODY="1MB",
        GATEWAY_TRUSTED_PROXIES="the proxy",
        GRAPH_BASE_URL="graph.facebook.com",
    )

    assert [line.split()[0] for line in said.splitlines()] == [
        "AISENSY_BASE_URL",
        "AISENSY_VERSION",
        "DATABASE_URL",
        "GATEWAY_COUNTRY",
        "GATEWAY_MAX_BODY",
        "GATEWAY_TRUSTED_PROXIES",
        "GRAPH_BASE_URL",
    ]
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:9000/x", "http://localhost:9000", "http://[::1]:9000", "https://x.io"]
)
def test_plain_http_is_taken_only_to_this_machine(url: str) -> None:
    assert Settings.load({"AISENSY_BASE_URL": url}, None).text("AISENSY_BASE_URL") == url


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.com", "http://localhost.example.com", "http://10.0.0.1"])
def test_what_only_looks_like_this_machine_is_refused(url: str) -> None:
    assert "https://" in mistakes(AISENSY_BASE_URL=url)


def test_demo_and_tests_refuse_any_upstream_outside_this_machine() -> None:
    said = mistakes(GATEWAY_LOOPBACK_ONLY="1", GRAPH_BASE_URL="http://127.0.0.1:9000")

    assert said.startswith("AISENSY_BASE_URL is not an address of this machine")


def test_the_clock_can_be_moved_only_when_no_upstream_is_real() -> None:
    assert "GATEWAY_CLOCK_FILE" in mistakes(GATEWAY_CLOCK_FILE="/tmp/clock")
    assert "GATEWAY_CRASH_FILE" in mistakes(GATEWAY_CRASH_FILE="/tmp/crash")


def test_the_environment_wins_over_the_file_and_empty_means_unset(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("GATEWAY_COUNTRY=IN\nTYPEFORM_SECRET='from the file'\nGATEWAY_MAX_BODY=\n")

    settings = Settings.load({"GATEWAY_COUNTRY": "AE", "TYPEFORM_SECRET": ""}, file)

    assert settings.text("GATEWAY_COUNTRY") == "AE"
    assert settings.number("GATEWAY_MAX_BODY") == 1_000_000


def test_a_misspelt_name_in_the_file_is_a_mistake_with_its_cure(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("AISENSY_APIKEY=abc\nSOMETHING_ELSE=1\n")

    with pytest.raises(SettingsError, match=r"^AISENSY_APIKEY is no setting; did you mean AISENSY_API_KEY\?$"):
        Settings.load({}, file)


def test_a_secret_may_have_two_values_while_it_is_rotated() -> None:
    settings = Settings.load({"TYPEFORM_SECRET": "new, old"}, None)

    assert settings.secrets("TYPEFORM_SECRET") == ("new", "old")


def test_settings_do_not_show_secrets_when_printed() -> None:
    settings = Settings.load({"AISENSY_API_KEY": "very-secret-key"}, None)

    assert "very-secret-key" not in repr(settings)
