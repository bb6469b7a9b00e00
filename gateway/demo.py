"""The demo: the gateway, the sandbox beside it, and every bundled sample posted as the real service would.

It runs the very processes of `gateway serve`, in a fresh temporary folder, with invented secrets and
loopback addresses only.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import requests

from gateway import clock, phone, samples
from gateway.app import open_ledger, open_sources
from gateway.errors import GatewayError
from gateway.inbound.source import Posting, Source
from gateway.model import Delivery, DeliveryState, EventState, LeadState
from gateway.pipeline.planning import who
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings
from gateway.store import deliveries, events, leads
from gateway.store.deliveries import CLOSED
from gateway.store.leads import StoredLead
from gateway.store.ledger import Ledger

#: The file that moves the gateway's clock.
CLOCK = "clock"

#: Seconds the gateway has to start, and the samples to be sent.
PATIENCE = 60.0

_LINE = "{:<9} {:<34} {:<19} {:<20} {}"

#: Delivery states in which nothing more happens by itself.
SETTLED = (*CLOSED, DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN, DeliveryState.HELD)


@dataclass(frozen=True, slots=True)
class Posted:
    """A sample, the event it became, and what was expected of it."""

    sample: samples.Sample
    event_id: int
    expected: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything that runs during a demo."""

    url: str
    box: Sandbox
    ledger: Ledger
    sources: dict[str, Source]
    clock: Path  #: The file that moves the gateway's clock.


def run(folder: Path, mappings: Path, *, once: bool) -> int:
    """The exit code: 0 when every sample came out as expected."""
    found = samples.load_all(folder)
    if not found or not mappings.is_dir():
        raise GatewayError(f"The demo needs the folders {folder} and {mappings}: run it in the project's folder.")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything it started ends with it
    try:
        return _play(found, mappings, once=once)
    except KeyboardInterrupt:
        click.echo("")
        return 1 if once else 0


def _play(found: list[samples.Sample], mappings: Path, *, once: bool) -> int:
    with _stage(mappings) as stage:
        click.echo(f"The gateway runs at {stage.url}, the sandbox at {stage.box.url}. Nothing leaves this machine.\n")
        click.echo(_LINE.format("SOURCE", "WHO", "RULE", "CAMPAIGN", "WHAT BECAME OF IT"))
        posted = [_post(stage, sample) for sample in found]
        wrong = _report(stage, posted)
        _show_one_call(stage)
        click.echo(f"\n{len(posted)} samples posted, {len(posted) - wrong} came out as expected.")
        if not once:
            _stay(stage)
    return 1 if wrong else 0


@contextmanager
def _stage(mappings: Path) -> Iterator[Stage]:
    """The sandbox in this process, the gateway in its own; both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="gateway-demo-") as data, Sandbox() as box:
        environment = _environment(box, Path(data), mappings)
        settings = Settings.load(environment, None)
        bind = f"127.0.0.1:{_free_port()}"
        with _gateway(environment, bind, Path(data)) as process:
            url = f"http://{bind}"
            _wait_until_well(url, process, Path(data))
            ledger = open_ledger(settings)
            clock.follow(settings.clock_file)
            yield Stage(url, box, ledger, open_sources(settings), Path(data) / CLOCK)
            clock.follow(None)
            ledger.close()


def _environment(box: Sandbox, data: Path, mappings: Path) -> dict[str, str]:
    return samples.INVENTED | {
        "AISENSY_API_KEY": "demo-key",
        "AISENSY_BASE_URL": f"{box.url}/campaign/t1/api",
        "GRAPH_BASE_URL": f"{box.url}/graph/v25.0",
        "GATEWAY_DATA": str(data),
        "GATEWAY_MAPPINGS": str(mappings.absolute()),
        "GATEWAY_LOOPBACK_ONLY": "1",
        "GATEWAY_CLOCK_FILE": str(data / CLOCK),
        "GATEWAY_RATE": "off",
    }


def _free_port(wanted: int = 8000) -> int:
    """8000, or the next port that nobody listens on."""
    for port in range(wanted, wanted + 1000):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise GatewayError("There is no free port from 8000 on.")


@contextmanager
def _gateway(environment: dict[str, str], bind: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`gateway serve` in a process of its own, away from any .env and any key of this environment."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    command = [sys.executable, "-m", "gateway", "serve", "--bind", bind]
    with (data / "gateway.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=data, env=keep | environment, stdout=log, stderr=log)  # noqa: S603 - our own program
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait_until_well(url: str, process: subprocess.Popen[bytes], data: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if requests.get(f"{url}/healthz", timeout=2).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.05)
    raise GatewayError("The gateway did not start:\n" + (data / "gateway.log").read_text())


def _post(stage: Stage, sample: samples.Sample) -> Posted:
    """Post one sample the way its service would: fresh ids, present time, signed."""
    posting = stage.sources[sample.event.source].imitate(sample.event, now=datetime.now(UTC), nonce=_nonce())
    _tell_graph(stage, sample, posting)
    url = "/".join(filter(None, (stage.url, "hooks", sample.event.source, posting.form)))
    url += f"?{posting.query}" if posting.query else ""
    answer = requests.post(url, data=posting.body, headers=dict(posting.headers), timeout=10)
    if answer.status_code != 200:  # noqa: PLR2004 - the one answer that is promised
        raise GatewayError(f"{sample.name} was answered {answer.status_code}: {answer.text}")
    expected = json.loads(sample.expected_path.read_text(encoding="utf-8"))
    return Posted(sample, int(answer.json()["event"].removeprefix("e")), expected)


def _nonce() -> str:
    """Digits that no earlier sample had."""
    return str(time.time_ns())[-9:]


def _tell_graph(stage: Stage, sample: samples.Sample, posting: Posting) -> None:
    """Put the sample's leads where the gateway will look them up, under their fresh ids."""
    for old, lead in sample.lookups.items():
        new = posting.renamed.get(old, old)
        requests.post(f"{stage.box.url}/graph/leads", json=lead | {"id": new}, timeout=10).raise_for_status()


