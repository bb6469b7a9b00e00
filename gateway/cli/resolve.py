"""`gateway resolve`: a person says what became of messages whose answer never came."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from gateway import clock
from gateway.cli.common import Context, json_option, pass_context, show
from gateway.cli.moments import moment
from gateway.errors import GatewayError
from gateway.model import Delivery, DeliveryState
from gateway.pipeline.replaying import read_id
from gateway.pipeline.resolving import Word, resolve
from gateway.store import deliveries
from gateway.store.rows import batches

#: Of a word, what it did, and what the question before says.
_DONE = {
    Word.SENT: "counts as sent",
    Word.NOT_SENT: "failed for good; its follow-ups end",
    Word.SEND_AGAIN: "is sent again, after all that is new",
}
_QUESTION = {
    Word.SENT: "{} will count as sent.",
    Word.NOT_SENT: "{} will count as failed for good.",
    Word.SEND_AGAIN: "{} will be sent again. Whoever did get it gets it twice.",
}


@click.command("resolve")
@click.argument("ids", nargs=-1)
@click.argument("word", type=click.Choice([str(word) for word in Word]))
@click.option("--all-uncertain", "every", is_flag=True, help="All that are uncertain, instead of ids.")
@click.option("--since", metavar="TIME", help="With --all-uncertain: only what left since 2d, 3h or 2026-11-20 (UTC).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def resolve_command(
    context: Context, ids: tuple[str, ...], word: str, since: str | None, *, every: bool, yes: bool, as_json: bool
) -> None:
    """Say what became of messages that are uncertain: IDS are d12, d13, …

    sent: they arrived, so they count. not-sent: they did not, and nothing more is sent. send-again: they are sent
    once more, also to people who did get the first; this asks before, as --all-uncertain does.

    Exit code 0: all are settled. 1: some were not uncertain, and it says so.
    """
    said = Word(word)
    found = _chosen(context, ids, every=every, since=since)
    if found and (every or said is Word.SEND_AGAIN) and not yes:
        _ask(_QUESTION[said].format(f"{len(found)} message{'' if len(found) == 1 else 's'}"))
    rows = [_row(one, said, why) for one, why in zip(found, _resolved(context, found, said), strict=True)]
    show(rows, as_json=as_json, empty="Nothing is uncertain.")
    sys.exit(0 if all(row["done"] == "yes" for row in rows) else 1)


def _chosen(context: Context, ids: Sequence[str], *, every: bool, since: str | None) -> list[Delivery]:
    """What is named, or all that is uncertain; raises GatewayError when it is neither or both."""
    if bool(ids) == every:
        raise GatewayError("Name the messages (d12, d13), or say --all-uncertain.")
    if since and not every:
        raise GatewayError("--since goes with --all-uncertain.")
    after = moment(since, "--since") if since else None
    with context.ledger.read() as connection:
        if every:
            found = deliveries.listing(connection, state=DeliveryState.UNCERTAIN, limit=None)
            return [one for one in found if after is None or (one.left or one.created) >= after]
        numbers = [read_id(name, "d")[1] for name in ids]
        found = deliveries.load(connection, list(dict.fromkeys(numbers)))
    missing = set(numbers) - {one.id for one in found}
    if missing:
        raise GatewayError(f"There is no d{min(missing)} in the ledger.")
    return found


def _ask(sentence: str) -> None:
    """Go on after a yes; raises GatewayError without one."""
    if not sys.stdin.isatty():
        raise GatewayError(f"{sentence} Add --yes to say so.")
    if not click.confirm(f"{sentence} Go on?"):
        raise GatewayError("Nothing was resolved.")


def _resolved(context: Context, found: Sequence[Delivery], word: Word) -> list[str]:
    """Why each was not settled; "" for those that were."""
    said: list[str] = []
    for batch in batches(found, 100):
        with context.ledger.write("resolve") as connection:
            said += [resolve(connection, one, word, clock.now()) for one in batch]
    return said


def _row(one: Delivery, word: Word, why: str) -> dict[str, str]:
    return {"id": f"d{one.id}", "done": "no" if why else "yes", "what": why or _DONE[word]}


COMMANDS = (resolve_command,)
