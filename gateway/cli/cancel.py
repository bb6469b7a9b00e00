"""Takes messages back before they leave."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
