"""What was wrong with sending, since when, and until when."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
