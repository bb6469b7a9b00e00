"""A whole gateway for tests: its real web application over real HTTP, its real worker, the sandbox beside it."""

from __future__ import annotations

import base64
import hmac
import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import requests
from click.testing import CliRunner, Result
from werkzeug.serving import make_server

from gateway import cli, clock, samples
from gateway.app import open_http, open_sources, whole_app
from gateway.engine import open_engine
from gateway.inbound.source import Posting, Source
from gateway.model import Delivery
from gateway.outbound.aisensy import AiSensy
from gateway.sandbox.server import Sandbox
from gateway.settings import Settings
from gateway.store import attempts, books, deliveries, events, leads, pulse, versions
from gateway.store.leads import StoredLead
from gateway.store.ledger import Ledger
from gateway.worker import Worker

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "samples"
MAPPINGS = ROOT / "mappings"
PATIENCE = 30.0

logging.getLogger("werkzeug").setLevel(logging.WARNING)

Seen = TypeVar("Seen")


#: A lead of the form that `mapping` is for.
PERSON = {"name": "Mira Sample", "phone": "+12025550143", "city": "Goa"}


def somebody(number: int, **answers: str) -> dict[str, str]:
    """A lead of somebody else, with a phone number of their own."""
    return PERSON | {"name": f"Mira {number}", "phone": f"+1202555{200 + number:04}"} | answers


def mapping(
    form: str = "other", campaign: str = "goa_villas_welcome", rule: str = "Everyone", params: str = "$name"
) -> str:
    """A small good mapping file for one website form; `params`: the parameters, spaces between."""
    lines = "".join(f"\n        - {name}" for name in params.split())
    return f"""source: website
form: {form}
fields:
  phone: phone
  name: name
  city: city
rules:
  - name: {rule}
    call:
      campaignName: {campaign}
      destination: $phone
      userName: $name
      templateParams:{lines}
      tags:
        - $city
"""


def wait_for(look: Callable[[], Seen], until: Callable[[Seen], bool] = bool, patience: float = PATIENCE) -> Seen:
    """Look again and again until what is seen is right; what was seen last, if it never is, fails the test."""
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if until(seen):
            return seen
        assert time.monotonic() < deadline, f"after {patience} s there is still {seen!r}"
        time.sleep(0.01)


def _own_mappings(tmp_path: Path) -> Path:
    """A copy of the bundled mappings that a test may change, without what is known of their campaigns."""
    folder = tmp_path / "mappings"
    if not folder.exists():
        shutil.copytree(MAPPINGS, folder, ignore=shutil.ignore_patterns("contracts.yaml"))
    return folder


def credential(source: str, body: bytes) -> dict[str, str]:
    """The header by which a source's service would vouch for a body; worked out here anew."""
    if source == "website":
        return {"X-Gateway-Token": samples.INVENTED["WEBSITE_TOKEN"]}
    if source == "typeform":
        digest = hmac.digest(samples.INVENTED["TYPEFORM_SECRET"].encode(), body, "sha256")
        return {"Typeform-Signature": "sha256=" + base64.b64encode(digest).decode()}
    digest = hmac.digest(samples.INVENTED["FACEBOOK_APP_SECRET"].encode(), body, "sha256")
    return {"X-Hub-Signature-256": "sha256=" + digest.hex()}


def environment(box: Sandbox, tmp_path: Path, database_url: str = "") -> dict[str, str]:
    """Settings of a gateway that talks to the sandbox alone."""
    return samples.INVENTED | {
        "AISENSY_API_KEY": "test-key",
        "AISENSY_BASE_URL": f"{box.url}/campaign/t1/api",
        "GRAPH_BASE_URL": f"{box.url}/graph/v25.0",
        "DATABASE_URL": database_url,
        "GATEWAY_DATA": str(tmp_path / "data"),
        "GATEWAY_MAPPINGS": str(_own_mappings(tmp_path)),
        "GATEWAY_FOLLOW": "yes",
        "GATEWAY_LOOPBACK_ONLY": "1",
        "GATEWAY_CLOCK_FILE": str(tmp_path / "clock"),
        "GATEWAY_DEADLINE": "3",
        "GATEWAY_CONTRACTS": "0",
        "GATEWAY_RATE": "off",
    }


