"""What WhatsApp told of the messages that were sent."""

from __future__ import annotations

from typing import Any

import click

from gateway import phone
from gateway.cli.common import Context, json_option, limit_option, pass_context, phones_option, shorten, show
from gateway.errors import Unreadable
from gateway.outbound.receipts import Kind, read
from gateway.store import receipts as store
from gateway.store.receipts import Stored

STATES = ("new", "read", "ignored", "unreadable")

NONE = """No receipts yet. They come when AiSensy's project webhook posts to /hooks/aisensy and
AISENSY_WEBHOOK_SECRET (or AISENSY_WEBHOOK_TOKEN) is set; without them the gateway works the same."""


@click.command()
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--kind", type=click.Choice([str(kind) for kind in Kind]), help="Only these.")
@limit_option
@phones_option
@json_option
@pass_context
def receipts(context: Context, state: str, kind: str, limit: int, *, phones: bool, as_json: bool) -> None:
    """List what WhatsApp told of our messages, the newest first. Sent, delivered, read, failed, and replies."""
    with context.ledger.read() as connection:
        found = store.listing(connection, state=state or "", kind=kind or "", limit=limit)
    rows = [_row(one, phones=phones) for one in found]
    show(
        rows if as_json else [_shown(row) for row in rows],
        as_json=as_json,
        empty="None of these." if state or kind else NONE,
    )


def _row(one: Stored, *, phones: bool) -> dict[str, Any]:
    return {
        "id": f"r{one.id}",
        "came": one.received,
        "happened": one.happened,
        "kind": one.kind,
        "phone": one.number if phones else phone.mask(one.number),
        "campaign": one.campaign,
        "delivery": f"d{one.delivery_id}" if one.delivery_id else "",
        "state": one.state,
        "says": shorten(one.reason or _text(one), 70),
    }


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """For people: that the gateway has read it says nothing, and looks like the person having read the message."""
    return row | {"state": ""} if row["state"] == "read" else row


def _text(one: Stored) -> str:
    """What a person replied; it stands in the body alone."""
    if one.kind != Kind.REPLY:
        return ""
    try:
        return read(one.body).text
    except Unreadable:  # erased
        return ""


COMMANDS = (receipts,)
