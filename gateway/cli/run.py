"""Commands that run something: serve, web, worker, migrate, sandbox, demo."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from gateway import app, clock, demo
from gateway.cli.common import Context, pass_context
from gateway.sandbox.server import serve as serve_sandbox

bind_option = click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port to listen on.")


@click.command()
@bind_option
@pass_context
def serve(context: Context, bind: str = "127.0.0.1:8000") -> None:
    """Run the whole gateway on this machine. That is the web processes and one worker.

    Prepares the ledger first, starts a process that died again, and ends with exit code 1 if one dies five
    times within a minute. Ctrl-C or SIGTERM ends it within 25 seconds, and nothing is lost.
    """
    sys.exit(app.serve(context.settings, bind))


@click.command()
@bind_option
@pass_context
def web(context: Context, bind: str) -> None:
    """Run only the web processes (webhooks in). Needs a `gateway worker` beside it."""
    app.run_web(context.settings, bind)


@click.command()
@pass_context
def worker(context: Context) -> None:
    """Run only the worker (reads, plans and sends). One a ledger on SQLite."""
    app.run_worker(context.settings)


@click.command()
@pass_context
def migrate(context: Context) -> None:
    """Prepare the ledger for this version. `serve` does it by itself."""
    with closing(app.open_ledger(context.settings)) as ledger:
        ledger.migrate()
        click.echo(f"The ledger is at version {ledger.version()}.")


@click.command()
@click.option("--bind", default="127.0.0.1:9000", show_default=True, help="Address and port to listen on.")
@click.option("--campaigns", type=click.Path(path_type=Path), help="YAML file of campaigns; the demo's, if left out.")
@pass_context
def sandbox(context: Context, bind: str, campaigns: Path | None) -> None:
    """Run a stand-in for AiSensy (and for Facebook's look-ups). It sends nothing.

    Point AISENSY_BASE_URL at http://127.0.0.1:9000/campaign/t1/api, then look at GET /calls.
    """
    clock.follow(context.settings.clock_file)
    serve_sandbox(bind, campaigns)


@click.command("demo")
@click.option("--once", is_flag=True, help="End after the samples; exit code 0 only if all came out as expected.")
@click.option("--samples", type=click.Path(path_type=Path), default=Path("samples"), show_default=True)
@click.option("--mappings", type=click.Path(path_type=Path), default=Path("mappings"), show_default=True)
def demo_command(samples: Path, mappings: Path, *, once: bool) -> None:
    """Watch it work, on this machine alone. Gateway and sandbox run here, every bundled sample is posted.

    Nothing leaves. Uses no key, no account, no .env and a fresh temporary folder.
    """
    sys.exit(demo.run(samples, mappings, once=once))


COMMANDS = (serve, web, worker, migrate, sandbox, demo_command)
