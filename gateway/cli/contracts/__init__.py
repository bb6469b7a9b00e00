"""`gateway contracts`: what each campaign wants, asked, written down and listed."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.cli.common import Context, json_option, lines, pass_context, show, to_json
from gateway.cli.contracts import listing
from gateway.cli.contracts.asking import ask
from gateway.cli.folder import Files, folder_of, ledger_if_any
from gateway.errors import GatewayError
from gateway.mapping.contracts import together, words
from gateway.mapping.reader.contracts import MAX_PARAMS, read_contracts, write_contracts
from gateway.mapping.reader.problems import did_you_mean
from gateway.model import Contract, Media, Seen
from gateway.pipeline.campaigns import User, campaigns_of
from gateway.pipeline.writing import write_whole


@click.group("contracts", invoke_without_command=True)
@json_option
@pass_context
def contracts_command(context: Context, *, as_json: bool) -> None:
    """List what each campaign wants, and which rules call it. It stands in contracts.yaml, beside the mappings.

    With a ledger there, AiSensy's last word is shown too, and how many deliveries are held.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return
    files = folder_of(context)
    rows = listing.rows(locked(files), _users(context, files), ledger_if_any(context))
    empty = "No campaign is known yet; `gateway contracts fetch` asks AiSensy about those of the mappings."
    show(rows if as_json else [listing.row(each) for each in rows], as_json=as_json, empty=empty)


def locked(files: Files) -> dict[str, Contract]:
    """What `contracts.yaml` says; raises when something is wrong with it."""
    known, problems = files.contracts()
    if problems:
        raise GatewayError("\n".join([*map(str, problems), "Mend this first; `gateway check` shows it too."]))
    return known


def _users(context: Context, files: Files) -> dict[str, list[User]]:
    """Campaign → the rules that call it. Files that cannot be read are named on stderr."""
    good, _problems = files.read(context.settings)
    for file in sorted(set(files.mappings) - set(good)):
        click.echo(f"{file} has problems, so its campaigns are left out; `gateway check` shows them.", err=True)
    return campaigns_of(good)


@contracts_command.command("fetch")
@click.argument("names", nargs=-1)
@json_option
@pass_context
def fetch(context: Context, names: tuple[str, ...], *, as_json: bool) -> None:
    """Ask AiSensy what campaigns want, and write it into contracts.yaml: those named, or all that mappings call.

    AiSensy does not tell the kind of media: a kind that a person set stays. Nothing is sent.

    Exit code 0: all were learned. 1: some were not, and it says why. 2: could not run.
    """
    files = folder_of(context)
    known = locked(files)
    wanted = set(names) or {*_users(context, files), *known}
    if not wanted:
        raise GatewayError("There is no campaign to ask about: no mapping names one. Or name it behind `fetch`.")
    seen = ask(context.settings, wanted)
    files = folder_of(context)  # asking takes its time, and others write there too
    known = locked(files)
    now = together(known, {name: one.contract for name, one in seen.items() if one.contract})
    _write(files, known, now)
    rows = [_fetched(name, seen[name], known.get(name), now.get(name)) for name in sorted(seen)]
    lines([to_json(rows)] if as_json else map(_fetched_line, rows))
    sys.exit(0 if all(row["learned"] for row in rows) else 1)


def _fetched(name: str, seen: Seen, was: Contract | None, now: Contract | None) -> dict[str, Any]:
    """One campaign's row: what is in the file now, what was, and what AiSensy said."""
    return {
        "campaign": name,
        "learned": seen.contract is not None,
        "changed": was != now,
        **_plain(now),
        "was": _plain(was) if was else None,
        "missing": seen.missing,
        "status": seen.status,
        "says": seen.says,
    }


def _plain(contract: Contract | None) -> dict[str, Any]:
    return {"params": contract.params, "media": str(contract.media)} if contract else {"params": None, "media": None}


def _fetched_line(row: Mapping[str, Any]) -> str:
    if not row["learned"]:
        why = "AiSensy knows no campaign of this name" if row["missing"] else f"not learned: {row['says']}"
        kept = "; its entry in contracts.yaml stays as it is" if row["params"] is not None else ""
        return f"{row['campaign']}: {why}{kept}"
    status = f"; AiSensy calls it {row['status']}" if row["status"] else ""
    return f"{row['campaign']}: {words(_contract(row))} ({_change(row)}){status}"


def _change(row: Mapping[str, Any]) -> str:
    if not row["changed"]:
        return "as before"
    return f"was {words(_contract(row['was']))}" if row["was"] else "new"


def _contract(row: Mapping[str, Any]) -> Contract:
    return Contract(row["params"], Media(row["media"]))


@contracts_command.command("set")
@click.argument("name")
@click.option("--params", type=click.IntRange(0, MAX_PARAMS), help="How many templateParams it wants.")
@click.option("--media", type=click.Choice([str(kind) for kind in Media]), help="What stands above its text.")
@pass_context
def set_command(context: Context, name: str, params: int | None, media: str | None) -> None:
    """Write down what a campaign wants, as you see it in AiSensy.

    For a campaign that contracts.yaml has already, what you leave out stays as it is.
    """
    files = folder_of(context)
    known = locked(files)
    was = known.get(name)
    if params is None and media is None:
        raise GatewayError("Say what it wants: --params with a number, --media with a kind, or both.")
    if was is None and (params is None or media is None):
        raise GatewayError(f"contracts.yaml does not have campaign '{name}' yet, so write both --params and --media.")
    before = was or Contract(0)
    now = Contract(before.params if params is None else params, Media(media) if media else before.media)
    _write(files, known, known | {name: now})
    click.echo(_fetched_line(_fetched(name, Seen(now), was, now)))
    _doubt(name, [*_users(context, files), *known])


def _doubt(name: str, others: Iterable[str]) -> None:
    """Say so when no mapping names a campaign, and another name is near."""
    others = set(others)
    near = did_you_mean(name, others - {name})
    if name not in others and near:
        click.echo(f"No mapping calls campaign '{name}'{near}", err=True)


@contracts_command.command("forget")
@click.argument("name")
@pass_context
def forget(context: Context, name: str) -> None:
    """Take a campaign out of contracts.yaml: one that is no longer used.

    Rules that still call it are then not checked, and their calls are sent all the same.
    """
    files = folder_of(context)
    known = locked(files)
    if name not in known:
        raise GatewayError(f"contracts.yaml does not have campaign '{name}'{did_you_mean(name, known) or '.'}")
    _write(files, known, {other: contract for other, contract in known.items() if other != name})
    click.echo(f"{name} is out of contracts.yaml; it said {words(known[name])}")


def _write(files: Files, known: Mapping[str, Contract], now: Mapping[str, Contract]) -> None:
    """Write `contracts.yaml` if it changes; raises when a name in it cannot be written down."""
    if now == known and files.lock is not None:
        return
    text = write_contracts(now)
    odd = [name for name in now if read_contracts("", write_contracts({name: now[name]}))[0] != {name: now[name]}]
    if odd:
        raise GatewayError(f"'{odd[0]}' cannot be a campaign's name; write it exactly as it stands in AiSensy.")
    write_whole(Path(files.lock_path), text)


COMMANDS = (contracts_command,)
