"""Commands about mappings: test and filters. Neither sends anything."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from gateway import samples
from gateway.cli.common import Context, json_option, lines, pass_context, to_json
from gateway.cli.folder import live_in
from gateway.errors import GatewayError
from gateway.mapping.filters import FilterHelp, catalogue
from gateway.pipeline.planning import Live
from gateway.settings import Settings


@click.command("test")
@click.option("--update", is_flag=True, help="Write the expected files anew; read the change in `git diff`.")
@click.option("--samples", "folder", type=click.Path(path_type=Path), default=Path("samples"), show_default=True)
@pass_context
def test_command(context: Context, folder: Path, *, update: bool) -> None:
    """Run the samples through the mappings, and show what changed.

    Exit code 0: all as expected. 1: something differs. 2: could not run.
    """
    found = samples.load_all(folder)
    if not found:
        raise GatewayError(f"There are no samples below {folder}.")
    live, settings = live_in(context), samples.with_invented(context.settings)
    different = [sample.name for sample in found if not _as_expected(sample, live, settings, update=update)]
    samples_run = f"{len(found)} sample{'s' * (len(found) != 1)}"
    if update:
        files = f"{len(different)} expected file{'s' * (len(different) != 1)}"
        click.echo(f"{samples_run}, {files} written")
        return
    click.echo(f"{samples_run}, {len(found) - len(different)} as expected, {len(different)} different")
    if different:
        click.echo("If that is what you mean, `gateway test --update` writes it down.")
    sys.exit(1 if different else 0)


def _as_expected(sample: samples.Sample, live: Live, settings: Settings, *, update: bool) -> bool:
    outcome = samples.outcome(sample, live, settings)
    difference = samples.difference(sample, outcome)
    if difference and update:
        sample.expected_path.write_text(samples.text(outcome), encoding="utf-8")
    elif difference:
        click.echo(f"{sample.name}\n{difference}")
    return not difference


@click.command()
@json_option
def filters(*, as_json: bool) -> None:
    """List the filters a field may use after `|`, with examples."""
    if as_json:
        click.echo(to_json(list(map(_as_json, catalogue()))))
        return
    for one in catalogue():
        examples = [f"    {_example(*each)}" for each in one.examples]
        lines([f"{one.name} {one.argument}".rstrip(), f"  {one.says}", *examples, ""])


def _as_json(one: FilterHelp) -> dict[str, Any]:
    examples = [dict(zip(("text", "written", "gives"), each, strict=True)) for each in one.examples]
    return {"filter": one.name, "argument": one.argument, "what it does": one.says, "examples": examples}


def _example(before: str, written: str, after: str) -> str:
    shown = before if before == before.strip() else f"'{before}'"
    return f"{shown} | {written} → {after or '(empty)'}"


COMMANDS = (test_command, filters)
