"""How long it takes from the form to the message."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
