"""`gateway stats`: how long it takes from the form to the message."""

from __future__ import annotations

from typing import Any

import click

from gateway.cli.common import Context, json_option, pass_context, show, to_json
from gateway.cli.moments import moment, span
from gateway.jsontext import clean
from gateway.store import times
from gateway.store.times import Times

#: The columns: half of the messages were as fast as this, nearly all of them, all of them.
_SHARES = (("p50", 0.5), ("p95", 0.95), ("worst", 1.0))


@click.command("stats")
@click.option("--since", metavar="TIME", help="Only leads that came since 7d, 12h or a day like 2026-11-01 (UTC).")
@click.option("--source", help="Only of this source.")
@json_option
@pass_context
def stats_command(context: Context, since: str | None, source: str | None, *, as_json: bool) -> None:
    """How long people wait for their first message, for each source.

    Counted is from the moment the form was sent, where the form tells it, else from its arrival here, until AiSensy
    took the call. "put off" are those among them that did not leave at once: they waited for their hour, were
    held, or were tried more than once.
    """
    start = moment(since, "--since") if since is not None else None
    with context.ledger.read() as connection:
        found = times.of(connection, start, clean(source or ""))
    if as_json:
        click.echo(to_json([_json(one) for one in found]))
        return
    whole = [*found, times.together(found)] if len(found) > 1 else found
    show([_row(one) for one in whole], as_json=False, empty="No leads yet." if since is None else "No lead since then.")


def _row(one: Times) -> dict[str, Any]:
    shares = {name: one.share(part) for name, part in _SHARES}
    return {
        "source": one.source,
        "leads": one.leads,
        "accepted": len(one.seconds),
        **{name: "" if seconds is None else span(seconds) for name, seconds in shares.items()},
        "put off": one.put_off,
        "counted from": _start(one),
    }


def _start(one: Times) -> str:
    """Whose word the start of the time is.

    >>> _start(Times("website", by_form=1, seconds=(1.0, 2.0)))
    "the form's own time (1), arrival (1)"
    """
    own, arrival = one.by_form, len(one.seconds) - one.by_form
    if own and arrival:
        return f"the form's own time ({own}), arrival ({arrival})"
    return "the form's own time" if own else "arrival" if arrival else ""


def _json(one: Times) -> dict[str, Any]:
    return {
        "source": one.source,
        "leads": one.leads,
        "accepted": len(one.seconds),
        "by_form": one.by_form,
        "put_off": one.put_off,
        "seconds": {name: one.share(part) for name, part in _SHARES},
    }


COMMANDS = (stats_command,)
