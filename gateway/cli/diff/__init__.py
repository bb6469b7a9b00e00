"""`gateway diff`: who would get what instead, before a change goes live."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from sqlalchemy import Connection

from gateway import clock
from gateway.cli.common import Context, json_option, pass_context, to_json
from gateway.cli.diff.as_json import as_json
from gateway.cli.diff.as_text import as_text
from gateway.cli.diff.found import Expected, Found, Sides
from gateway.cli.moments import moment
from gateway.errors import GatewayError
from gateway.jsontext import clean
from gateway.mapping.reader.choose import unfinished
from gateway.mapping.reader.problems import did_you_mean
from gateway.pipeline.beside import only_mappings
from gateway.pipeline.differing import Kind
from gateway.pipeline.planning import Live
from gateway.pipeline.publishing import candidate, read_folder, told
from gateway.pipeline.radius import Chosen, compare
from gateway.settings import Settings
from gateway.store import versions
from gateway.store.window import Window

#: How many leads are compared when nothing says how many.
LAST = 200

#: More leads than any ledger holds; a database takes no number of any size.
MOST = 1_000_000_000

#: The changes that a person may expect.
_KINDS = (Kind.CAMPAIGN, Kind.TEXT, Kind.FOLLOW_UPS, Kind.SOMETHING, Kind.NOTHING)


@dataclass(frozen=True, slots=True)
class _Options:
    """What was typed."""

    last: int | None
    since: str | None
    source: str | None
    form: str | None
    mappings: Path | None
    version: int | None
    expect: tuple[str, ...]
    everyone: bool
    phones: bool
    as_json: bool

    @property
    def window(self) -> Window:
        since = None if self.since is None else moment(self.since, "--since")
        last = self.last if self.last or since else LAST
        return Window(last, since, clean(self.source or ""), clean(self.form or ""))


@click.command()
@click.option(
    "--last", type=click.IntRange(1, MOST), help=f"Compare this many stored leads, the newest.  [default: {LAST}]"
)
@click.option("--since", metavar="TIME", help="Instead: those since 7d, 12h or a day like 2026-11-01 (UTC).")
@click.option("--source", help="Only leads of this source.")
@click.option("--form", help="Only leads of this form.")
@click.option("--mappings", type=click.Path(path_type=Path), help="A folder of drafts, instead of the mapping folder.")
@click.option("--from", "version", type=int, metavar="VERSION", help="Compare this older version with the live one.")
@click.option("--expect", multiple=True, metavar="KIND[:RULE]", help="A change that is meant; may be given often.")
@click.option("--all", "everyone", is_flag=True, help="Name everyone, not the first few (--json always does).")
@click.option("--phones", is_flag=True, help="Show phone numbers in full.")
@json_option
@pass_context
def diff(context: Context, /, **typed: Any) -> None:
    """Say who would get what instead, before a change goes live.

    Stored leads are run through the mappings that are live and through the changed ones: those of the mapping
    folder, or of a folder of drafts. Messages that have not left, and would follow the change, are all counted.
    Nothing is sent and nothing is changed.

    A running gateway takes a change of the mapping folder within a second. So write drafts in a copy of the
    folder (--mappings drafts), or look afterwards: --from 3 compares version 3 with the live one (`gateway history`
    lists the versions).

    KIND is campaign, text, follow-ups, something (instead of nothing) or nothing (instead of something). RULE is the
    new rule's name, or the old one's where no rule takes the lead now; without it, every rule is meant.

    Exit code 0: nothing changes, or only what --expect names. 1: something else changes. 2: could not run.
    """
    options = _Options(**typed)
    with context.ledger.read() as connection:
        sides = _sides(context, connection, options)
        expected = [_expected(text, sides) for text in options.expect]
        found = _found(connection, sides, options, expected)
    click.echo(to_json(as_json(found)) if options.as_json else as_text(found))
    sys.exit(1 if found.unexpected else 0)


def _found(connection: Connection, sides: Sides, options: _Options, expected: list[Expected]) -> Found:
    started = clock.monotonic()
    chosen = Chosen.of(connection, options.window)
    hidden = not sys.stderr.isatty()
    everyone = options.everyone or options.as_json
    with click.progressbar(length=len(chosen), label="comparing", file=sys.stderr, hidden=hidden) as bar:
        radius = compare(connection, chosen, sides.before, sides.after, everyone=everyone, tick=bar.update)
    seconds = clock.monotonic() - started
    return Found(sides, radius, expected, seconds, everyone=everyone, phones=options.phones)


def _sides(context: Context, connection: Connection, options: _Options) -> Sides:
    settings = context.settings
    live, live_files = versions.live(connection)
    version, files = (live, live_files) if options.version is None else _older(connection, options.version, live)
    before = Live.of(version, files, settings)
    if options.version is not None and options.mappings is None:
        return Sides(before, Live.of(live, live_files, settings), live, "", _changed(files, live_files))
    folder = options.mappings or context.mappings
    drafts = _drafts(connection, folder, live_files, settings)
    return Sides(before, Live.of(0, drafts, settings), live, str(folder), _changed(files, drafts))


def _older(connection: Connection, version: int, live: int) -> tuple[int, dict[str, str]]:
    known = [one.number for one in versions.listing(connection)]
    if version not in known:
        raise GatewayError(f"There is no version {version} of the mappings; `gateway history` lists them.")
    if version == live:
        raise GatewayError(f"Version {version} is the live one; name an older one, `gateway history` lists them.")
    return version, versions.files_of(connection, version)


def _drafts(connection: Connection, folder: Path, live: dict[str, str], settings: Settings) -> dict[str, str]:
    """The files that would be live if those of `folder` were published now; raises with their mistakes."""
    if not folder.is_dir():
        raise GatewayError(f"There is no folder {folder}; name the one with your mappings by --mappings.")
    found = read_folder(folder)
    if not only_mappings(found):
        raise GatewayError(f"There is no mapping in {folder}: a mapping is a file that ends in .yaml.")
    files, problems = candidate(found, live, told(connection), settings)
    open_places = {name for name, content in found.items() if unfinished(content)}
    wrong = [f"{folder}/{each}" for each in problems if not each.warning and each.file not in open_places]
    if wrong:
        raise GatewayError("\n".join([*wrong, "Mend these first: nothing was compared."]))
    return files


def _changed(before: dict[str, str], after: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in before | after if before.get(name) != after.get(name)))


def _expected(text: str, sides: Sides) -> Expected:
    kind, _, rule = (part.strip() for part in text.partition(":"))
    if kind not in _KINDS:
        raise GatewayError(f"--expect '{text}': '{kind}' is none of {', '.join(_KINDS)}.")
    known = _rules((sides.before, sides.after))
    if rule and rule not in known:
        near = did_you_mean(rule, known) or "."
        raise GatewayError(f"--expect '{text}': no rule is called '{rule}', neither before nor after{near}")
    return Expected(Kind(kind), rule)


def _rules(lives: Iterable[Live]) -> set[str]:
    return {rule.name for live in lives for mapping in live.mappings for rule in mapping.rules}


COMMANDS = (diff,)
