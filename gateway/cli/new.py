"""`gateway new`: a first mapping, written from the leads that a form sent already."""

from __future__ import annotations

import click

COMMANDS: tuple[click.Command, ...] = ()
