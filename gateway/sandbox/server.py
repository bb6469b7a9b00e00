"""The sandbox as a real server: kept lines, lines that are cut, no log."""

from __future__ import annotations

import io
import os
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import click
from flask import Flask
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from gateway.errors import GatewayError
from gateway.sandbox.app import LINE, create_app
from gateway.sandbox.campaigns import Campaign, load_campaigns

MAX_PORT = 65_535


class _Line(WSGIRequestHandler):
    """One connection. Werkzeug's own handler closes it after every answer; AiSensy's would not."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # an answer leaves in one piece

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self._body(environ))
        wishes: dict[str, bool] = {}
        environ[LINE] = wishes
        answer = Response.from_app(self.server.app, environ, buffered=True)
        self.close_connection = self.close_connection or bool(wishes)
        if wishes.get("close"):
            self._hold_back()
        if not wishes.get("cut"):
            self._write(answer)
        if wishes:
            with suppress(OSError):  # the other end may have gone already
                self.connection.shutdown(socket.SHUT_WR)

    def _hold_back(self) -> None:
        """Let the answer and the closing leave in one packet, so that no next call comes in between."""
        if hasattr(socket, "TCP_CORK"):  # Linux alone has it
            self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_CORK, 1)

    def _body(self, environ: Mapping[str, Any]) -> bytes:
        """All of it, so that the next request on this line starts where this one ends."""
        length = self.headers.get("Content-Length", "0")
        chunked = bool(environ.get("wsgi.input_terminated"))
        body: bytes = environ["wsgi.input"].read(-1 if chunked else int(length))
        return body

    def _write(self, answer: Response) -> None:
        body = answer.get_data()
        self.send_response(answer.status_code)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's own signature
        """Nothing: GET /seen and GET /calls say what came."""


class _Server(ThreadedWSGIServer):
    """A thread a line, and a list of lines, so that all end when the sandbox does."""

    daemon_threads = True

    def __init__(self, listening: socket.socket, app: Flask) -> None:
        host, port = listening.getsockname()[:2]
        self._lines: set[Any] = set()
        self._lock = threading.Lock()
        super().__init__(host, port, app, handler=_Line, fd=listening.fileno())

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._lock:
            self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._lock:
            self._lines.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        with self._lock:
            for line in self._lines:
                with suppress(OSError):  # it may have closed by itself just now
                    line.shutdown(socket.SHUT_RDWR)


class Sandbox:
    """A running sandbox: `with Sandbox() as box:` serves at `box.url` until the block ends.

    `bind` is HOST:PORT, port 0 for any free one; `campaigns` the known ones, the bundled ones unless
    given; `graph_secret` the app secret that look-ups must prove, "" for none. Raises GatewayError
    when the address cannot be had.
    """

    def __init__(
        self,
        bind: str = "127.0.0.1:0",
        campaigns: Mapping[str, Campaign] | None = None,
        graph_secret: str = "",
    ) -> None:
        app = create_app(load_campaigns() if campaigns is None else campaigns, graph_secret)
        self._state = app.extensions["sandbox"]
        with _listening(bind) as listening:
            self._server = _Server(listening, app)
        self.port = self._server.port
        host = bind.rpartition(":")[0]
        self.url = f"http://{host}:{self.port}"

    def serve(self) -> None:
        """Serve until `close` or Ctrl-C."""
        self._server.serve_forever(poll_interval=0.02)

    def close(self) -> None:
        """Stop at once: what hangs lets go, what is open is cut."""
        self._state.closing.set()
        self._server.shutdown()
        self._server.hang_up()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve, name="sandbox", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _listening(bind: str) -> socket.socket:
    host, _, port = bind.rpartition(":")
    if not host or not port.isdecimal() or int(port) > MAX_PORT:
        raise GatewayError(f"'{bind}' is no address; write it like 127.0.0.1:9000")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), int(port)), family=family, backlog=128)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise GatewayError(f"The sandbox cannot have {bind}: {reason}; try another port") from None


def serve(bind: str, campaigns_file: Path | None = None, graph_secret: str = "") -> None:
    """Run a sandbox until Ctrl-C, saying first what it is. Raises GatewayError when it cannot start."""
    box = Sandbox(bind, load_campaigns(campaigns_file), graph_secret)
    click.echo(greeting(box.url))
    box.serve()


def greeting(url: str) -> str:
    """What a person reads at the start."""
    return f"""The sandbox stands in for AiSensy at {url}. It sends nothing: no WhatsApp message leaves it.

See the calls that it has accepted:   curl {url}/calls
Let it fail twice:                    curl {url}/faults -d '{{"status": 503, "times": 2}}'
Mend it again:                        curl -X DELETE {url}/faults

Ctrl-C ends it."""
