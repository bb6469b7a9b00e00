"""`gateway console`: the way into the console for whoever holds the server."""

from __future__ import annotations

import click

from gateway import clock
from gateway.cli.common import Context, lines, pass_context
from gateway.console.entrance import names, passwords
from gateway.console.entrance.doorman import ADMIN
from gateway.errors import GatewayError
from gateway.store.console import acts, invitations, members
from gateway.store.console.acts import Act
from gateway.store.console.invitations import Invitation
from gateway.store.console.members import Role


@click.group("console")
def console() -> None:
    """Let people into the console, the pages under /console/."""


@console.command()
@click.option("--name", default="", help="Whom it is for; their password, if they have one, ends when it is used.")
@click.option("--look", is_flag=True, help="It lets somebody look, and change nothing.")
@pass_context
def code(context: Context, name: str, *, look: bool) -> None:
    """Show a new one-time code, good for an hour, by which a person sets a password."""
    with context.ledger.write("console code", door=True) as connection:
        known = members.of(connection, name) if name else None
        role = known.role if known and not look else Role.LOOK if look else Role.CHANGE
        called = known.name if known else " ".join(name.split())
        if says := called and names.fault(called, context.settings):
            raise GatewayError(says)
        made = invitations.make(connection, Invitation(called, role), clock.now())
        did = f"made a one-time code for {called or 'somebody new'}, who may then {role.may}"
        acts.note(connection, Act(acts.SERVER, "", did), clock.now())
    lines([made, f"Type it at /console/welcome within an hour, {_who(called)} may then {role.may}."])


def _who(name: str) -> str:
    return f"as {name}, who" if name else "with any name that is free; whoever does"


@console.command("hash")
@click.password_option(help="Asked for, where it is not given.")
def hash_command(password: str) -> None:
    """Make a hash of a password, for the setting GATEWAY_CONSOLE_PASSWORD_HASH."""
    if says := passwords.fault(password, ADMIN):
        raise GatewayError(says)
    click.echo(passwords.hashed(password))


COMMANDS = (console,)
