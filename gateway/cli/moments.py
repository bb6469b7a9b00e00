"""Times as people type them: 7d, 12h, 2026-11-01, "2026-11-01 14:00" (UTC). And spans as they read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from gateway import clock
from gateway.errors import GatewayError

_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}
_AGO = re.compile(r"([0-9]{1,5})([dhm])", re.ASCII)


def moment(text: str, option: str, *, whole_day: bool = False) -> datetime:
    """What was typed for an option, as a moment; raises GatewayError. `whole_day`: a day alone means its end."""
    if ago := _AGO.fullmatch(text):
        return clock.now() - int(ago[1]) * _UNITS[ago[2]]
    for pattern, more in (("%Y-%m-%d", timedelta(days=whole_day)), ("%Y-%m-%d %H:%M", timedelta())):
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC) + more
        except (ValueError, OverflowError):
            continue
    hint = "An hour stands behind its day: '2026-11-01 14:00' (UTC)."
    raise GatewayError(f"{option} '{text}' is no time: write 7d, 12h or a day like 2026-11-01. {hint}")


def span(seconds: float) -> str:
    """How long something took.

    >>> span(4.2), span(130), span(7380), span(0.4), span(183_600)
    ('4 s', '2 min 10 s', '2 h 3 min', '0.4 s', '2 d 3 h')
    """
    if seconds < 1:
        return f"{seconds:.1f} s"
    parts = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    left, words = round(seconds), list[str]()
    for size, unit in parts:
        count, left = divmod(left, size)
        if count or words:
            words.append(f"{count} {unit}" if count else "")
    return " ".join(filter(None, words[:2]))
