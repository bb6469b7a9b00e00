"""A server of files for tests, over TLS: good ones, and each kind of bad one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tls import server_side


@dataclass(frozen=True)
class File:
    """What is answered for a path; the body itself is never sent."""

    type: str = "application/pdf"
    size: int | None = 20_000
    status: int = 200
    more: Mapping[str, str] = field(default_factory=dict)


FILES = {
    "/fine.pdf": File(),
    "/private.pdf": File(status=403),
    "/moved.pdf": File(status=302, more={"Location": "/login?next=moved.pdf"}),
    "/nowhere.pdf": File(status=304),
    "/astray.pdf": File(status=302, more={"Location": "https://[red\x1b[31m"}),
    "/login.pdf": File("text/html; charset=utf-8"),
    "/trouble.pdf": File(status=503),
    "/bytes.pdf": File("application/octet-stream"),
    "/no-type.pdf": File(""),
    "/large.png": File("image/png", 6_500_000),
    "/large.mp4": File("video/mp4", 20_000_000),
    "/large.pdf": File(size=200_000_000),
    "/endless.pdf": File(size=10**400),
    "/empty.pdf": File(size=0),
    "/no-size.png": File("image/png", None),
    "/sound.mp3": File("audio/mpeg"),
}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        file = FILES.get(self.path, File(status=404))
        self.send_response(file.status)
        sizes = {} if file.size is None else {"Content-Length": str(file.size)}
        for name, value in {"Content-Type": file.type, **sizes, **file.more}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def media_server(certificate: Path) -> Iterator[int]:
    """The port where `FILES` are, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.socket = server_side(certificate).wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    serving.start()
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        serving.join()
        server.server_close()
