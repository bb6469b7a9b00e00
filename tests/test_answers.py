"""What a sender is answered: exactly what was promised, whatever is in the body."""

from __future__ import annotations

import pytest
import requests
from harness import Running, credential, running, wait_for
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.samples import INVENTED
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger

SOURCES = ("facebook", "typeform", "website")

#: Bodies that break parsers and databases.
NASTY = {
    "a NUL": b'{"name": "Mi\\u0000ra", "phone": "+12025550143"}',
    "a raw NUL": b"name=Mi\x00ra&phone=%2B12025550143",
    "a lone surrogate": b'{"name": "\\ud800", "phone": "+12025550143"}',
    "deep lists": b"[" * 5000 + b"]" * 5000,
    "deep objects": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "broken UTF-8": b'{"name": "\xff\xfe\x80"}',
    "half a JSON": b'{"name": "Mira',
    "only a number": b"7",
    "spaces": b"   ",
    "a huge number": b'{"n": ' + b"9" * 6000 + b"}",
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("body", NASTY.values(), ids=NASTY.keys())
def test_a_nasty_body_is_stored_answered_200_and_settled(gateway: Running, source: str, body: bytes) -> None:
    answer = gateway.post_signed(source, body)

    assert answer.status_code == 200
    stored = answer.json()
    assert stored["stored"] is True
    event = wait_for(lambda: gateway.event(int(stored["event"][1:])), lambda one: one.state != "new")
    assert event.body == body
    assert event.state in ("read", "unreadable", "ignored")
    assert gateway.books().balanced


def test_any_signed_body_is_answered_200(gateway: Running) -> None:
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(source=st.sampled_from(SOURCES), body=st.binary(min_size=1, max_size=400))
    def post(source: str, body: bytes) -> None:
        assert gateway.post_signed(source, body).status_code == 200

    post()
    wait_for(lambda: gateway.books().events.get("new", 0), lambda left: left == 0)
    assert gateway.books().balanced


@pytest.mark.parametrize("source", SOURCES)
def test_a_body_over_the_limit_is_answered_413(gateway: Running, source: str) -> None:
    answer = gateway.post_signed(source, b"x" * 2_000_000)

    assert answer.status_code == 413
    assert "larger" in answer.json()["error"]


@pytest.mark.parametrize("source", SOURCES)
def test_an_empty_body_is_answered_400(gateway: Running, source: str) -> None:
    assert gateway.post_signed(source, b"").status_code == 400


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
def test_a_wrong_method_is_answered_405(gateway: Running, source: str, method: str) -> None:
    answer = requests.request(method, f"{gateway.url}/hooks/{source}", timeout=10)

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("source", SOURCES)
def test_a_wrong_signature_or_token_is_answered_401_with_a_hint_and_counted(gateway: Running, source: str) -> None:
    body = b'{"a": "b"}'
    wrong = {name: value[:-4] + "AAA=" for name, value in credential(source, body).items()}

    answers = [gateway.post(source, body), gateway.post(source, body, headers=wrong)]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert all(len(answer.json()["error"]) > 20 for answer in answers)
    refused = wait_for(gateway.refusals, lambda rows: sum(row["times"] for row in rows) == 2)
    assert {row["source"] for row in refused} == {source}
    assert gateway.books().events == {}


def test_a_word_that_is_no_source_is_answered_404(gateway: Running) -> None:
    answer = gateway.post("hubspot", b"{}")

    assert answer.status_code == 404
    assert "typeform" in answer.json()["error"]


def test_a_known_source_without_its_settings_is_answered_503(
    ledger: Ledger, box: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("bare")
    bare = dict.fromkeys(INVENTED, "")
    with running(ledger, box, folder, worker=False, **bare) as gateway:
        for source, name in (
            ("facebook", "FACEBOOK_APP_SECRET"),
            ("typeform", "TYPEFORM_SECRET"),
            ("website", "WEBSITE_"),
        ):
            answer = gateway.post(source, b"{}")
            assert answer.status_code == 503
            assert name in answer.json()["error"]
            assert int(answer.headers["Retry-After"]) > 0


def test_what_cannot_be_stored_is_answered_503(gateway: Running) -> None:
    gateway.stop_worker()
    with gateway.ledger.write() as connection:
        connection.exec_driver_sql("ALTER TABLE events RENAME TO events_away")

    answer = gateway.post_signed("website", b"name=Mira")

    assert answer.status_code == 503
    assert answer.json()["stored"] is False
    with gateway.ledger.write() as connection:
        connection.exec_driver_sql("ALTER TABLE events_away RENAME TO events")


def test_facebook_gets_its_challenge_back_only_for_the_right_word(gateway: Running) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "4100200300"}
    right = query | {"hub.verify_token": INVENTED["FACEBOOK_VERIFY_TOKEN"]}

    answer = requests.get(f"{gateway.url}/hooks/facebook", params=right, timeout=10)
    refused = requests.get(f"{gateway.url}/hooks/facebook", params=query | {"hub.verify_token": "no"}, timeout=10)

    assert (answer.status_code, answer.text) == (200, "4100200300")
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert refused.status_code == 401


@pytest.mark.parametrize("source", ["typeform", "website"])
def test_a_source_without_a_handshake_answers_a_get_with_405(gateway: Running, source: str) -> None:
    assert requests.get(f"{gateway.url}/hooks/{source}", timeout=10).status_code == 405


@pytest.mark.parametrize("source", SOURCES)
def test_while_a_secret_is_rotated_both_are_taken(
    ledger: Ledger, box: Sandbox, tmp_path_factory: pytest.TempPathFactory, source: str
) -> None:
    both = {name: f"the-new-one,{secret}" for name, secret in INVENTED.items() if name != "FACEBOOK_PAGE_TOKEN"}
    with running(ledger, box, tmp_path_factory.mktemp("both"), worker=False, **both) as gateway:
        assert gateway.post_signed(source, b'{"a": "b"}').status_code == 200


def test_a_token_in_the_url_works_and_is_not_stored(gateway: Running) -> None:
    token = INVENTED["WEBSITE_TOKEN"]
    answer = gateway.post(f"website/price-list?utm_source=ads&token={token}", b"name=Mira")

    assert answer.status_code == 200
    event = gateway.event(int(answer.json()["event"][1:]))
    assert event.query == "utm_source=ads"
    assert event.form == "price-list"


def test_health_tells_a_living_worker_from_a_silent_one(gateway: Running) -> None:
    health = f"{gateway.url}/healthz"
    wait_for(lambda: requests.get(health, timeout=10).status_code, lambda status: status == 200)

    gateway.stop_worker()
    stopped = requests.get(health, timeout=10)

    assert stopped.status_code == 503
    assert "stopped" in stopped.json()["error"]
