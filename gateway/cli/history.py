"""`gateway history` and `gateway restore`: every text of a mapping that was ever live."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
