"""Commands about the books: replay what is in them, audit them."""

from __future__ import annotations

import sys

import click
from sqlalchemy import Connection

from gateway import clock
from gateway.cli.common import Context, ago, json_option, pass_context, show, to_json
from gateway.errors import GatewayError
from gateway.pipeline.replaying import Replayed, chosen, load_leads, read_id, replay, sent_already
from gateway.store import books
from gateway.store.rows import batches

#: Replays that share one commit.
BATCH = 100

#: Messages that left already and are named before they are sent once more.
SHOWN = 10


@click.command("replay")
@click.argument("ids", nargs=-1)
@click.option("--state", help="All in this state: unmapped, failed, unreadable, held, …")
@click.option("--source", help="With --state: only of this source.")
@click.option("--form", help="With --state: only of this form; '' for leads that name none.")
@click.option("--again", is_flag=True, help="Also what was sent already, or may have been: one more message.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_context
def replay_command(
    context: Context,
    ids: tuple[str, ...],
    state: str | None,
    source: str | None,
    form: str | None,
    *,
    again: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Process events, leads or deliveries again. IDS are e12, l34, d56; the running worker does it.

    Nobody is messaged twice unless you say --again. With --state, it first shows how many and how old.
    """
    if bool(ids) == bool(state):
        raise GatewayError("Name what to replay: ids like e12, l34, d56, or --state unmapped.")
    if ids and (source, form) != (None, None):
        raise GatewayError("--source and --form go with --state; an id names one thing already.")
    with context.ledger.read() as connection:
        names = list(ids) or chosen(connection, state or "", source=source, form=form)
        oldest = _oldest(connection, names)
        sent = [said for name in names for said in sent_already(connection, name)] if again else []
    if not names:
        click.echo("Nothing is in that state." if not as_json else "[]")
        return
    for said in sent[:SHOWN]:
        click.echo(said, err=True)
    if (state or again) and not yes:
        _confirm(names, oldest, len(sent))
    done = _replay(context, names, again=again)
    rows = [{"id": one.id, "done": "yes" if one.done else "no", "what": one.says} for one in done]
    show(rows, as_json=as_json, empty="Nothing was replayed.")
    sys.exit(0 if all(one.done for one in done) else 1)


def _replay(context: Context, names: list[str], *, again: bool) -> list[Replayed]:
    done: list[Replayed] = []
    with click.progressbar(length=len(names), label="replaying", file=sys.stderr, hidden=len(names) <= BATCH) as bar:
        for batch in batches(names, BATCH):
            with context.ledger.write() as connection:
                done += [one for name in batch for one in replay(connection, name, again=again)]
            bar.update(len(batch))
    return done


def _oldest(connection: Connection, names: list[str]) -> str:
    """How old the leads among them are; "" when there are none."""
    numbers = [number for kind, number in map(read_id, names) if kind == "l"]
    found = [lead.received for lead in load_leads(connection, numbers)]
    if len(found) == 1:
        return f", from {ago(found[0])}"
    return f", the oldest from {ago(min(found))}, the newest from {ago(max(found))}" if found else ""


def _confirm(names: list[str], oldest: str, sent: int) -> None:
    once_more = f" {sent} of their messages left already, and would be sent once more." if sent else ""
    question = f"{len(names)} to replay{oldest}.{once_more} Go on?"
    if not sys.stdin.isatty():
        raise GatewayError(f"{question} Add --yes to say so.")
    if not click.confirm(question):
        raise GatewayError("Nothing was replayed.")


@click.command("audit")
@json_option
@pass_context
def audit_command(context: Context, *, as_json: bool) -> None:
    """Prove that nothing disappeared. Counted are events, leads and first deliveries.

    Exit code 0: they balance. 1: they do not, and it says where.
    """
    with context.ledger.read() as connection:
        found = books.audit(connection)
    if as_json:
        click.echo(
            to_json({"at": clock.now(), "balanced": found.balanced} | _counts(found) | {"mistakes": found.mistakes})
        )
    else:
        for title, counts in _counts(found).items():
            parts = " + ".join(f"{count} {state}" for state, count in sorted(counts.items()))
            click.echo(f"{title:<18} {sum(counts.values()):>7} = {parts or '0'}")
        for mistake in found.mistakes:
            click.echo(f"wrong: {mistake}")
        click.echo("The books balance." if found.balanced else "The books do not balance.")
    sys.exit(0 if found.balanced else 1)


def _counts(found: books.Books) -> dict[str, dict[str, int]]:
    return {"events": found.events, "leads": found.leads, "planned leads": found.planned}


COMMANDS = (replay_command, audit_command)
