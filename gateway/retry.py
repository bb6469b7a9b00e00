"""When a delivery is tried again: pure arithmetic."""

from __future__ import annotations

import random

#: Seconds before the second, third, … try.
SCHEDULE = (5, 30, 120, 300, 900, 1800, 3600, 7200, 14400, 28800)

#: Seconds a destination rests after answers that leave a message in doubt: each rest risks one more.
DOUBTFUL_RESTS = (120, 600, 1800, 3600)

#: A service may ask us to wait, but not for ever.
LONGEST_WAIT = 3600.0


def delay(tries: int, retry_after: float | None = None, *, jitter: float | None = None) -> float | None:
    """Seconds until the next try after `tries` failed ones; None when there is none left.

    `retry_after` may only delay. Jitter adds up to a tenth.

    >>> [delay(n, jitter=0) for n in (1, 2, 3, 10, 11)]
    [5.0, 30.0, 120.0, 28800.0, None]
    >>> delay(1, retry_after=60, jitter=0)
    60.0
    """
    if tries > len(SCHEDULE):
        return None
    spread = random.random() if jitter is None else jitter  # noqa: S311 - spreads load, guards nothing
    wait = SCHEDULE[tries - 1] * (1 + spread / 10)
    return max(wait, min(float(retry_after or 0), LONGEST_WAIT))


def rest(step: int, *, doubtful: bool) -> float:
    """Seconds a failing destination rests before the next single delivery; `step` counts from 1."""
    rests = DOUBTFUL_RESTS if doubtful else SCHEDULE[:5]
    return float(rests[min(step, len(rests)) - 1])
