"""The one way out: no redirects, a total deadline, and a sure word on whether anything left."""

from __future__ import annotations

import http.client
import ipaddress
import os
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import requests
from requests.adapters import HTTPAdapter
from requests.utils import select_proxy
from urllib3.exceptions import HTTPError

from gateway import crash
from gateway.connection import (
    Call,
    CallFailed,
    Guard,
    Pool,
    TlsPool,
    addresses_of,
    calls,
    check,
    current,
    is_public,
    is_this_machine,
)
from gateway.errors import GatewayError

__all__ = ["Answered", "CallFailed", "Http"]

#: Bytes of an answer; no service we call says more than a few kilobytes.
MAX_ANSWER = 1_000_000

#: Where public files are fetched from: another port is some other service.
_WEB_PORTS = (80, 443)

_BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a service answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)  #: Names in lower case.


class _Adapter(HTTPAdapter):
    """The transport of `requests`, on our connections. Used without a Session: that would follow the
    target of a redirect far enough to read a body of any size, and keep cookies."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}
        return manager


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _certificates() -> str | bool:
    """The file of trusted certificates that the environment names; True for the usual ones."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        path = os.environ.get(name)
        if path and not Path(path).exists():
            raise GatewayError(f"{name} names {path}, which is not there; correct it or unset it")
        if path:
            return path
    return True


class Http:
    """Calls out, from any number of threads; each thread keeps its own connections.

    A call has a name for tests that crash at it.
    """

    def __init__(self, *, deadline: float = 20.0, loopback_only: bool = False) -> None:
        self.deadline = deadline
        self.loopback_only = loopback_only
        self._certificates = _certificates()
        self._proxies = getproxies()
        self._threads = threading.local()

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        """GET, for a look-up; raises CallFailed."""
        return self._stepwise(requests.Request("GET", url, params=dict(params), headers=dict(headers)), "look-up")

    def post(self, url: str, *, json: bytes, name: str = "") -> Answered:
        """POST a JSON body; raises CallFailed."""
        headers = {"Content-Type": "application/json"}
        return self._stepwise(requests.Request("POST", url, data=json, headers=headers), name)

    def peek(self, url: str) -> Answered:
        """What a public address that a person wrote answers to a GET, its body left unread; raises CallFailed.

        Only the open internet is asked (with `loopback_only`: only this machine), and no redirect is followed.
        """
        guard = is_this_machine if self.loopback_only else is_public
        return self._made(requests.Request("GET", url, headers={"Accept": "*/*"}), guard)

    def _stepwise(self, request: requests.Request, name: str) -> Answered:
        crash.here(f"before the {name} leaves")
        answered = self._made(request, name=name)
        crash.here(f"after the {name} is answered")
        return answered

    def _made(self, request: requests.Request, guard: Guard | None = None, name: str = "") -> Answered:
        call = Call("the address", self.deadline, guard, name)
        calls.now = call
        try:
            call.host = urlsplit(request.url).hostname or "the address"
            if self.loopback_only and not _is_loopback(call.host):
                raise CallFailed(f"{call.host} is not this machine, and only this machine may be called", left=False)
            request.headers = {"User-Agent": "lead-gateway", "Accept": "application/json", **request.headers}
            prepared = request.prepare()
            return self._peeked(prepared, guard) if guard else _read(self._begun(prepared, self._adapter()))
        except _BROKEN as error:
            raise call.broken(error) from None

    def _begun(self, request: requests.PreparedRequest, adapter: _Adapter) -> requests.Response:
        proxies = self._proxies_to(urlsplit(request.url or "").hostname or "")
        return adapter.send(request, stream=True, verify=self._certificates, proxies=proxies)

    def _peeked(self, request: requests.PreparedRequest, guard: Guard) -> Answered:
        """On a connection of its own: one that was kept from a trusted call was never held against the guard."""
        self._check_address(request.url or "", guard)
        with closing(_Adapter(max_retries=0)) as adapter:
            response = self._begun(request, adapter)
            response.raw.close()
        return Answered(response.status_code, b"", _lowered(response.headers))

    def _check_address(self, url: str, guard: Guard) -> None:
        """Raises CallFailed for odd ports; and where a proxy makes the connection, the guard looks here."""
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
        if port not in _WEB_PORTS and not self.loopback_only:
            raise CallFailed(f"port {port} of {host} is none of the web's own, 80 and 443", left=False)
        if select_proxy(url, self._proxies_to(host)):
            check(host, addresses_of(host, port), guard)
            current().guard = None  # the connection that follows is to the proxy, which is trusted

    def _proxies_to(self, host: str) -> dict[str, str]:
        direct = _is_loopback(host) or proxy_bypass(host)
        return {} if direct else self._proxies

    def _adapter(self) -> _Adapter:
        if not hasattr(self._threads, "adapter"):
            self._threads.adapter = _Adapter(max_retries=0)
        adapter: _Adapter = self._threads.adapter
        return adapter


def _read(response: requests.Response) -> Answered:
    """The whole answer; its connection goes back to the pool only when nothing is left in it."""
    try:
        body = response.raw.read(MAX_ANSWER + 1, decode_content=True)
    except BaseException:
        response.raw.close()
        raise
    if len(body) > MAX_ANSWER:
        response.raw.close()
        raise CallFailed(f"{current().host} answered more than {MAX_ANSWER:,} bytes", left=True)
    return Answered(response.status_code, body, _lowered(response.headers))


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): text for name, text in headers.items()}
