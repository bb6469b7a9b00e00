"""`gateway contracts`: what each campaign wants, asked, written down and listed."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
