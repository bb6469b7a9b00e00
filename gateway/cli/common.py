"""What several commands share: settings, the ledger, tables for people and JSON for programs."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import click
from tabulate import tabulate

from gateway import clock, crash
from gateway.app import open_ledger
from gateway.settings import Settings
from gateway.store.ledger import Ledger


@dataclass
class Context:
    """What every command may ask for."""

    no_env: bool = False

    @cached_property
    def settings(self) -> Settings:
        settings = Settings.load({}, None) if self.no_env else Settings.load()
        clock.follow(settings.clock_file)
        crash.follow(settings.crash_file)
        return settings

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger, which must be there already."""
        ledger = open_ledger(self.settings, must_exist=True)
        click.get_current_context().find_root().call_on_close(ledger.close)
        ledger.check_version()
        return ledger

    @property
    def mappings(self) -> Path:
        return Path(self.settings.text("GATEWAY_MAPPINGS"))


#: No column of a table is made narrower than this, in characters.
NARROWEST = 12

pass_context = click.make_pass_decorator(Context)

json_option = click.option("--json", "as_json", is_flag=True, help="JSON for programs, instead of a table.")
phones_option = click.option("--phones", is_flag=True, help="Show phone numbers in full.")
limit_option = click.option("--limit", default=50, show_default=True, help="At most this many, the newest first.")


def show(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print rows as a table for people, or as JSON."""
    if as_json:
        click.echo(to_json(rows))
    elif not rows:
        click.echo(empty)
    else:
        click.echo(table(rows))


def table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows in columns; on a terminal no wider than it is, with long texts broken inside their column."""
    words = [{key: _word(value) for key, value in row.items()} for row in rows]
    widths = _fitting(words, shutil.get_terminal_size().columns) if sys.stdout.isatty() and words else None
    return tabulate(words, headers="keys", tablefmt="simple", disable_numparse=True, maxcolwidths=widths)


def _fitting(rows: Sequence[Mapping[str, str]], room: int) -> list[int]:
    """How wide each column may be so that all fit into `room` characters: the widest give way, down to NARROWEST.

    >>> _fitting([{"id": "l1", "reason": "a" * 70, "rule": "b" * 30}], 80)
    [2, 44, 30]
    """
    widths = {key: max(len(key), *(len(row[key]) for row in rows)) for key in rows[0]}
    while sum(widths.values()) + 2 * (len(widths) - 1) > room:
        widest = max(widths, key=widths.__getitem__)
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return list(widths.values())


def to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return str(value)


def _word(value: Any) -> str:
    if isinstance(value, datetime):
        return ago(value)
    return "" if value is None else str(value)


def ago(moment: datetime) -> str:
    """How long ago (or how soon) something is: "3 min ago", "in 2 h"."""
    seconds = (clock.now() - moment).total_seconds()
    size, unit = next(
        (size, unit) for size, unit in ((86400, "days"), (3600, "h"), (60, "min"), (0, "s")) if abs(seconds) >= size
    )
    count = round(abs(seconds) / (size or 1))
    time = f"{count} {'day' if (count, unit) == (1, 'days') else unit}"
    return f"in {time}" if seconds < -1 else f"{time} ago"


def soon(moment: datetime) -> str:
    """When something happens by itself: "in 2 h", or "now"."""
    return ago(moment) if moment > clock.now() else "now"


def shorten(text: str, width: int = 60) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def lines(items: Iterable[str]) -> None:
    for item in items:
        click.echo(item)
