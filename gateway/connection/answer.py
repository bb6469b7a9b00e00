"""What a service answered: read whole, within bounds."""

from __future__ import annotations

import http.client
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from urllib3 import HTTPResponse

from gateway.connection.call import CallFailed, current

#: Bytes of an answer; no service we call says more than a few kilobytes.
MAX_ANSWER = 1_000_000


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  #: Names in lower case.


def read(response: http.client.HTTPResponse) -> Answered:
    """The whole answer, unpacked. Raises CallFailed when it is too long, and what sockets and unpackers raise."""
    headers = lowered(response.getheaders())
    body = _body(response)
    if len(body) <= MAX_ANSWER and "content-encoding" in headers:
        packed = HTTPResponse(
            io.BytesIO(body), {"content-encoding": headers["content-encoding"]}, preload_content=False
        )
        body = packed.read(MAX_ANSWER + 1, decode_content=True)
    if len(body) > MAX_ANSWER:
        raise too_long()
    return Answered(response.status, body, headers)


def _body(response: http.client.HTTPResponse) -> bytes:
    """All of it, or one byte too many. Of a known length all is asked for: only then an early end is an error."""
    if response.length is None or response.length > MAX_ANSWER:
        return response.read(MAX_ANSWER + 1)
    return response.read()


def too_long() -> CallFailed:
    return CallFailed(f"{current().host} answered more than {MAX_ANSWER:,} bytes", left=True)


def lowered(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Headers by their names in lower case; of those that came more than once, all texts.

    >>> lowered([("Vary", "Origin"), ("ETag", "1"), ("vary", "Accept")])
    {'vary': 'Origin, Accept', 'etag': '1'}
    """
    found: dict[str, str] = {}
    for name, text in headers:
        low = name.lower()
        found[low] = f"{found[low]}, {text}" if low in found else text
    return found
