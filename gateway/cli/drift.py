"""`gateway drift`: what changed in the forms themselves."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
