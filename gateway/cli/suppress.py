"""Numbers that are never messaged."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
