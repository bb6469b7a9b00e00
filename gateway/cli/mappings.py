"""Commands about mappings: check, test, explain, filters. None of them sends anything."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from gateway import samples
from gateway.cli import explaining
from gateway.cli.common import Context, json_option, pass_context, show, to_json
from gateway.errors import GatewayError
from gateway.inbound.source import names
from gateway.mapping.filters import catalogue
from gateway.mapping.reader.check import read_mappings
from gateway.model import Event, LeadState, Problem
from gateway.pipeline.planning import Live, fate
from gateway.pipeline.publishing import read_folder
from gateway.pipeline.replaying import read_id
from gateway.settings import Settings
from gateway.store import events, leads


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@json_option
@pass_context
def check(context: Context, files: tuple[Path, ...], *, as_json: bool) -> None:
    """Check mapping files (all of the mapping folder, if none is named) and show every mistake with its cure.

    Exit code 0: clean. 1: problems found. 2: could not run. Warnings do not count as problems.
    """
    texts = _contents(files) if files else _folder(context)
    good, problems = read_mappings(texts, version=context.settings.text("AISENSY_VERSION"), sources=names())
    if as_json:
        click.echo(to_json([_row(problem) for problem in problems]))
    else:
        for problem in problems:
            click.echo(problem)
        rules = sum(len(mapping.rules) for mapping in good.values())
        click.echo(_count(len(texts), rules, problems))
    sys.exit(1 if any(not problem.warning for problem in problems) else 0)


def _contents(files: tuple[Path, ...]) -> dict[str, bytes]:
    try:
        return {str(path): path.read_bytes() for path in files}
    except OSError as error:
        raise GatewayError(f"{error.filename} cannot be read: {error.strerror}.") from None


def _folder(context: Context) -> dict[str, bytes]:
    folder = context.mappings
    if not folder.is_dir():
        raise GatewayError(f"There is no folder {folder}; set GATEWAY_MAPPINGS, or name the files to check.")
    found = {str(folder / name): content for name, content in read_folder(folder).items()}
    if not found:
        raise GatewayError(f"There is no mapping in {folder}: a mapping is a file that ends in .yaml.")
    return found


def _row(problem: Problem) -> dict[str, object]:
    return {
        "file": problem.file,
        "line": problem.line,
        "column": problem.column,
        "sentence": problem.sentence,
        "warning": problem.warning,
    }


def _count(files: int, rules: int, problems: list[Problem]) -> str:
    warnings = sum(problem.warning for problem in problems)
    counts = [(files, "file"), (rules, "rule"), (len(problems) - warnings, "problem"), (warnings, "warning")]
    shown = counts if warnings else counts[:3]
    return ", ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in shown)


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
    live, settings = _live(context), invented(context.settings)
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


def _live(context: Context) -> Live:
    """The mappings of the folder; raises with the first mistakes when one cannot be used."""
    texts = _folder(context)
    _good, problems = read_mappings(texts, version=context.settings.text("AISENSY_VERSION"), sources=names())
    wrong = [str(problem) for problem in problems if not problem.warning]
    if wrong:
        raise GatewayError("\n".join([*wrong, "Mend these first; `gateway check` shows them all."]))
    return Live.of(0, {Path(name).name: content for name, content in texts.items()}, context.settings)


def invented(settings: Settings) -> Settings:
    """The settings, with invented secrets: samples are signed and asked for with nobody's real ones."""
    return Settings({**settings.values, **samples.INVENTED})


@click.command()
@click.argument("what")
@json_option
@pass_context
def explain(context: Context, what: str, *, as_json: bool) -> None:
    """Say what the mappings would send, and why, word by word.

    WHAT is a sample's file (samples/website/price-list--json.json) or a stored event (e12). Nothing is sent.
    """
    live = _live(context)
    explained = _sample(context, Path(what), live) if Path(what).is_file() else _stored(context, what, live)
    click.echo(to_json(explained.as_json()) if as_json else explained.as_text())


def _sample(context: Context, path: Path, live: Live) -> explaining.Explained:
    return explaining.Explained(*samples.run(samples.load(path), live, invented(context.settings)))


def _stored(context: Context, what: str, live: Live) -> explaining.Explained:
    """A stored event, with the answers that its look-ups brought."""
    event = _event(context, what)
    with context.ledger.read() as connection:
        stored = leads.of_event(connection, event.id)
    if not stored:
        return explaining.Explained(*samples.run(samples.Sample(Path(what), event, {}), live, context.settings))
    planned = [_planned(one, live) for one in stored]
    return explaining.Explained(event.state, event.reason, planned)


def _planned(stored: leads.StoredLead, live: Live) -> samples.Planned:
    if not stored.lead.answers or stored.state in (LeadState.TEST, LeadState.DUPLICATE):
        return samples.Planned(stored.lead, stored.state, stored.lead.reason, None)
    became = fate(stored.lead, live)
    return samples.Planned(stored.lead, became.state, became.reason, became.plan)


def _event(context: Context, what: str) -> Event:
    if "/" in what or "." in what:
        raise GatewayError(f"There is no file {what}; name a sample's file, or a stored event like e12.")
    _kind, number = read_id(what, "e")
    with context.ledger.read() as connection:
        found = events.load(connection, [number])
    if not found:
        raise GatewayError(f"There is no event {what} in the ledger.")
    return found[0]


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


COMMANDS = (check, test_command, explain, filters)
