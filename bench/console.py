"""How long each page of the console takes, and how much a browser has to fetch for it.

    .venv/bin/python bench/console.py
    .venv/bin/python bench/console.py --leads 1000 --times 5

Fills a SQLite ledger with leads of the last year, signs in over HTTP, and asks for every page several times. Prints a
Markdown table. Exit code 1 when the median of a page is above MEDIAN, or its weight above WEIGHT.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from statistics import median

import requests
import stage
from fill import MODEL, fill
from growth import first_lead
from machine import facts
from measure import MILLI, percentile
from sqlalchemy import insert

from gateway.store.ledger import Ledger
from gateway.store.tables import acts

#: What a page may take, in milliseconds, and weigh with its styles and scripts, in bytes.
MEDIAN, WEIGHT = 200, 100_000

#: Lines of the audit list.
_ACTS = 10_000

_STATIC = re.compile(r'(?:href|src)="(/console/static/[^"]+\.(?:css|js)[^"]*)"')
_CSRF = re.compile(r'name="csrf" value="(\w+)"')

#: What is asked for, by its name; LEAD is the number of one, HALF that of one long ago.
PAGES = {
    "Today": "today",
    "Today, 30 days": "today?span=30d",
    "Leads": "leads",
    "Leads, long ago": "leads?before=HALF",
    "Leads that need a person": "leads?state=needs",
    "Leads that failed": "leads?state=failed",
    "Leads on their way": "leads?state=waiting",
    "Leads that were accepted": "leads?state=accepted",
    "Leads of a form": "leads?source=website&form=price-list",
    "Leads of a campaign": "leads?campaign=price_list",
    "Leads of the last 30 days": "leads?from=30d",
    "Accepted leads of a month": "leads?state=accepted&from=60d&to=30d",
    "Search by a phone number": f"leads?q=98{MODEL}",
    "Search by a name": "leads?q=mira",
    "Search for what nobody wrote": "leads?q=nowhere+to+be+found",
    "A piece of the CSV file, 500 leads": "leads.csv?before=HALF",
    "One lead": "leads/LEAD",
    "Events": "events",
    "Mappings": "mappings",
    "A mapping": "mappings/website.yaml",
    "A mapping, with a lead": "mappings/website.yaml?lead=LEAD",
    "Connect": "connect",
    "Connect a website": "connect/website",
    "Health": "health",
    "People": "people",
    "Audit list": "audit",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What one page came to."""

    name: str
    times: list[float] = field(default_factory=list)  #: Milliseconds.
    page: int = 0  #: Bytes.
    weight: int = 0  #: With its styles and scripts; 0 for what is no page.

    @property
    def is_fine(self) -> bool:
        return median(self.times) <= MEDIAN and self.weight <= WEIGHT

    def line(self) -> str:
        figures = (median(self.times), percentile(self.times, 95), self.page / 1000, self.weight / 1000)
        mark = "" if self.is_fine else " **too much**"
        return f"| {self.name}{mark} | " + " | ".join(f"{figure:,.0f}" for figure in figures) + " |"


class Visitor:
    """Somebody who is signed in."""

    def __init__(self, port: int, code: str) -> None:
        self.base = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        self.static = cache(self._static)
        form = self._get("/console/welcome").text
        mark = _CSRF.search(form)
        fields = {"csrf": mark[1] if mark else "", "code": code, "name": "Mira", "password": "four words are easy"}
        self.session.post(f"{self.base}/console/welcome", data=fields, timeout=60).raise_for_status()

    def ask(self, name: str, path: str, times: int) -> Asked:
        """Ask for a page again and again; the first time does not count."""
        first = self._get(f"/console/{path}")
        static = sum(self.static(one) for one in set(_STATIC.findall(first.text)))
        size = len(first.content)
        is_page = first.headers["Content-Type"].startswith("text/html")
        return Asked(name, sorted(self._timed(path) for _ in range(times)), size, size + static if is_page else 0)

    def _timed(self, path: str) -> float:
        began = time.perf_counter()
        self._get(f"/console/{path}")
        return (time.perf_counter() - began) * MILLI

    def _static(self, path: str) -> int:
        return len(self._get(path.replace("&amp;", "&")).content)

    def _get(self, path: str) -> requests.Response:
        answer = self.session.get(self.base + path, timeout=60)
        answer.raise_for_status()
        return answer


def main() -> int:
    """Fill, ask, print; the exit code."""
    asked = _arguments()
    with tempfile.TemporaryDirectory(prefix="gateway-bench-", dir=asked.folder) as place:
        folder = Path(place)
        notes = facts(folder)
        (folder / "data").mkdir()
        _fill(folder, asked.leads)
        found = list(_ask(folder, asked.leads, asked.times))
    print(f"Run of {datetime.now(UTC):%d %B %Y, %H:%M} UTC: {asked.leads:,} leads, each page {asked.times} times.\n")
    print("| Page | median, ms | p95, ms | page, KB | with CSS and JS, KB |\n|---|--:|--:|--:|--:|")
    print("\n".join([*(one.line() for one in found), "", *(f"- {note}" for note in notes)]))
    return 0 if all(one.is_fine for one in found) else 1


def _fill(folder: Path, leads: int) -> None:
    """Leads of the last year, and an audit list as of years."""
    first_lead(folder)
    ledger = Ledger(f"sqlite:///{folder / 'data' / 'gateway.db'}")
    fill(ledger, leads - 1, first=1)
    now = datetime.now(UTC)
    rows = [
        {"at": now - timedelta(hours=_ACTS - at), "who": "Mira", "did": "replayed it", "about": f"l{at % leads + 1}"}
        for at in range(_ACTS)
    ]
    with ledger.write("filling") as connection:
        connection.execute(insert(acts), rows)
    ledger.close()
    print(f"{leads:,} leads are in the ledger", file=sys.stderr)


def _ask(folder: Path, leads: int, times: int) -> Iterator[Asked]:
    with stage.gateway(folder) as system:
        environment = stage.environment_of(folder, system.stand_in)
        visitor = Visitor(system.port, stage.told(folder, environment, "console", "code").split()[0])
        for name, path in PAGES.items():
            there = path.replace("LEAD", str(leads - 1)).replace("HALF", str(leads // 2 + 1))
            yield visitor.ask(name, there, times)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How long each page of the console takes, and what it weighs.")
    parser.add_argument("--leads", type=int, default=100_000, help="leads in the ledger (100,000)")
    parser.add_argument("--times", type=int, default=20, help="how often each page is asked for (20)")
    parser.add_argument("--folder", type=Path, help="where the ledger is put; the system's temporary folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
