"""`gateway move`: carries a SQLite ledger over to PostgreSQL."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
