"""Connections that keep a call's total deadline and know whether any of the call left.

A time limit of `requests` counts anew for every read, so a service that sends a byte a second is
never late. Here every wait on a socket gets only what remains of the call's time.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from gateway import crash
from gateway.errors import GatewayError

#: Seconds after which a kept connection is not trusted: its other end may be closing it just now.
MAX_IDLE = 3.0

_PIECE = 16_384


class CallFailed(GatewayError):
    """No whole answer came. `left`: some of the request may have reached the service."""

    def __init__(self, sentence: str, *, left: bool) -> None:
        super().__init__(sentence)
        self.left = left


#: Whether a resolved address may be connected to.
Guard = Callable[[str], bool]


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, and no other is hidden in it.

    >>> is_public("93.184.215.14"), is_public("100.64.0.1"), is_public("::ffff:93.184.215.14")
    (True, False, False)
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped or ip.sixtofour or ip.teredo or ip.is_site_local):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved)


def is_this_machine(address: str) -> bool:
    return ipaddress.ip_address(address).is_loopback


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
    """The call that this thread makes; connections are used by one thread each."""
    call: Call = calls.now
    return call


def addresses_of(host: str, port: int) -> list[Any]:
    """All addresses of a host. Names are looked up aside, because a look-up takes no time limit."""
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except OSError:
        pass
    found: SimpleQueue[list[Any]] = SimpleQueue()
    try:
        threading.Thread(target=_look_up, args=(host, port, found), daemon=True).start()
    except RuntimeError:
        raise CallFailed(f"the name {host} cannot be looked up: this machine is out of threads", left=False) from None
    try:
        addresses = found.get(timeout=current().remaining())
    except Empty:
        raise current().too_late() from None
    if not addresses:
        raise CallFailed(f"the name {host} cannot be found (DNS)", left=False)
    return addresses


def check(host: str, addresses: list[Any], guard: Guard) -> None:
    """Raises CallFailed when any of a host's resolved addresses may not be connected to."""
    for *_, address in addresses:
        if not guard(address[0]):
            raise CallFailed(f"{host} is at {address[0]}, which is no public address", left=False)


def _look_up(host: str, port: int, found: SimpleQueue[list[Any]]) -> None:
    try:
        found.put(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except (OSError, UnicodeError):
        found.put([])


def _connected(host: str, port: int) -> socket.socket:
    """A socket to the first address that answers; each gets its share of the time."""
    addresses = addresses_of(host, port)
    if guard := current().guard:
        check(host, addresses, guard)
    trouble: OSError | None = None
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(current().remaining() / (len(addresses) - index))
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.settimeout(current().remaining())
        except OSError as error:
            sock.close()
            trouble = error
        except CallFailed:
            sock.close()
            raise
        else:
            return sock
    if isinstance(trouble, TimeoutError):
        raise current().too_late() from None
    raise CallFailed(f"no connection to {host}: {_cause(trouble)}", left=False)


def _cause(error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"no safe connection (TLS) could be agreed ({error.reason})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__


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


class _Connection(HTTPConnection):
    """A connection that keeps the call's deadline and notes when something leaves."""

    response_class = _TimedResponse
    _used = 0.0

    @property
    def is_connected(self) -> bool:
        return super().is_connected and time.monotonic() - self._used < MAX_IDLE

    def _new_conn(self) -> socket.socket:
        return _connected(self.host, self.port)

    def _tunnel(self) -> None:
        super()._tunnel()
        self.sock.settimeout(current().remaining())  # for the TLS handshake that follows

    def connect(self) -> None:
        try:
            super().connect()
        except TimeoutError:
            raise current().too_late() from None
        except (OSError, HTTPError, http.client.HTTPException) as error:
            raise CallFailed(f"no connection to {current().host}: {_cause(error)}", left=False) from None

    def endheaders(self, *args: Any, **kwargs: Any) -> None:
        if self.sock is None:
            self.connect()
        self._used = time.monotonic()
        current().left = True
        super().endheaders(*args, **kwargs)

    def getresponse(self) -> Any:
        crash.here(f"while the {current().name} is out")
        return super().getresponse()

    def send(self, data: Any) -> None:
        for start in range(0, len(data), _PIECE):
            self.sock.settimeout(current().remaining())
            super().send(data[start : start + _PIECE])


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection
