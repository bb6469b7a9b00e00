"""Takes a person out of the ledger."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
