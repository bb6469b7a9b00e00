"""Commands about mappings: test and filters. Neither sends anything."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway import samples
from gateway.cli.common import Context, json_option, pass_context, show
from gateway.cli.folder import invented, live_in
from gateway.errors import GatewayError
from gateway.mapping.filters import catalogue
from gateway.pipeline.planning import Live
from gateway.settings import Settings


@click.command("test")
@click.option("--update", is_flag=True, help="Write the expected files anew; read the change in `git diff`.")
@click.option("--samples", "folder", type=click.Path(path_type=Path), default=Path("samples"), show_default=True)
@pass_context
def test_command(context: Context, folder: Path, *, update: bool) -> None:
    """Run every sample through the mappings and compare the plans with the expected ones.

    Exit code 0: all as expected. 1: something differs. 2: could not run.
    """
    found = samples.load_all(folder)
    if not found:
        raise GatewayError(f"There are no samples below {folder}.")
    live, settings = live_in(context), invented(context.settings)
    different = [sample.name for sample in found if not _as_expected(sample, live, settings, update=update)]
    if update:
        click.echo(f"{len(found)} samples, {len(different)} expected files written")
        return
    click.echo(f"{len(found)} samples, {len(found) - len(different)} as expected, {len(different)} different")
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
    """List the filters a mapping may use after `|`, each with examples."""
    rows = [
        {"filter": f"{one.name} {one.argument}".strip(), "what it does": one.says, "example": _example(one.examples)}
        for one in catalogue()
    ]
    show(rows, as_json=as_json, empty="There are no filters.")


def _example(examples: tuple[tuple[str, str, str], ...]) -> str:
    before, written, after = examples[0]
    return f"{before} | {written} → {after}"


COMMANDS = (test_command, filters)
