"""One call under way: what remains of its time, and whether any of it left.

A time limit of `requests` counts anew for every read, so a service that sends a byte a second is
never late. Here every wait on a socket gets only what remains of the call's time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from gateway.errors import GatewayError


class CallFailed(GatewayError):
    """No whole answer came. `left`: some of the request may have reached the service."""

    def __init__(self, sentence: str, *, left: bool) -> None:
        super().__init__(sentence)
        self.left = left


#: Whether a resolved address may be connected to.
Guard = Callable[[str], bool]


class Call:
    """One call under way: what remains of its time, whether any of it left, and where it may not go."""

    def __init__(self, host: str, seconds: float, guard: Guard | None = None, name: str = "") -> None:
        self.host = host
        self.name = name  # for tests that crash at it
        self.seconds = seconds
        self.guard = guard
        self.ends = time.monotonic() + seconds
        self.left = False

    def remaining(self) -> float:
        """Seconds left, never 0; raises CallFailed when there are none."""
        rest = self.ends - time.monotonic()
        if rest <= 0:
            raise self.too_late()
        return rest

    def too_late(self) -> CallFailed:
        if self.left:
            return CallFailed(f"{self.host} gave no whole answer within {self.seconds:g} s", left=True)
        return CallFailed(f"no connection to {self.host} within {self.seconds:g} s", left=False)

    def broken(self, error: Exception) -> CallFailed:
        """The words for an error that says too much: those of libraries quote whole addresses."""
        if isinstance(error, TimeoutError):
            return self.too_late()
        if self.left:
            return CallFailed(f"{self.host} broke off before its answer was whole", left=True)
        return CallFailed(f"the call to {self.host} could not be made ({type(error).__name__})", left=False)


calls = threading.local()  #: `now`: the call that this thread makes.


def current() -> Call:
    """The call that this thread makes; connections are used by one thread at a time."""
    call: Call = calls.now
    return call
