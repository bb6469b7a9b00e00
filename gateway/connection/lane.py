"""A way to one address that is called again and again: what all its calls have in common is made once."""

from __future__ import annotations

from urllib.parse import urlsplit

from requests import PreparedRequest

from gateway.connection.answer import Answered
from gateway.connection.call import current
from gateway.connection.pools import Pool


class Lane:
    """Posts bodies to one address, with no work per call but the call: `requests` made the rest ready once."""

    def __init__(self, request: PreparedRequest, pool: Pool) -> None:
        """`request`: a POST to the address; its body does not matter. `pool`: connections straight to the host."""
        self.host = urlsplit(request.url or "").hostname or ""
        self._pool = pool
        self._head = _head(request)

    def post(self, body: bytes) -> Answered:
        """One call; raises CallFailed, and what sockets and parsers raise."""
        current().host = self.host
        length = str(len(body)).encode()
        return self._pool.exchange("POST", b"".join((self._head, length, b"\r\n\r\n", body)))


def _head(request: PreparedRequest) -> bytes:
    """All that stands before the length of the body; `requests` has quoted the address and checked the headers."""
    host = urlsplit(request.url or "").netloc.rpartition("@")[2]
    headers = {"Host": host, "Accept-Encoding": "identity", **request.headers}
    headers.pop("Content-Length", None)
    lines = (f"{name}: {text}\r\n" for name, text in headers.items())
    return f"POST {request.path_url} HTTP/1.1\r\n{''.join(lines)}Content-Length: ".encode("ascii")
