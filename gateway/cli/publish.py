"""`gateway publish`: makes the mappings of a folder live where no process follows the folder."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
