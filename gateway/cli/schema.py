"""`gateway schema`: what editors know of mapping files."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
