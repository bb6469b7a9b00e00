"""What WhatsApp told of the messages that were sent."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
