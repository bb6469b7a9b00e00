"""Before a replay: how many, how old, who was messaged already; and a yes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import click
from sqlalchemy import Connection

from gateway.cli.common import ago
from gateway.cli.replay.typed import Typed
from gateway.errors import GatewayError
from gateway.pipeline.replaying import read_id, sent_already
from gateway.store import chosen

#: Messages that left already and are named before they are sent once more.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Question:
    """What a person should know before they say yes."""

    text: str  #: "": nothing to ask.
    sent: tuple[str, ...] = ()  #: Who was messaged already, a sentence each.


def question(connection: Connection, names: Sequence[str], typed: Typed) -> Question:
    """What to ask before these are replayed."""
    sent = tuple(said for name in names for said in sent_already(connection, name)) if typed.wish.again else ()
    if not typed.asks or typed.dry_run:
        return Question("", sent)
    once_more = f" {len(sent)} of their messages left already, and would be sent once more." if sent else ""
    changed = ", ".join(f"{edit.name or 'the phone number'} becomes '{edit.text}'" for edit in typed.wish.edits)
    lifted = f" These limits are lifted for them: {', '.join(typed.wish.despite)}." if typed.wish.despite else ""
    edits = f" In each {changed}." if changed else ""
    ages = _ages(list(chosen.came(connection, [read_id(name) for name in names])))
    return Question(f"{len(names)} to replay{ages}.{once_more}{edits}{lifted} Go on?", sent)


def _ages(found: Sequence[datetime]) -> str:
    """How old the leads among them are; "" when there are none."""
    if len(found) == 1:
        return f", from {ago(found[0])}"
    return f", the oldest from {ago(min(found))}, the newest from {ago(max(found))}" if found else ""


def warn(asked: Question, *, yes: bool) -> None:
    """Name who was messaged already, and ask. Raises GatewayError without a yes."""
    for said in asked.sent[:SHOWN]:
        click.echo(said, err=True)
    if not asked.text or yes:
        return
    if not sys.stdin.isatty():
        raise GatewayError(f"{asked.text} Add --yes to say so.")
    if not click.confirm(asked.text):
        raise GatewayError("Nothing was replayed.")


def nothing(typed: Typed) -> None:
    """Say that nothing is like that."""
    says = "Nothing is in that state." if typed.like.state else "Nothing is like that."
    click.echo("[]" if typed.as_json else says)
