"""When a person sent their form, by the form's own word."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.inbound.values import as_text

#: No form tool is older; an earlier time is no time.
EARLIEST = datetime(2010, 1, 1, tzinfo=UTC)

#: A sender's clock may be ahead of ours by this.
AHEAD = timedelta(minutes=5)

#: Digits of a moment in milliseconds since 1970; in seconds it has three fewer.
_MILLISECONDS = 13
_STAMP = re.compile(r"\d{10}|\d{13}", re.ASCII)


def moment(told: Any, received: datetime) -> datetime | None:
    """The moment that a form tells, in UTC; None where it tells none that can be right.

    >>> came = datetime(2026, 10, 5, 11, 34, tzinfo=UTC)
    >>> str(moment("2026-10-05T17:03:25+0530", came)), str(moment(1791200005, came))
    ('2026-10-05 11:33:25+00:00', '2026-10-05 11:33:25+00:00')

    A time without its zone, one before there were such forms and one that is still to come say nothing:

    >>> [moment(told, came) for told in ("2026-10-05 11:33", "1999-01-01T00:00Z", "2027-01-01T00:00Z", "soon")]
    [None, None, None, None]
    """
    found = _read(as_text(told).strip())
    return found if found and EARLIEST <= found <= received + AHEAD else None


def _read(text: str) -> datetime | None:
    try:
        if _STAMP.fullmatch(text):
            return datetime.fromtimestamp(int(text) / (1000 if len(text) == _MILLISECONDS else 1), UTC)
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None
