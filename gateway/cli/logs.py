"""The log: plain lines on stderr, in which no phone number and no token can be read."""

from __future__ import annotations

import logging
import re
import sys

#: Numbers of a person's or a page's length, and tokens in URLs.
_PRIVATE = re.compile(r"(?P<digits>\d{3})\d{5,}(?!\d)|(?P<name>token=)[^&\s]+", re.IGNORECASE)


class Discreet(logging.Formatter):
    """Hides long numbers and tokens, wherever in a line they come from, a library's traceback included."""

    def format(self, record: logging.LogRecord) -> str:
        return _PRIVATE.sub(_hide, super().format(record))


def _hide(found: re.Match[str]) -> str:
    return f"{found['digits']}•••" if found["digits"] else f"{found['name']}•••"


def start() -> None:
    """Log to stderr."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("alembic").setLevel(logging.WARNING)
