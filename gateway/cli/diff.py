"""`gateway diff`: who would get what instead, before a change goes live."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
