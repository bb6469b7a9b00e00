"""Connections and pools of them, for `requests` and for lanes: all keep the deadline of the call that is under way."""

from __future__ import annotations

import http.client
import io
import socket
import time
from http import HTTPStatus
from typing import Any, cast

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gateway import crash
from gateway.connection.answer import Answered, read
from gateway.connection.call import CallFailed, current
from gateway.connection.reach import cause, connected

#: Seconds after which a kept connection is not trusted: its other end may be closing it just now.
MAX_IDLE = 3.0

#: So many provisional answers (Continue, Processing, Early Hints) may come before the real one.
MAX_PROVISIONAL = 20

_PIECE = 16_384


class _TimedReader(io.RawIOBase):
    """Reads a socket, each time with what remains of the call's time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket) -> None:
        self._raw = raw
        self._sock = sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(current().remaining())
        try:
            return self._raw.readinto(buffer)
        except TimeoutError:
            raise current().too_late() from None

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        raw: Any = self.fp.detach()
        self.fp = io.BufferedReader(_TimedReader(raw, sock))

    def begin(self) -> None:
        """Read up to the real answer; `http.client` takes all but a Continue for one, and the next call would get what
        follows. Raises HTTPException when there is none: we never ask for another protocol."""
        super().begin()
        for _ in range(MAX_PROVISIONAL):
            if self.status >= HTTPStatus.OK or self.status == HTTPStatus.SWITCHING_PROTOCOLS:
                break
            self.headers = None  # type: ignore[assignment]  # else it does not begin again
            super().begin()
        if self.status < HTTPStatus.OK:
            raise http.client.HTTPException(f"no answer but {self.status}")


class _Connection(HTTPConnection):
    """A connection that keeps the call's deadline and notes when something leaves."""

    response_class = _TimedResponse
    _used = 0.0

    @property
    def is_connected(self) -> bool:
        return not self.is_stale() and super().is_connected

    def is_stale(self) -> bool:
        """Whether it was idle for too long."""
        return time.monotonic() - self._used >= MAX_IDLE

    def _new_conn(self) -> socket.socket:
        return connected(self.host, self.port)

    def _tunnel(self) -> None:
        super()._tunnel()
        self.sock.settimeout(current().remaining())  # for the TLS handshake that follows

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError:
            raise current().too_late() from None
        except (OSError, HTTPError, http.client.HTTPException) as error:
            raise CallFailed(f"no connection to {current().host}: {cause(error)}", left=False) from None

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        self._leaves()
        super().endheaders(*args, **kwargs)

    def _leaves(self) -> None:
        if self.sock is None:
            self.connect()
        self._used = time.monotonic()
        current().left = True

    def getresponse(self) -> Any:
        crash.here(f"while the {current().name} is out")
        return super().getresponse()

    def send(self, data: Any) -> None:
        for start in range(0, len(data), _PIECE):
            self.sock.settimeout(current().remaining())
            super().send(data[start : start + _PIECE])

    def exchange(self, method: str, request: bytes) -> Answered:
        """Send a request that is ready, head and body, and read its answer; whatever goes wrong ends the connection."""
        try:
            self._leaves()
            self.send(request)
            crash.here(f"while the {current().name} is out")
            with self.response_class(self.sock, method=method) as response:
                response.begin()
                answered = read(response)
        except BaseException:
            self.close()
            raise
        if response.will_close:
            self.close()
        self._used = time.monotonic()
        return answered


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _Lending(HTTPConnectionPool):
    """Connections to one host for any number of threads; the one that was used last is the next to be used."""

    _next_look = 0.0

    def exchange(self, method: str, request: bytes) -> Answered:
        """One request that is ready, and its answer; raises CallFailed, and what sockets and parsers raise."""
        connection = cast("_Connection", self._get_conn())
        try:
            return connection.exchange(method, request)
        finally:
            self._put_conn(connection)
            self._close_stale()

    def _close_stale(self) -> None:
        """Close what fewer calls at a time than before leave over, so that nothing waits half closed."""
        if self.pool is None or time.monotonic() < self._next_look:
            return
        self._next_look = time.monotonic() + MAX_IDLE
        with self.pool.mutex:
            for connection in self.pool.queue:
                if connection and connection.is_stale():
                    connection.close()


class Pool(_Lending):
    ConnectionCls = _Connection


class TlsPool(_Lending, HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
