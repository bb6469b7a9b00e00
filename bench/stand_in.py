"""A stand-in for AiSensy that costs next to nothing: it says yes to every call and remembers when each came.

    python bench/stand_in.py PORT SECONDS

SECONDS is what it takes over each answer. GET /count tells how many calls came, GET /calls the number of the lead
behind each and when the whole call was here (seconds since 1970), DELETE /calls forgets them.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time

_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)

#: The load generator writes the number of a lead into its phone number.
_NUMBER = re.compile(rb'"destination":\s*"\+?9198(\d{8})"')


class _Calls:
    def __init__(self) -> None:
        self.taken: list[tuple[int, float]] = []

    def answer(self, head: bytes, body: bytes) -> bytes:
        """What to say to one request; a question that is no call is answered like one, and not remembered."""
        if head.startswith(b"POST "):
            found = _NUMBER.search(body)
            if found:
                self.taken.append((int(found[1]), time.time()))
            return b'{"success":"true","submitted_message_id":"m-%d"}' % len(self.taken)
        if head.startswith(b"DELETE "):
            self.taken.clear()
        return json.dumps(self.taken if head.startswith(b"GET /calls") else len(self.taken)).encode()


class _Line(asyncio.Protocol):
    """One kept-alive connection."""

    def __init__(self, calls: _Calls, seconds: float) -> None:
        self.calls = calls
        self.seconds = seconds
        self.unread = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.unread += data
        while request := self._next():
            said = self.calls.answer(*request)
            if self.seconds and request[0].startswith(b"POST "):
                asyncio.get_running_loop().call_later(self.seconds, self._say, said)
            else:
                self._say(said)

    def _next(self) -> tuple[bytes, bytes] | None:
        """The head and body of a request that is here whole."""
        head, end, rest = self.unread.partition(_END)
        found = _LENGTH.search(head)
        length = int(found[1]) if found else 0
        if not end or len(rest) < length:
            return None
        self.unread = rest[length:]
        return head, rest[:length]

    def _say(self, body: bytes) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d" % len(body)
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(head + _END + body)


async def _serve(port: int, seconds: float) -> None:
    calls = _Calls()
    server = await asyncio.get_running_loop().create_server(lambda: _Line(calls, seconds), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2])))
