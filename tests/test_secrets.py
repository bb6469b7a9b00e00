"""No key, token, password, name or phone number in a log, whatever goes wrong."""

from __future__ import annotations

import hmac
import json
from pathlib import Path

import requests
from harness import environment, wait_for
from serving import Serving, run_command, serving

from gateway.sandbox.server import Sandbox
from gateway.store import deliveries
from gateway.store.ledger import Ledger

SECRETS = {
    "AISENSY_API_KEY": "key-of-aisensy",
    "FACEBOOK_APP_SECRET": "secret-of-the-app",
    "FACEBOOK_VERIFY_TOKEN": "word-of-the-webhook",
    "FACEBOOK_PAGE_TOKEN": "dead-token-of-the-page",
    "TYPEFORM_SECRET": "secret-of-typeform",
    "WEBSITE_TOKEN": "token-of-the-website",
    "WEBSITE_SECRET": "hmac-of-the-website",
}

#: Commands that show what is in the ledger.
SHOWING = (("events", "--json"), ("events", "--refused"), ("leads", "--json"), ("explain", "e1"), ("deliveries", "d1"))

#: A Facebook event whose lead must be looked up.
CHANGE = {"field": "leadgen", "value": {"leadgen_id": "9"}}
EVENT = json.dumps({"object": "page", "entry": [{"id": "1002", "changes": [CHANGE]}]}).encode()


def test_no_secret_and_no_person_is_ever_in_a_log_and_no_secret_in_any_output(box: Sandbox, tmp_path: Path) -> None:
    ledger = Ledger(f"sqlite:///{tmp_path / 'data' / 'gateway.db'}")
    settings = environment(box, tmp_path) | SECRETS
    with serving(settings, tmp_path) as gateway:
        gateway.start()
        gateway.wait_until_well()
        _have_all_kinds_of_trouble(gateway, box)
        wait_for(lambda: _first_state(ledger) == "uncertain")
        wait_for(lambda: "is paused" in gateway.log and "refused for typeform" in gateway.log)
        gateway.kill("worker")
        gateway.terminate()
        gateway.wait()
        log = gateway.log
    ledger.close()

    shown = [run_command(settings, tmp_path, *words).stdout for words in SHOWING]
    assert "+12025550143" in shown[-1], "a person may be seen by who asks for this lead"
    people = {"+12025550143", "2025550143", "Mira"}
    assert [word for word in (*SECRETS.values(), *people) if word in log] == []
    assert [word for word in SECRETS.values() if word in "".join(shown)] == []


def _have_all_kinds_of_trouble(gateway: Serving, box: Sandbox) -> None:
    """A call that is cut off, a look-up under a dead token, a wrong token, a wrong signature, a broken body."""
    requests.post(f"{box.url}/faults", json={"cut": "after"}, timeout=10).raise_for_status()
    hooks = f"{gateway.url}/hooks"
    token = f"?token={SECRETS['WEBSITE_TOKEN']}"
    lead = {"name": "Mira", "phone": "+12025550143", "interest": "2 BHK"}
    answers = [
        requests.post(f"{hooks}/website/price-list{token}", json=lead, timeout=10),
        requests.post(f"{hooks}/website/price-list{token}", data=b"{broken", timeout=10),
        requests.post(f"{hooks}/website/price-list{token}x", json=lead, timeout=10),
        requests.post(f"{hooks}/typeform", json=lead, headers={"Typeform-Signature": "sha256=no"}, timeout=10),
        requests.post(f"{hooks}/facebook", data=EVENT, headers=_signed(EVENT), timeout=10),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 401, 401, 200]


def _signed(body: bytes) -> dict[str, str]:
    digest = hmac.digest(SECRETS["FACEBOOK_APP_SECRET"].encode(), body, "sha256")
    return {"X-Hub-Signature-256": f"sha256={digest.hex()}"}


def _first_state(ledger: Ledger) -> str:
    with ledger.read() as connection:
        return next((str(one.state) for one in deliveries.listing(connection)), "")