@dataclass
class Running:
    """A running gateway and the handles a test needs."""

    url: str
    ledger: Ledger
    box: Sandbox
    settings: Settings
    sources: Mapping[str, Source]
    tmp_path: Path
    workers: list[tuple[Worker, threading.Thread]] = field(default_factory=list)
    nonce: int = 100

    def post(self, path: str, body: bytes = b"", **more: Any) -> requests.Response:
        """POST to /hooks/<path>."""
        return requests.post(f"{self.url}/hooks/{path}", data=body, timeout=20, **more)

    def posting(self, name: str) -> Posting:
        """A bundled sample as its service would post it now; every call makes a fresh one."""
        sample = samples.load(SAMPLES / name)
        self.nonce += 1
        source = self.sources[sample.event.source]
        posting = source.imitate(sample.event, now=clock.now(), nonce=str(self.nonce))
        for old, lead in sample.lookups.items():
            self.add_graph_lead(lead | {"id": posting.renamed.get(old, old)})
        return posting

    def send(self, source: str, posting: Posting) -> requests.Response:
        path = "/".join(filter(None, (source, posting.form))) + (f"?{posting.query}" if posting.query else "")
        return self.post(path, posting.body, headers=dict(posting.headers))

    def post_signed(self, source: str, body: bytes, path: str = "") -> requests.Response:
        """POST any body with the credential that its source wants."""
        return self.post(path or source, body, headers=credential(source, body))

    def post_sample(self, name: str) -> int:
        """Post a bundled sample, fresh; its event's id."""
        answer = self.send(name.partition("/")[0], self.posting(name))
        assert answer.status_code == 200, answer.text
        return int(answer.json()["event"].removeprefix("e"))

    def post_website(self, form: str = "price-list", **answers: str) -> int:
        """Post a website form as a browser would; its event's id."""
        token = {"X-Gateway-Token": samples.INVENTED["WEBSITE_TOKEN"]}
        answer = requests.post(f"{self.url}/hooks/website/{form}", data=answers, headers=token, timeout=20)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["event"].removeprefix("e"))

    def add_graph_lead(self, lead: Mapping[str, Any]) -> None:
        requests.post(f"{self.box.url}/graph/leads", json=lead, timeout=10).raise_for_status()

    def fault(self, **fault: Any) -> None:
        """Ask the sandbox for a fault."""
        answer = requests.post(f"{self.box.url}/faults", json=fault, timeout=10)
        assert answer.status_code == 200, answer.text

    def mend(self) -> None:
        requests.delete(f"{self.box.url}/faults", timeout=10).raise_for_status()

    def calls(self) -> list[dict[str, Any]]:
        """The bodies of every call the sandbox accepted."""
        return [call["body"] for call in requests.get(f"{self.box.url}/calls", timeout=10).json()["calls"]]

    def seen(self) -> dict[str, Any]:
        """How many requests the sandbox saw, accepted or not."""
        found: dict[str, Any] = requests.get(f"{self.box.url}/seen", timeout=10).json()
        return found

    def event(self, event_id: int) -> Any:
        with self.ledger.read() as connection:
            return events.load(connection, [event_id])[0]

    def leads(self, event_id: int | None = None) -> list[StoredLead]:
        with self.ledger.read() as connection:
            if event_id is not None:
                return leads.of_event(connection, event_id)
            return leads.listing(connection, limit=None)

    def deliveries(self) -> list[Delivery]:
        """Every delivery, the oldest first."""
        with self.ledger.read() as connection:
            return deliveries.listing(connection, limit=None)[::-1]

    def delivery(self) -> Delivery | None:
        """The only delivery, once there is one."""
        found = self.deliveries()
        assert len(found) <= 1
        return found[0] if found else None

    def attempts(self, delivery_id: int) -> list[dict[str, Any]]:
        with self.ledger.read() as connection:
            return [dict(row) for row in attempts.of(connection, delivery_id)]

    def wait_for_delivery(self, *states: str) -> Delivery:
        """Wait until the only delivery is in one of these states."""
        found = wait_for(self.delivery, lambda one: one is not None and one.state in states)
        assert found is not None
        return found

    def wait_for_states(self, **counts: int) -> list[Delivery]:
        """Wait until there are so many deliveries in each state, and no others."""
        wait_for(lambda: _tally(self.deliveries()), lambda found: found == counts)
        return self.deliveries()

    def refusals(self) -> list[dict[str, Any]]:
        """What was not stored, by source and cause."""
        with self.ledger.read() as connection:
            return [dict(row) for row in events.refused(connection)]

    def wait_until_nothing_is_out(self) -> None:
        """Wait until every call and look-up that left has been answered and written down."""
        wait_for(lambda: [name for worker, _ in self.workers for name in worker.threads.out], lambda out: not out)

    def books(self) -> books.Books:
        with self.ledger.read() as connection:
            return books.audit(connection)

    def move_clock(self, seconds: float) -> None:
        clock.move(self.tmp_path / "clock", seconds)

    def let_time_pass(self, seconds: float, step: float) -> None:
        """Move the clock in steps, and give the worker two turns after each."""
        for _ in range(int(seconds / step)):
            for _turn in range(2):
                self.move_clock(step / 2)
                moved = clock.now()
                self._beat_now()
                wait_for(self._last_beat, lambda at, wanted=moved: at >= wanted)  # type: ignore[misc]

    def _beat_now(self) -> None:
        for worker, _thread in self.workers:
            worker.next_beat = 0.0
            worker.engine.wake()

    def _last_beat(self) -> datetime:
        with self.ledger.read() as connection:
            return pulse.of(connection, pulse.WORKER)[0].at

    def write_mapping(self, name: str, text: str) -> None:
        """Save a mapping file and wait until its text is live in the worker."""
        (Path(self.settings.text("GATEWAY_MAPPINGS")) / name).write_text(text, encoding="utf-8")
        wait_for(lambda: self._live_text(name), lambda live: live == text)

    def _live_text(self, name: str) -> str:
        with self.ledger.read() as connection:
            version, files = versions.live(connection)
        [(worker, _thread)] = self.workers
        return files.get(name, "") if worker.live.version == version else ""

    def command(self, *arguments: str) -> Result:
        """Run `gateway …` on this gateway's ledger."""
        url = self.ledger.url.render_as_string(hide_password=False)
        return CliRunner(env=environment(self.box, self.tmp_path, url)).invoke(cli.gateway, arguments)

    def start_worker(self) -> None:
        http = open_http(self.settings)
        ledger = Ledger(self.settings.database_url)  # its own, as its process has: nobody rings for himself
        engine = open_engine(ledger, self.settings)
        worker = Worker(self.settings, ledger, self.sources, AiSensy(self.settings, http), engine)
        thread = threading.Thread(target=worker.run, daemon=True)
        thread.start()
        self.workers.append((worker, thread))

    def stop_worker(self) -> None:
        for worker, thread in self.workers:
            worker.stop()
            thread.join(30)
            assert not thread.is_alive()
            worker.ledger.close()
        self.workers.clear()


def _tally(found: list[Delivery]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in found:
        counts[str(one.state)] = counts.get(str(one.state), 0) + 1
    return counts


@contextmanager
def running(ledger: Ledger, box: Sandbox, tmp_path: Path, *, worker: bool = True, **settings: str) -> Iterator[Running]:
    """The web application on a free port, and a worker, until the block ends."""
    url = ledger.url.render_as_string(hide_password=False)
    found = Settings.load(environment(box, tmp_path, url) | settings, None)
    clock.follow(found.clock_file)
    known = open_sources(found)
    server = make_server("127.0.0.1", 0, whole_app(found, ledger, known), threaded=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    whole = Running(f"http://127.0.0.1:{server.port}", ledger, box, found, known, tmp_path)
    if worker:
        whole.start_worker()
    try:
        yield whole
    finally:
        whole.stop_worker()
        server.shutdown()
        server.server_close()
