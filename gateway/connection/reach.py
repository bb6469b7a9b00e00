"""From a host's name to a connected socket, within the call's time and past its guard."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from queue import Empty, SimpleQueue
from typing import Any

from gateway.connection.call import CallFailed, Guard, current


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


def connected(host: str, port: int) -> socket.socket:
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
    raise CallFailed(f"no connection to {host}: {cause(trouble)}", left=False)


def cause(error: Exception | None) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"no safe connection (TLS) could be agreed ({error.reason})"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return str(error) or type(error).__name__
