"""`gateway history` and `gateway restore`: every text of a mapping that was ever live."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import click
from sqlalchemy import Connection

from gateway.cli.common import Context, json_option, limit_option, pass_context, show, to_json
from gateway.cli.history.restoring import restore
from gateway.errors import GatewayError
from gateway.pipeline.origins import SIGNS
from gateway.pipeline.texts import Named, before, change_of, changes_of, counted, difference, read_name
from gateway.store import versions
from gateway.store.versions import Change, appeared


@click.command()
@click.argument("names", nargs=-1, metavar="[FILE[@VERSION]]...")
@click.option("--diff", "wants_diff", is_flag=True, help="What the last change (or that of @VERSION) changed.")
@limit_option
@json_option
@pass_context
def history(context: Context, names: tuple[str, ...], limit: int, *, wants_diff: bool, as_json: bool) -> None:
    """List the mappings that were ever live. Of one FILE: every version.

    FILE@3 prints the text of version 3 (the start of its hash will do, too), FILE --diff shows what its last
    change changed, and FILE@2 FILE@5 what lies between two versions.
    """
    named = [read_name(name) for name in names]
    with context.ledger.read() as connection:
        if not named:
            show(_files(connection)[:limit], as_json=as_json, empty="No mapping was ever live.")
        elif wants_diff or len(named) > 1:
            _show_difference(connection, named, as_json=as_json)
        elif named[0].version:
            _show_text(connection, named[0], as_json=as_json)
        else:
            show(_versions(connection, named[0].file)[:limit], as_json=as_json, empty="")


def _files(connection: Connection) -> list[dict[str, Any]]:
    """One row a file, that which changed last first."""
    found = versions.changes(connection)
    rows = [
        {
            "file": file,
            "versions": len(changes),
            "newest": changes[-1].number,
            "changed": changes[-1].at,
            "hash": changes[-1].hash[:SIGNS],
            "state": "live" if changes[-1].hash else "gone",
        }
        for file, changes in found.items()
    ]
    return sorted(rows, key=lambda row: (-row["newest"], row["file"]))


def _versions(connection: Connection, file: str) -> list[dict[str, Any]]:
    """One row a version, the newest first."""
    changes = changes_of(connection, file)
    planned = versions.planned_by(connection, file)
    texts = ["", *(versions.text_of(connection, change.hash) for change in changes)]
    rows = []
    for change, (old, new) in zip(changes, pairwise(texts), strict=True):
        added, removed = counted(old, new)
        made = [count for number, count in planned.items() if appeared(changes, number) == change]
        rows.append(_version(change) | {"added": added, "removed": removed, "planned": sum(made)})
    rows[-1]["state"] = rows[-1]["state"] or "live"
    return rows[::-1]


def _version(change: Change) -> dict[str, Any]:
    return {
        "version": change.number,
        "changed": change.at,
        "hash": change.hash[:SIGNS],
        "state": "" if change.hash else "gone",
    }


def _show_text(connection: Connection, named: Named, *, as_json: bool) -> None:
    change = change_of(named, changes_of(connection, named.file))
    text = versions.text_of(connection, change.hash)
    if as_json:
        click.echo(to_json({"file": named.file} | _version(change) | {"text": text}))
    else:
        click.echo(text, nl=not text.endswith("\n"))


def _show_difference(connection: Connection, named: Sequence[Named], *, as_json: bool) -> None:
    (old_name, old), (new_name, new) = _two(connection, named)
    diff = difference(old, new, old_name, new_name)
    if as_json:
        added, removed = counted(old, new)
        click.echo(to_json({"old": old_name, "new": new_name, "added": added, "removed": removed, "diff": diff}))
    else:
        click.echo(diff or f"{old_name} and {new_name} say the same.")


def _two(connection: Connection, named: Sequence[Named]) -> list[tuple[str, str]]:
    """Name and text of what is compared: two that are named, or one and the version before it."""
    if len(named) > len(("old", "new")):
        raise GatewayError("Name two versions at most: website.yaml@2 website.yaml@5.")
    changes = [changes_of(connection, one.file) for one in named]
    found = [_wanted(one, its) for one, its in zip(named, changes, strict=True)]
    files = [one.file for one in named]
    if len(named) == 1:
        earlier = before(found[0], changes[0])
        found, files = [earlier or Change(0, found[0].at, ""), *found], files * 2
    return [
        (f"{file}@{one.number}" if one.number else "nothing", versions.text_of(connection, one.hash))
        for file, one in zip(files, found, strict=True)
    ]


def _wanted(named: Named, changes: Sequence[Change]) -> Change:
    """The version that is named; without one the newest, even if the file went away in it."""
    return change_of(named, changes) if named.version else changes[-1]


COMMANDS = (history, restore)
