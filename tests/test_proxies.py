"""Whose word is believed on where a request came from."""

from __future__ import annotations

from pathlib import Path

import pytest
from harness import running, wait_for

from gateway import clock
from gateway.sandbox.server import Sandbox
from gateway.store.ledger import Ledger


@pytest.mark.parametrize(
    ("trusted", "seen"),
    [
        ("127.0.0.1", "203.0.113.9"),
        ("10.0.0.7, 127.0.0.0/8", "203.0.113.9"),
        ("10.0.0.0/8", "127.0.0.1"),
        ("", "127.0.0.1"),
    ],
)
def test_only_proxies_that_are_named_one_by_one_or_by_their_network_are_believed(
    trusted: str, seen: str, ledger: Ledger, box: Sandbox, tmp_path: Path
) -> None:
    with running(ledger, box, tmp_path, worker=False, GATEWAY_TRUSTED_PROXIES=trusted) as gateway:
        wrong = {"X-Gateway-Token": "wrong", "X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
        gateway.post("website/other", b"name=x", headers=wrong)
        [refused] = wait_for(gateway.refusals)
    clock.follow(None)

    assert refused["address"] == seen
