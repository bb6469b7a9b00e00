"""Where the sandbox posts its receipts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.errors import GatewayError
from gateway.settings import is_loopback


@dataclass(frozen=True, slots=True)
class Hook:
    """Where receipts go, and how they are signed."""

    url: str  #: Of a gateway, with ?token= where there is no secret.
    secret: str = ""
    automatic: bool = False  #: Each call that is taken is told to be sent, delivered and read.


def read_hook(given: Any) -> Hook:
    """Raises GatewayError."""
    known = {"url": str, "secret": str, "automatic": bool}
    if not isinstance(given, dict) or not all(isinstance(given[name], known.get(name, ())) for name in given):
        raise GatewayError('Give {"url": "http://127.0.0.1:8000/hooks/aisensy", "secret": "…", "automatic": true}')
    if not is_loopback(given.get("url", "")):
        raise GatewayError("The url must be on this machine: receipts of the sandbox go nowhere else")
    return Hook(**given)
