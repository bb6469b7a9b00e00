"""`gateway why`: all that is known of one person, and why nothing was sent."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
