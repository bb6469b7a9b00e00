"""The one way out: no redirects, a total deadline, and a sure word on whether anything left."""

from __future__ import annotations

import http.client
import ipaddress
import os
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache, cached_property, partial
from pathlib import Path
from ssl import SSLContext
from typing import Any, cast
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, select_proxy
from urllib3.exceptions import HTTPError
from urllib3.util.ssl_ import create_urllib3_context

from gateway import crash
from gateway.connection.answer import MAX_ANSWER, Answered, lowered, too_long
from gateway.connection.call import Call, CallFailed, Guard, calls, current
from gateway.connection.lane import Lane
from gateway.connection.pools import Pool, TlsPool
from gateway.connection.reach import addresses_of, check, is_public, is_this_machine
from gateway.errors import GatewayError

__all__ = ["MAX_ANSWER", "Answered", "CallFailed", "Http"]

#: Where public files are fetched from: another port is some other service.
_WEB_PORTS = (80, 443)

_BROKEN = (requests.RequestException, HTTPError, http.client.HTTPException, OSError, ValueError)


@cache
def _trusting(certificates: str) -> SSLContext:
    """TLS as `requests` has it, trusting a file or folder of certificates; read once, as that takes milliseconds."""
    context = create_urllib3_context()
    context.load_verify_locations(**{"capath" if Path(certificates).is_dir() else "cafile": certificates})
    return context


class _Adapter(HTTPAdapter):
    """The transport of `requests`, on our connections. Used without a Session: that would follow the
    target of a redirect far enough to read a body of any size, and keep cookies."""

    def __init__(self, connections: int, certificates: str) -> None:
        """`connections`: how many are kept to one host."""
        self._certificates = certificates
        super().__init__(max_retries=0, pool_maxsize=connections)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}
        return manager

    def build_connection_pool_key_attributes(self, *args: Any, **kwargs: Any) -> Any:
        """One TLS context for all connections, in place of one each."""
        host, tls = super().build_connection_pool_key_attributes(*args, **kwargs)
        shared = {"ssl_context": _trusting(self._certificates)} if host["scheme"] == "https" else {}
        return host, {**tls, **shared}

    def cert_verify(self, *args: Any, **kwargs: Any) -> None:
        """The context knows whom to trust."""

    def pool(self, request: requests.PreparedRequest) -> Pool:
        """The connections straight to the host of a request."""
        return cast("Pool", self.get_connection_with_tls_context(request, verify=True))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _certificates() -> str:
    """The file of trusted certificates that the environment names, else the usual one."""
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        path = os.environ.get(name)
        if path and not Path(path).exists():
            raise GatewayError(f"{name} names {path}, which is not there; correct it or unset it")
        if path:
            return path
    return DEFAULT_CA_BUNDLE_PATH


class Http:
    """Calls out, from any number of threads, which share the connections that are kept.

    A call has a name for tests that crash at it.
    """

    def __init__(self, *, deadline: float = 20.0, loopback_only: bool = False, connections: int = 32) -> None:
        """`deadline`: seconds for a whole call. `connections`: how many are kept to one host, at most."""
        self.deadline = deadline
        self.loopback_only = loopback_only
        self._connections = connections
        self._certificates = _certificates()
        self._proxies = getproxies()
        self._lanes: dict[str, Lane] = {}  # by address

    def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answered:
        """GET, for a look-up; raises CallFailed."""
        request = requests.Request("GET", url, params=dict(params), headers=dict(headers))
        return self._stepwise(partial(self._asked, request), "look-up")

    def post(self, url: str, *, json: bytes, name: str = "") -> Answered:
        """POST a JSON body to one of a few addresses: what calls have in common is made once and kept.

        Raises CallFailed.
        """
        return self._stepwise(partial(self._posted, url, json), name)

    def peek(self, url: str) -> Answered:
        """What a public address that a person wrote answers to a GET, its body left unread; raises CallFailed.

        Only the open internet is asked (with `loopback_only`: only this machine), and no redirect is followed.
        """
        guard = is_this_machine if self.loopback_only else is_public
        request = requests.Request("GET", url, headers={"Accept": "*/*"})
        return self._made(partial(self._peeked, request, guard), guard=guard)

    def _stepwise(self, ask: Callable[[], Answered], name: str) -> Answered:
        crash.here(f"before the {name} leaves")
        answered = self._made(ask, name)
        crash.here(f"after the {name} is answered")
        return answered

    def _made(self, ask: Callable[[], Answered], name: str = "", guard: Guard | None = None) -> Answered:
        call = Call("the address", self.deadline, guard, name)
        calls.now = call
        try:
            return ask()
        except _BROKEN as error:
            raise call.broken(error) from None

    def _posted(self, url: str, body: bytes) -> Answered:
        if lane := self._lanes.get(url):
            return lane.post(body)
        headers = {"Content-Type": "application/json"}
        request = self._prepared(requests.Request("POST", url, data=body, headers=headers))
        if select_proxy(url, self._proxies_to(current().host)):
            return _read(self._begun(request, self._adapter))
        lane = self._lanes[url] = Lane(request, self._adapter.pool(request))
        return lane.post(body)

    def _asked(self, request: requests.Request) -> Answered:
        return _read(self._begun(self._prepared(request), self._adapter))

    def _prepared(self, request: requests.Request) -> requests.PreparedRequest:
        host = current().host = urlsplit(request.url).hostname or "the address"
        if self.loopback_only and not _is_loopback(host):
            raise CallFailed(f"{host} is not this machine, and only this machine may be called", left=False)
        request.headers = {"User-Agent": "lead-gateway", "Accept": "application/json", **request.headers}
        return request.prepare()

    def _begun(self, request: requests.PreparedRequest, adapter: _Adapter) -> requests.Response:
        proxies = self._proxies_to(urlsplit(request.url or "").hostname or "")
        return adapter.send(request, stream=True, proxies=proxies)

    def _peeked(self, request: requests.Request, guard: Guard) -> Answered:
        """On a connection of its own: one that was kept from a trusted call was never held against the guard."""
        prepared = self._prepared(request)
        self._check_address(prepared.url or "", guard)
        with closing(_Adapter(1, self._certificates)) as adapter:
            response = self._begun(prepared, adapter)
            response.raw.close()
        return Answered(response.status_code, b"", lowered(response.headers.items()))

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

    @cached_property
    def _adapter(self) -> _Adapter:
        return _Adapter(self._connections, self._certificates)


def _read(response: requests.Response) -> Answered:
    """The whole answer; its connection goes back to the pool only when nothing is left in it."""
    try:
        body = response.raw.read(MAX_ANSWER + 1, decode_content=True)
    except BaseException:
        response.raw.close()
        raise
    if len(body) > MAX_ANSWER:
        response.raw.close()
        raise too_long()
    return Answered(response.status_code, body, lowered(response.headers.items()))
