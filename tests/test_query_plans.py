"""No statement of the daily work looks at a whole table that grows: what is stored does not slow what comes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from harness import ROOT, Running, wait_for
from sqlalchemy import Connection, Engine, event, insert, text

from gateway.store.ledger import Ledger
from gateway.store.tables import metadata, receipts

#: Rows of each growing table: enough for PostgreSQL to see that an index is worth it.
LEADS = 20_000

#: The tables that grow with every lead, event or receipt.
GROWING = frozenset({"events", "leads", "phones", "identities", "deliveries", "attempts", "receipts"})

#: A partial index that holds so few rows is read to its end and costs nothing.
FEW = LEADS // 50

#: The lead that bench/fill.py copies.
MODEL = {"name": "Mira Sample", "phone": "+919850607080", "interest": "2 BHK", "message": "50607080"}


#: What a person looks at all day.
PAGES = ("events", "leads", "deliveries", "leads --state waiting", "deliveries --state held")


@dataclass(frozen=True)
class Sent:
    """A statement as the database was given it."""

    statement: str
    parameters: Any


@contextmanager
def recorded() -> Iterator[list[Sent]]:
    """Every different statement that anybody sends meanwhile."""
    found: dict[str, Sent] = {}

    def note(_conn: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool) -> None:  # noqa: FBT001 - SQLAlchemy's signature
        first = parameters[0] if many else parameters
        found.setdefault(statement, Sent(statement, tuple(first) if isinstance(first, list) else first))

    event.listen(Engine, "before_cursor_execute", note)
    sent: list[Sent] = []
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    sent += [one for one in found.values() if one.statement.split(None, 1)[0] in _PLANNED]


_PLANNED = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@pytest.fixture
def full(gateway: Running) -> Running:
    """A gateway with many leads of the last year in its ledger."""
    gateway.post_website(**MODEL)
    gateway.wait_for_delivery("accepted")
    gateway.stop_worker()  # it would take them for leads that came just now
    url = gateway.ledger.url.render_as_string(hide_password=False)
    subprocess.run([sys.executable, str(ROOT / "bench" / "fill.py"), url, str(LEADS)], check=True, timeout=300)
    _add_receipts(gateway.ledger)
    if not gateway.ledger.on_sqlite:  # PostgreSQL does it by itself before long; nobody does it on SQLite
        with gateway.ledger.write("statistics") as connection:
            connection.execute(text("ANALYZE"))
    gateway.start_worker()
    gateway.let_time_pass(20, 10)  # a worker that starts looks once which forms had leads lately
    return gateway


def _add_receipts(ledger: Ledger) -> None:
    """One of each message, read long ago."""
    said = {"received_at": datetime(2026, 1, 1, tzinfo=UTC), "body": b"{}", "state": "read", "kind": "delivered"}
    with ledger.write("filling") as connection:
        rows = [said | {"notification": f"n-{number}"} for number in range(LEADS)]
        connection.execute(insert(receipts), rows)


def test_the_daily_work_never_reads_a_whole_table_that_grows(full: Running) -> None:
    with recorded() as sent:
        _one_lead_takes_the_whole_way(full)
        full.let_time_pass(20, 10)

    assert {"event", "lead", "delivery"} <= {word for one in sent for word in _about(one.statement)}
    assert not whole_tables(full.ledger, sent)


def test_a_page_of_a_listing_never_reads_a_whole_table_that_grows(full: Running) -> None:
    with recorded() as sent:
        for command in PAGES:
            done = full.command(*command.split())
            assert done.exit_code == 0, done.output

    assert not whole_tables(full.ledger, sent)


def _one_lead_takes_the_whole_way(gateway: Running) -> None:
    gateway.post_website(name="Mira Sample", phone="+919811112222", interest="Villa")
    gateway.post_website(name="Mira Sample", phone="+919811112222", interest="Villa")  # a duplicate
    wait_for(lambda: len(gateway.calls()), lambda count: count == 2)
    gateway.wait_until_nothing_is_out()


def _about(statement: str) -> list[str]:
    return [name[:-1] if name != "deliveries" else "delivery" for name in sorted(GROWING) if name in statement]


def whole_tables(ledger: Ledger, sent: list[Sent]) -> list[str]:
    """The statements that read a whole growing table, each with what the database says of it."""
    with ledger.read() as connection:
        few = _short_indexes(connection)
        look = _sqlite_scans if ledger.on_sqlite else _postgresql_scans
        found = [(one, look(connection, one, few)) for one in sent]
    return [f"{', '.join(scans)}: {one.statement}" for one, scans in found if scans]


def _short_indexes(connection: Connection) -> set[str]:
    """The partial indexes that hold few rows however many are stored."""
    partial = {
        str(index.name): f"SELECT count(*) FROM {table.name} WHERE {where}"
        for table in metadata.tables.values()
        for index in table.indexes
        if (where := index.dialect_options["sqlite"].get("where")) is not None
    }
    return {name for name, count in partial.items() if connection.execute(text(count)).scalar_one() <= FEW}


def _sqlite_scans(connection: Connection, sent: Sent, few: set[str]) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sent.statement}", sent.parameters)
    steps = [row[3] for row in plan]
    sorted_after = any(step.startswith("USE TEMP B-TREE FOR ORDER BY") for step in steps)
    if " WHERE " not in sent.statement and "LIMIT" in sent.statement and not sorted_after:
        return []  # the newest of all: it walks an index and stops
    steps = [step for step in steps if not _is_part(step.removeprefix("SCAN "), sent.statement)]
    if sent.statement.startswith("INSERT"):  # what a foreign key would have to look through, were one broken: it is not
        steps = [step for step in steps if step.split()[1] in sent.statement]
    return [step for step in steps if _is_whole(step.split(), few)]


def _is_part(name: str, statement: str) -> bool:
    """Whether something is a part of the statement, whose own tables have steps of their own."""
    return f") AS {name}" in statement or f" {name}(" in statement


def _is_whole(words: list[str], few: set[str]) -> bool:
    """Whether a step of SQLite's plan reads all of a growing table; an alias may stand for any."""
    if words[0] != "SCAN" or words[1] in _SMALL or not words[1].isidentifier():
        return False
    return words[1] != "CONSTANT" and words[-1] not in few


#: Tables that do not grow with what comes in.
_SMALL = frozenset({"alembic_version", *metadata.tables}) - GROWING


def _postgresql_scans(connection: Connection, sent: Sent, few: set[str]) -> list[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sent.statement}", sent.parameters).scalar_one()
    [whole] = json.loads(plan) if isinstance(plan, str) else plan
    return list(_walk(whole["Plan"], few, stops=False))


def _walk(node: dict[str, Any], few: set[str], *, stops: bool) -> Iterator[str]:
    """The nodes that read all of a growing table. `stops`: a limit above ends them early."""
    kind, table = node["Node Type"], node.get("Relation Name", "")
    if kind == "Seq Scan" and table in GROWING:
        yield f"{kind} on {table}"
    by_itself = kind in _BY_INDEX and "Index Cond" not in node and node["Index Name"] not in few
    if by_itself and not stops:
        yield f"{kind} of the whole {node['Index Name']}"
    for below in node.get("Plans", ()):
        yield from _walk(below, few, stops=kind == "Limit" or (stops and kind != "Sort"))


_BY_INDEX = ("Index Scan", "Index Only Scan", "Bitmap Index Scan")
