"""`gateway alerts`: what was wrong with sending, since when, and until when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import click

from gateway import clock
from gateway.cli.common import Context, json_option, limit_option, pass_context, shorten, show
from gateway.cli.moments import span
from gateway.store import alerts, held
from gateway.store.alerts import Alert

_ABOUT = {alerts.TROUBLE: "AiSensy", alerts.DAY: "the day's calls"}


@click.command("alerts")
@limit_option
@json_option
@pass_context
def alerts_command(context: Context, limit: int, *, as_json: bool) -> None:
    """List what stopped or slowed sending: what goes on first, then what is over, each with its cause.

    It counts the messages that were kept back, each once.
    """
    with context.ledger.read() as connection:
        found, waiting = alerts.listing(connection, limit), held.waiting(connection, clock.now())
    rows = [_row(one, waiting) for one in found]
    show(rows if as_json else [_shown(row) for row in rows], as_json=as_json, empty="Nothing has been wrong so far.")


def _row(one: Alert, waiting: int) -> dict[str, Any]:
    """One alert for programs. What keeps back without holding is counted when it ends; before, all that waits is."""
    waits = one.ended is None and one.key in alerts.WITHOUT_A_HOLD
    return {
        "id": one.id,
        "about": _ABOUT.get(one.key, one.key),
        "cause": one.cause,
        "started": one.started,
        "ended": one.ended,
        "messages": waiting if waits else one.messages,
    }


def _shown(row: Mapping[str, Any]) -> dict[str, Any]:
    ended: datetime | None = row["ended"]
    lasted = span(max(((ended or clock.now()) - row["started"]).total_seconds(), 0.0))
    return {
        "about": row["about"],
        "began": row["started"],
        "lasted": lasted if ended else f"{lasted}, goes on",
        "messages": row["messages"],
        "cause": shorten(row["cause"], 70),
    }


COMMANDS = (alerts_command,)