def _report(stage: Stage, posted: list[Posted]) -> int:
    """One line a lead, in the order posted; how many samples came out otherwise than expected."""
    wrong = 0
    for one in posted:
        state, reason, found = _wait(stage, one)
        as_expected = _matches(one.expected, state, found)
        wrong += not as_expected
        for text in _lines(one, state, reason, found):
            click.echo(text + ("" if as_expected else "   ← NOT AS EXPECTED"))
    return wrong


Found = list[tuple[StoredLead, Delivery | None]]


def _wait(stage: Stage, one: Posted) -> tuple[EventState, str, Found]:
    """What became of a sample, once nothing more happens to it."""
    deadline = time.monotonic() + PATIENCE
    while True:
        with stage.ledger.read() as connection:
            event = events.load(connection, [one.event_id])[0]
            stored = leads.of_event(connection, one.event_id)
            found = [(lead, next(iter(deliveries.of_lead(connection, lead.lead.id)), None)) for lead in stored]
        busy = event.state is EventState.NEW or any(_moves(lead, delivery) for lead, delivery in found)
        if not busy or time.monotonic() > deadline:
            return event.state, event.reason, found
        _hasten(stage, [delivery.due for _lead, delivery in found if delivery and delivery.tag == "spacing"])
        time.sleep(0.05)


def _hasten(stage: Stage, due: list[datetime]) -> None:
    """Some samples are of one person: the pause between two messages to a number passes at once here."""
    wait = max(((moment - clock.now()).total_seconds() for moment in due), default=0.0)
    if wait > 0:
        clock.move(stage.clock, wait)


def _moves(stored: StoredLead, delivery: Delivery | None) -> bool:
    if stored.state is LeadState.WAITING:
        return True
    return delivery is not None and delivery.state not in SETTLED


def _matches(expected: dict[str, Any], state: EventState, found: Found) -> bool:
    """Whether the same leads came of it, with the same calls; a planned one must have been accepted."""
    if expected["event"] != state or len(expected["leads"]) != len(found):
        return False
    return all(_lead_matches(want, *have) for want, have in zip(expected["leads"], found, strict=True))


def _lead_matches(want: dict[str, Any], stored: StoredLead, delivery: Delivery | None) -> bool:
    if want["state"] != stored.state:
        return False
    if stored.state is not LeadState.PLANNED:
        return delivery is None
    accepted = delivery is not None and delivery.state is DeliveryState.ACCEPTED
    return accepted and delivery is not None and dict(delivery.plan.call) == want["call"]


def _lines(one: Posted, state: EventState, reason: str, found: Found) -> Iterator[str]:
    source, case = one.sample.event.source, one.sample.path.name
    if not found:
        yield _LINE.format(source, case, "", "", f"{state}: {reason}")
    for stored, delivery in found:
        plan = delivery.plan if delivery else stored.plan
        call = plan.call if plan else {}
        name, number = who(stored.lead, plan), phone.mask(str(call.get("destination", "")))
        person = textwrap.shorten(f"{name} {number}".strip() or case, 33, placeholder="…")
        outcome = f"{delivery.state} {delivery.reason}" if delivery else f"{stored.state}: {stored.lead.reason}"
        rule, campaign = (plan.rule if plan else ""), str(call.get("campaignName", ""))
        yield _LINE.format(source, person, rule, campaign, outcome).rstrip()


def _show_one_call(stage: Stage) -> None:
    calls = requests.get(f"{stage.box.url}/calls", timeout=10).json()["calls"]
    if calls:
        fullest = max(calls, key=lambda call: len(json.dumps(call["body"])))
        click.echo(f"\nOne campaign call, as AiSensy would get it (POST {fullest['path']}):")
        click.echo(json.dumps(fullest["body"], ensure_ascii=False, indent=2))


def _stay(stage: Stage) -> None:
    token = samples.INVENTED["WEBSITE_TOKEN"]
    click.echo(f"""
Both go on running. Try, in another terminal:

  curl '{stage.url}/hooks/website/price-list?token={token}' \\
       -d 'name=Mira Sample' --data-urlencode 'phone=+12025550143' -d 'interest=2 BHK'
  curl {stage.box.url}/calls
  curl {stage.box.url}/faults -d '{{"status": 503, "times": 2}}'

Ctrl-C ends it.""")
    signal.pause()
