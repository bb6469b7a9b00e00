"""`gateway move`: carries a SQLite ledger over to PostgreSQL."""

from __future__ import annotations

from contextlib import closing

import click
from sqlalchemy.exc import SQLAlchemyError

from gateway import clock
from gateway.cli.common import Context, pass_context, table
from gateway.cli.move.ends import is_bare, nobody_works_on, place_of, source_of, target_at
from gateway.cli.move.progress import Told
from gateway.errors import GatewayError
from gateway.store import moved, moving
from gateway.store.ledger import Ledger


@click.command()
@click.option("--to", "url", required=True, metavar="URL", help="An empty database: postgresql+psycopg://…")
@click.option("--dry-run", is_flag=True, help="Count what would be carried, and look whether the database can take it.")
@pass_context
def move(context: Context, url: str, *, dry_run: bool) -> None:
    """Carry the SQLite ledger over to PostgreSQL. Every row is compared afterwards.

    Stop the gateway first. All is carried or nothing: after an interruption, run it again. Senders who come
    meanwhile are told to come again. Afterwards the SQLite ledger is marked and takes nothing any more; set
    DATABASE_URL to the new one.

    Leave the password out of URL where others see your commands, and give it as PGPASSWORD.
    """
    source = source_of(context)
    with closing(target_at(url)) as target:
        place = place_of(target.url)
        if dry_run:
            _count(source, target, place)
        else:
            _move(source, target, place)


def _count(source: Ledger, target: Ledger, place: str) -> None:
    if not is_bare(target, place):
        with target.read() as connection:
            full = moving.filled(connection)
        if full:
            raise GatewayError(f"{place} is not empty ({full} has rows); name an empty database.")
    with source.read() as connection:
        counted = moving.count(connection)
    if any(counted.values()):
        click.echo(table([{"table": name, "rows": f"{rows:,}"} for name, rows in counted.items() if rows]))
    click.echo(f"{sum(counted.values()):,} rows would be carried to {place}; nothing was written.")


def _move(source: Ledger, target: Ledger, place: str) -> None:
    with nobody_works_on(source):
        if is_bare(target, place):
            target.migrate()
        rows = _carry(source, target, place)
    click.echo(f"{rows:,} rows are in {place}, and each was compared with the one here.")
    click.echo(f"Set DATABASE_URL to that database, then start the gateway. {source.file} takes nothing any more.")


def _carry(source: Ledger, target: Ledger, place: str) -> int:
    """Carry all rows in one transaction, and mark what stays behind; their number."""
    lost: tuple[type[Exception], ...] = (SQLAlchemyError, target.engine.dialect.loaded_dbapi.Error)
    with source.write("move") as old, Told(sum(moving.count(old).values())) as told:
        try:
            with target.write("arrival") as new:
                moving.take_over(old, new, told)
        except GatewayError as error:
            raise GatewayError(f"Nothing was moved to {place}: {error}.") from None
        except lost as error:
            reason = str(error).partition("\n")[0]
            raise GatewayError(f"Nothing was moved to {place} ({reason}); start again.") from None
        moved.mark(old, place, clock.now())
    return told.total


COMMANDS: tuple[click.Command, ...] = (move,)
