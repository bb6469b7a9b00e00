"""Replay many, in short transactions; or say what it would come to."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

import click
from sqlalchemy import Connection

from gateway.cli.common import Context, lines, show
from gateway.cli.replay.typed import Typed
from gateway.pipeline.publishing import load_live
from gateway.pipeline.replaying import Replayed, replay
from gateway.pipeline.replaying.rehearsing import rehearse
from gateway.store.rows import batches

#: Replays that share one commit.
BATCH = 100

Done = TypeVar("Done")


def carry_out(context: Context, names: Sequence[str], typed: Typed) -> list[Replayed]:
    """Replay them all."""

    def do(connection: Connection, batch: Sequence[str]) -> list[Replayed]:
        return [one for name in batch for one in replay(connection, name, typed.wish)]

    return _each(context, names, "replaying", do)


def foretell(context: Context, names: Sequence[str], typed: Typed) -> None:
    """Say what would be done with each, and count what the limits would say."""
    live = load_live(context.ledger, context.settings)

    def do(connection: Connection, batch: Sequence[str]) -> list[tuple[Replayed, str]]:
        return rehearse(connection, batch, typed.wish, live)

    found = _each(context, names, "looking", do)
    rows = [
        {"id": one.id, "done": "not yet" if one.done else "no", "what": one.told, "then": then} for one, then in found
    ]
    show(rows, as_json=typed.as_json, empty="Nothing would be replayed.")
    if not typed.as_json:
        counts = Counter(then for _one, then in found)
        lines(["", *(f"{count:>6} {then}" for then, count in counts.most_common()), "Nothing was changed."])


def _each(
    context: Context, names: Sequence[str], label: str, do: Callable[[Connection, Sequence[str]], list[Done]]
) -> list[Done]:
    done: list[Done] = []
    with click.progressbar(length=len(names), label=label, file=sys.stderr, hidden=len(names) <= BATCH) as bar:
        for batch in batches(names, BATCH):
            with context.ledger.write("replay") as connection:
                done += do(connection, batch)
            bar.update(len(batch))
    return done
