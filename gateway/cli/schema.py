"""`gateway schema`: what editors know of mapping files."""

from __future__ import annotations

import click

from gateway.cli.common import Context, pass_context
from gateway.errors import GatewayError
from gateway.mapping.reader.jsonschema import FILE, MODELINE, as_text


@click.command()
@click.option("--write", is_flag=True, help=f"Write it as {FILE} into the folder of the mappings.")
@pass_context
def schema(context: Context, *, write: bool) -> None:
    """Print the schema by which editors help with mappings.

    A mapping names it in its first line.
    """
    if not write:
        click.echo(as_text(), nl=False)
        return
    if not context.mappings.is_dir():
        raise GatewayError(f"There is no folder {context.mappings}; set GATEWAY_MAPPINGS to the one of your mappings.")
    path = context.mappings / FILE
    path.write_text(as_text(), encoding="utf-8")
    click.echo(f"{path} is written; mappings name it in their first line: {MODELINE}")


COMMANDS: tuple[click.Command, ...] = (schema,)
