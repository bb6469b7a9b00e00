"""`gateway keep`: a stored lead becomes a sample, its people replaced."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
