"""How many stored leads a second `gateway diff` compares.

    .venv/bin/python bench/diff.py --leads 1000 --rounds 1

Makes a ledger of website leads, changes a default of their mapping, and runs the command as a person would.
Prints the median of the rounds. Exit code 1 when the comparison did not find what was changed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from sqlalchemy import update

from gateway import clock
from gateway.app import open_sources
from gateway.model import DeliveryState, Event
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import read_folder
from gateway.pipeline.reading import decide, enter
from gateway.settings import Settings
from gateway.store import events, versions
from gateway.store.ledger import Ledger
from gateway.store.tables import deliveries

ROOT = Path(__file__).parent.parent
INTERESTS = ("2 BHK", "3 BHK", "Villa", "Plot", "")
CITIES = ("Goa", "Pune", "mumbai", "")
BATCH = 500


@dataclass(frozen=True, slots=True)
class Ran:
    """One run of the command."""

    compared: int
    found: int  #: Leads whose text changes.
    seconds: float  #: As the command tells them.


def main() -> int:
    """Fill a ledger, run the rounds, print the figures; the exit code."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=asked.folder) as place:
        drafts, environment = _prepare(Path(place))
        expected = _fill(Settings.load(environment, None), asked.leads)
        rounds = [_run(drafts, environment, asked.leads) for _ in range(asked.rounds)]
    seconds = median(one.seconds for one in rounds)
    print(f"{asked.leads:,} leads in {seconds:.2f} s ({asked.leads / seconds:,.0f} a second), median of {asked.rounds}")
    wrong = [one for one in rounds if (one.compared, one.found) != (asked.leads, expected)]
    for one in wrong:
        print(f"wrong: {one.found:,} of {one.compared:,} found, not {expected:,} of {asked.leads:,}", file=sys.stderr)
    return 1 if wrong else 0


def _prepare(place: Path) -> tuple[Path, dict[str, str]]:
    """A folder of drafts in which one default is another, and the settings."""
    drafts = place / "drafts"
    drafts.mkdir()
    for name, text in read_folder(ROOT / "mappings").items():
        (drafts / name).write_bytes(text.replace(b"default: our homes", b"default: a home"))
    return drafts, {"GATEWAY_DATA": str(place / "data"), "GATEWAY_MAPPINGS": str(ROOT / "mappings")}


def _fill(settings: Settings, count: int) -> int:
    """Publish the bundled mappings and enter leads by the way every lead takes; how many use the default."""
    ledger = Ledger(settings.database_url)
    ledger.migrate()
    files = {name: text.decode() for name, text in read_folder(ROOT / "mappings").items()}
    with ledger.write() as connection:
        live = Live.of(versions.publish(connection, files, clock.now()), files, settings)
    sources, posts = open_sources(settings), _posts(count)
    for start in range(0, count, BATCH):
        with ledger.write() as connection:
            batch = posts[start : start + BATCH]
            ids = events.add(connection, batch)
            stored = [replace(event, id=event_id) for event, event_id in zip(batch, ids, strict=True)]
            enter(connection, [decide(event, sources, live) for event in stored])
    _send_all(ledger)
    return sum(b"interest=&" in event.body for event in posts)


def _send_all(ledger: Ledger) -> None:
    """Say of every message that it was accepted: of old leads nearly all were."""
    with ledger.write() as connection:
        connection.execute(update(deliveries).values(state=DeliveryState.ACCEPTED, accepted_at=clock.now()))
    ledger.close()


def _posts(count: int) -> list[Event]:
    """The same price-list leads each time; one in five leaves `interest` open."""
    chance = random.Random(7)
    return [_post(number, chance.choice(INTERESTS), chance.choice(CITIES)) for number in range(count)]


def _post(number: int, interest: str, city: str) -> Event:
    answers = {"name": f"mira sample {number}", "phone": f"+9198{number:08d}", "interest": interest, "city": city}
    body = urlencode(answers | {"message": "Please call me in the evening."}).encode()
    return Event("website", "price-list", clock.now(), "application/x-www-form-urlencoded", "", body)


def _run(drafts: Path, environment: dict[str, str], leads: int) -> Ran:
    command = [sys.executable, "-m", "gateway", "diff", "--last", str(leads), "--mappings", str(drafts), "--json"]
    done = subprocess.run(
        command, env=os.environ | environment, cwd=drafts, stdout=subprocess.PIPE, check=False, timeout=600
    )
    said = json.loads(done.stdout)
    return Ran(said["leads"]["compared"], said["leads"]["text"], said["seconds"])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Stored leads that `gateway diff` compares a second.")
    parser.add_argument("--leads", type=int, default=10_000, help="how many leads the ledger has (10,000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often they are compared (5)")
    parser.add_argument("--folder", type=Path, help="where the ledger is put; the system's temporary folder")
    asked = parser.parse_args()
    if asked.leads < 1 or asked.rounds < 1:
        parser.error("there must be a lead and a round")
    return asked


if __name__ == "__main__":
    sys.exit(main())
