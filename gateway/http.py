"""The one way out: no redirects, a total deadline, and a sure word on whether anything left."""

from __future__ import annotations

import http.client
import ipaddress
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from gateway.connection import Call, CallFailed, Pool, TlsPool, calls, current
from gateway.errors import GatewayError

__all__ = ["Answered", "CallFailed", "Http"]

#: Bytes of an answer; no service we call says more than a few kilobytes.
MAX_ANSWER = 1_000_000

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
    """Calls out, from any number of threads; each thread keeps its own connections."""

    def __init__(self, *, deadline: float = 20.0, loopback_only: bool = False) -> None:
        self.deadline = deadline
        self.loopback_only = loopback_only
        self._certificates = _certificates()
        self._proxies = getproxies()
        self._threads = threading.local()

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        """GET; raises CallFailed."""
        return self._send(requests.Request("GET", url, params=dict(params), headers=dict(headers)))

    def post(self, url: str, *, json: bytes) -> Answered:
        """POST a JSON body; raises CallFailed."""
        return self._send(requests.Request("POST", url, data=json, headers={"Content-Type": "application/json"}))

    def _send(self, request: requests.Request) -> Answered:
        call = Call("the address", self.deadline)
        calls.now = call
        try:
            call.host = urlsplit(request.url).hostname or "the address"
            if self.loopback_only and not _is_loopback(call.host):
                raise CallFailed(f"{call.host} is not this machine, and only this machine may be called", left=False)
            return _read(self._begun(request, call.host))
        except _BROKEN as error:
            raise call.broken(error) from None

    def _begun(self, request: requests.Request, host: str) -> requests.Response:
        request.headers = {"User-Agent": "lead-gateway", "Accept": "application/json", **request.headers}
        return self._adapter().send(
            request.prepare(), stream=True, verify=self._certificates, proxies=self._proxies_to(host)
        )

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
    return Answered(response.status_code, body, {name.lower(): text for name, text in response.headers.items()})
