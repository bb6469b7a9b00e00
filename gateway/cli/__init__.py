"""The commands. Exit codes: 0 fine, 1 problems found, 2 could not run."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import IO, Any

import click
from sqlalchemy.exc import SQLAlchemyError

from gateway import __version__
from gateway.cli import (
    alerts,
    books,
    cancel,
    check,
    console,
    contracts,
    diff,
    drift,
    erase,
    explain,
    history,
    keep,
    lists,
    logs,
    mappings,
    move,
    new,
    publish,
    receipts,
    replay,
    resolve,
    run,
    schema,
    stats,
    suppress,
    why,
)
from gateway.cli.common import Context
from gateway.errors import GatewayError

HELP = """The lead gateway: from a lead form to the right WhatsApp campaign call.

Start with `gateway demo` to watch it work, `gateway check` to check your mappings, and `gateway serve`
to run it. Every command has --help.
"""


class _Sentence(click.ClickException):
    """A mistake of the person at the keyboard: its sentence, and exit code 2."""

    exit_code = 2

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.message, err=True, file=file)


class _Commands(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            raise _Sentence(str(error)) from None
        except PermissionError as error:
            raise _Sentence(f"You may not use {error.filename}; run this as the gateway's own user.") from None
        except SQLAlchemyError as error:
            raise _Sentence(f"The ledger cannot be used now ({type(error).__name__}); try again.") from None


@click.group(cls=_Commands, help=HELP, invoke_without_command=True)
@click.version_option(__version__, prog_name="gateway")
@click.option("--no-env", is_flag=True, help="Use no .env file and no setting of the environment: defaults alone.")
@click.pass_context
def gateway(context: click.Context, *, no_env: bool) -> None:
    logs.start()
    context.obj = Context(no_env=no_env)
    if context.invoked_subcommand is None:
        context.invoke(run.serve)


PARTS: tuple[ModuleType, ...] = (
    *(run, check, mappings, schema, explain, why, diff, new, keep, contracts, drift, history, lists, replay, books),
    *(cancel, resolve, alerts, receipts, suppress, erase, stats, publish, move, console),
)

for part in PARTS:
    for command in part.COMMANDS:
        gateway.add_command(command)


def main() -> None:
    """Run a command; what nobody reads any more (`| head`) is no error."""
    try:
        gateway.main()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
