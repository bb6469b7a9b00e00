"""The one way out: no redirects, a total deadline, and a sure word on whether anything left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  #: Names in lower case.


class CallFailed(GatewayError):
    """No whole answer came. `left`: some of the request may have reached the service."""

    def __init__(self, sentence: str, *, left: bool) -> None:
        super().__init__(sentence)
        self.left = left


class Http:
    """Calls out, from any number of threads."""

    def __init__(self, *, deadline: float = 20.0, loopback_only: bool = False) -> None:
        self.deadline = deadline
        self.loopback_only = loopback_only

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        """GET; raises CallFailed."""
        raise NotImplementedError

    def post(self, url: str, *, json: bytes) -> Answered:
        """POST a JSON body; raises CallFailed."""
        raise NotImplementedError
