"""Says what became of a message whose answer never came."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
